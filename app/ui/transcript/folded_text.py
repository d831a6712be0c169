"""A heading that folds and unfolds, and a text that is folded behind one: a summary."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from app.ui.tokens import Tokens
from app.ui.transcript.document import plain_document
from app.ui.transcript.text_view import MessageTextView

_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FoldButton(QToolButton):
    """The heading; Space, Enter or a click opens and folds."""

    def __init__(self, heading: str, parent: QWidget | None = None, *, is_open: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("FoldButton")
        self.setCheckable(True)
        self.setChecked(is_open)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.toggled.connect(lambda _: self.show_heading(self.heading))
        self.show_heading(heading)

    def show_heading(self, heading: str) -> None:
        """Put another heading in place."""
        self.heading = heading
        is_open = self.isChecked()
        self.setText(f"{'▾' if is_open else '▸'} {heading}")
        self.setAccessibleName(heading)
        self.setToolTip("Fold it away" if is_open else "Open it")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER_KEYS:
            self.click()
        else:
            super().keyPressEvent(event)


class FoldedText(QFrame):
    """The text is laid out only while it is open."""

    def __init__(self, heading: str, text: str, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("FoldedText")
        self._tokens = tokens
        self._heading = heading
        self._text = text
        self._view: MessageTextView | None = None
        self.button = FoldButton(heading, self)
        self.button.toggled.connect(self._on_toggled)
        self._inside = QVBoxLayout()
        self._inside.setContentsMargins(11, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(4)
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._inside)

    @property
    def heading(self) -> str:
        """The heading without its arrow."""
        return self._heading

    @property
    def text(self) -> str:
        """The whole text, folded or not."""
        return self._text

    def set_tokens(self, tokens: Tokens) -> None:
        """Use other colours."""
        self._tokens = tokens
        if self._view is not None:
            self._colour(self._view)

    def _colour(self, view: MessageTextView) -> None:
        palette = QPalette(view.palette())
        palette.setColor(QPalette.ColorRole.Text, QColor(self._tokens.text_2))
        view.setPalette(palette)

    def _on_toggled(self, is_open: bool) -> None:
        if is_open:
            view = MessageTextView(plain_document(self._text), self)
            self._colour(view)
            view.setAccessibleName(self._heading)
            self._view = view
            self._inside.addWidget(view)
            view.show()  # what is not shown takes no room
        elif self._view is not None:
            self._inside.removeWidget(self._view)
            self._view.hide()
            self._view.deleteLater()
            self._view = None
