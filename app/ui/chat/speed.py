"""The strip above the composer while an answer is under way: how far reading has come, then how fast writing goes."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.core.generation import PromptProgress
from app.core.wording import counted
from app.ui.chat.live_reply import LiveReply
from app.ui.chat.reading_bar import ReadingBar
from app.ui.chat.sparkline import SparklineView
from app.ui.chat.speed_samples import SpeedSamples
from app.ui.elided_label import ElidedLabel
from app.ui.labels import text_label
from app.ui.theme import Appearance

HEIGHT = 23
_NOT_BEGUN = "Reading the prompt…"


class SpeedStrip(QWidget):
    """Keeps its height when it is empty, so that nothing moves when an answer begins or ends."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.sparkline = SparklineView(appearance, self)
        self._rate = text_label("", "rate", self)
        self._count = text_label("", "count", self)
        self.reading_bar = ReadingBar(appearance, self)
        self._reading = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self._reading.setProperty("kind", "tiny")
        self._escape = text_label("Esc to stop", "tiny", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 7)
        row.setSpacing(10)
        for widget in (self.sparkline, self._rate, self._count, self.reading_bar, self._reading):
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(self._escape)
        self.show_nothing()

    @property
    def is_writing(self) -> bool:
        """Whether the strip counts an answer's tokens."""
        return not self._count.isHidden()

    @property
    def words(self) -> str:
        """What the strip says, from left to right."""
        parts = (self._rate, self._count, self._reading, self._escape)
        return "  ".join(part.text() for part in parts if not part.isHidden())

    def show_live(self, live: LiveReply | None, waiting: str) -> None:
        """Show how far a reply has come; `waiting` says what it waits for before it is sent."""
        if live is None:
            self.show_nothing()
        elif not live.is_saved or (waiting and live.continued is not None and live.answer is None):
            self.show_waiting(waiting)
        elif live.is_writing:
            self.show_writing(live.samples, live.progress)
        elif live.is_summarising:
            self.show_waiting("Summarising the oldest messages…")
        else:
            self.show_reading(live.progress)

    def show_nothing(self) -> None:
        """No answer is under way here."""
        self.sparkline.show_values(())  # else the next answer would begin with this one's line
        for widget in (self.sparkline, self._rate, self._count, self.reading_bar, self._reading, self._escape):
            widget.hide()

    def show_waiting(self, words: str) -> None:
        """The message waits to be sent."""
        self.show_nothing()
        self._show(self._reading, words)
        self._escape.show()

    def show_reading(self, progress: PromptProgress | None) -> None:
        """The prompt is being read, as far as `progress` says."""
        self.show_nothing()
        words = f"Reading {progress.evaluated:,} of {counted(progress.total, 'token')}" if progress else _NOT_BEGUN
        self._show(self._reading, words)
        self.reading_bar.show_progress(progress)
        for widget in (self.reading_bar, self._escape):
            widget.show()

    def show_writing(self, samples: SpeedSamples, progress: PromptProgress | None) -> None:
        """The answer is being written, as fast as `samples` say."""
        rate = samples.tokens_per_second
        self.reading_bar.hide()
        self._rate.setText(f"{rate:.1f} tok/s")
        self._count.setText(counted(samples.completion_tokens, "token"))
        self._reading.show_text(f"· {_read_in_words(progress)}" if progress else "")
        self.sparkline.show_values(samples.rates)
        self._rate.setVisible(rate > 0)
        self._reading.setVisible(progress is not None)
        for widget in (self.sparkline, self._count, self._escape):
            widget.show()

    def _show(self, label: QLabel, words: str) -> None:
        label.setText(words)
        label.show()


def _read_in_words(progress: PromptProgress) -> str:
    """For example "4 new prompt tokens read, 6,130 reused"."""
    reused = f", {progress.reused:,} reused" if progress.reused else ""
    return f"{counted(progress.total, 'new prompt token')} read{reused}"
