"""A text that is folded behind its heading until it is opened: what a model thought, or a summary."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from app.ui.tokens import Tokens
from app.ui.transcript.document import plain_document
from app.ui.transcript.streaming_view import StreamingTextView
from app.ui.transcript.text_view import MessageTextView

_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FoldButton(QToolButton):
    """The heading; Space, Enter or a click opens and folds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("FoldButton")
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER_KEYS:
            self.click()
        else:
            super().keyPressEvent(event)


class FoldedText(QFrame):
    """The text is laid out only while it is open; it may be written on meanwhile."""

    def __init__(self, heading: str, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("FoldedText")
        self._tokens = tokens
        self._heading = ""
        self._text = ""
        self._is_growing = False
        self._view: StreamingTextView | MessageTextView | None = None
        self.button = FoldButton(self)
        self.button.toggled.connect(self._on_toggled)
        self._inside = QVBoxLayout()
        self._inside.setContentsMargins(11, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(4)
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._inside)
        self.show_heading(heading)

    @property
    def heading(self) -> str:
        """The heading without its arrow."""
        return self._heading

    @property
    def text(self) -> str:
        """The whole text, folded or not."""
        return self._text

    @property
    def shown_text(self) -> str:
        """The text as far as it is on screen: empty while it is folded."""
        return self._text if self._view is not None else ""

    def show_heading(self, heading: str) -> None:
        """Put another heading in place."""
        self._heading = heading
        is_open = self.button.isChecked()
        self.button.setText(f"{'▾' if is_open else '▸'} {heading}")
        self.button.setAccessibleName(heading)
        self.button.setToolTip("Fold it away" if is_open else "Open it")

    def append_text(self, text: str) -> None:
        """Write on at the end."""
        self._text += text
        self._is_growing = True
        if isinstance(self._view, StreamingTextView):
            self._view.append_text(text)
        elif self._view is not None:
            self._close()
            self._open()

    def show_text(self, text: str) -> None:
        """Show the whole text as it ended; it stays open if it was."""
        self._text, self._is_growing = text, False
        if self.button.isChecked():
            self._close()
            self._open()

    def _open(self) -> None:
        view: StreamingTextView | MessageTextView
        if self._is_growing:
            view = StreamingTextView(self._tokens.text_3, self)
            view.append_text(self._text)
        else:
            view = MessageTextView(plain_document(self._text), self)
        palette = QPalette(view.palette())
        palette.setColor(QPalette.ColorRole.Text, QColor(self._tokens.text_2))
        view.setPalette(palette)
        view.setAccessibleName(self._heading)
        self._view = view
        self._inside.addWidget(view)

    def _close(self) -> None:
        if self._view is not None:
            self._inside.removeWidget(self._view)
            self._view.hide()
            self._view.deleteLater()
            self._view = None

    def _on_toggled(self, is_open: bool) -> None:
        self._close()
        if is_open:
            self._open()
        self.show_heading(self._heading)
