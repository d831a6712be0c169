"""What stands in the middle of the chat page: the empty state, or the transcript, which is made when it is needed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.ui.chat.empty import EmptyChatView
from app.ui.later import Later
from app.ui.tab_order import put_after
from app.ui.theme import Appearance

if TYPE_CHECKING:
    from app.ui.transcript.view import TranscriptView


class ConversationStack(QStackedWidget):
    """`on_made` is given the transcript once, to connect what is pressed in it."""

    zoom_changed = Signal(float)

    def __init__(
        self, appearance: Appearance, on_made: "Callable[[TranscriptView], None]", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._on_made = on_made
        self._zoom = 1.0
        self.empty = EmptyChatView(appearance, self)
        self.transcript: Later[TranscriptView] = Later(self._make_transcript)
        self.addWidget(self.empty)

    @property
    def is_empty(self) -> bool:
        """Whether the empty state is shown."""
        return self.currentWidget() is self.empty

    def show_empty(self) -> None:
        """Show the empty state."""
        self.setCurrentWidget(self.empty)

    def show_transcript(self) -> None:
        """Show the messages."""
        self.setCurrentWidget(self.transcript.get())

    def set_zoom(self, zoom: float) -> None:
        """Show messages in another size; 1 is the design's own."""
        self._zoom = zoom
        if (transcript := self.transcript.made) is not None:
            transcript.set_zoom(zoom)

    def _make_transcript(self) -> "TranscriptView":
        from app.ui.transcript.view import TranscriptView

        transcript = TranscriptView(self._appearance, self)
        transcript.set_zoom(self._zoom)
        self.addWidget(transcript)
        put_after(transcript, self.empty)
        transcript.zoom_changed.connect(self._on_zoom_changed)
        self._on_made(transcript)
        return transcript

    def _on_zoom_changed(self, zoom: float) -> None:
        self._zoom = zoom
        self.zoom_changed.emit(zoom)
