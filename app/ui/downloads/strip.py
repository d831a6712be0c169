"""How far a download has come, in two lines: words and figures above a bar, and a sentence where it cannot go on."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.download import DownloadProgress, DownloadState
from app.ui.downloads.bar import DownloadBar
from app.ui.downloads.words import called, done_words, fraction, status_words
from app.ui.elided_label import ElidedLabel
from app.ui.labels import text_label
from app.ui.theme import Appearance

_BAR_HEIGHT = 8
_ASKING = "Asking the hub"


class DownloadStrip(QWidget):
    """The same on a model's card, in a precision's row and on the page of downloads."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ElidedLabel(self)
        self.words.setProperty("kind", "tiny")
        self.figures = text_label("", "count", self)
        self.bar = DownloadBar(appearance, _BAR_HEIGHT, self)
        self.sentence = text_label("", "small", self, wraps=True)
        self.sentence.hide()
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self.words)
        line.addStretch()
        line.addWidget(self.figures)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addStretch()
        column.addLayout(line)
        column.addWidget(self.bar)
        column.addWidget(self.sentence)
        column.addStretch()

    def show_progress(self, progress: DownloadProgress) -> None:
        """Show how far it has come."""
        download = progress.download
        words, figures = status_words(progress), done_words(download)
        self.words.show_text(words)
        self.figures.setText(figures)
        self.bar.show_fraction(fraction(download), download.state)
        self.bar.setAccessibleName(f"{called(download)}: {words}, {figures}")
        self.bar.setVisible(download.state is not DownloadState.DONE)
        self._show_sentence(download.sentence, download.state)

    def show_asking(self, name: str) -> None:
        """Show that the hub is being asked what the file consists of."""
        self.words.show_text(_ASKING)
        self.figures.setText("")
        self.bar.show_fraction(0.0, DownloadState.WAITING)
        self.bar.setAccessibleName(f"{name}: {_ASKING}")
        self.bar.show()
        self._show_sentence("", DownloadState.WAITING)

    def _show_sentence(self, sentence: str, state: DownloadState) -> None:
        shown = sentence if state is not DownloadState.DONE else ""
        kind = "problem-small" if state is DownloadState.FAILED else "warning"
        if self.sentence.property("kind") != kind:
            self.sentence.setProperty("kind", kind)
            self.sentence.style().polish(self.sentence)
        self.sentence.setText(shown)
        self.sentence.setVisible(bool(shown))
