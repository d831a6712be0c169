"""One message in a text field of the system's own kind, for a screen reader or the arrow keys to go through."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.ui.transcript.copy_text import copy_text

# So much is shown within a tenth of a second; what a line takes Qt grows faster than its length.
MOST_CHARACTERS = 1_000_000
MOST_LINES = 20_000
LONGEST_LINE = 5_000
_SIZE = "size_of_reader"  # a property of the window


class ReaderDialog(QDialog):
    """A message under a title, from its beginning. The next one over the same window has the size of this one."""

    def __init__(self, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._text = text
        self.field = QPlainTextEdit(readable(text), self)
        self.field.setProperty("kind", "reader")
        self.field.setAccessibleName(title)
        self.field.setReadOnly(True)
        self.field.setTabChangesFocus(True)
        self.field.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.copy_button = QPushButton("Copy all", self)
        self.copy_button.clicked.connect(self._on_copy_clicked)
        self.close_button = QPushButton("Close", self)
        self.close_button.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_button)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 18)
        column.setSpacing(14)
        column.addWidget(self.field, 1)
        column.addLayout(buttons)
        size = parent.property(_SIZE) if parent is not None else None
        self.resize(size if isinstance(size, QSize) else QSize(720, 560))
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_copy_clicked(self) -> None:
        copy_text(self._text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        parent = self.parent()
        if parent is not None:
            parent.setProperty(_SIZE, event.size())


def readable(text: str) -> str:
    """The text as it is shown: bounded, and with breaks in long lines, behind a space where there is one."""
    shown: list[str] = []
    for line in text[:MOST_CHARACTERS].split("\n", MOST_LINES)[:MOST_LINES]:
        rest = line
        while len(rest) > LONGEST_LINE:
            end = rest.rfind(" ", 0, LONGEST_LINE) + 1 or LONGEST_LINE
            shown.append(rest[:end])
            rest = rest[end:]
        shown.append(rest)
    if len(text) > MOST_CHARACTERS or text.count("\n") >= MOST_LINES:
        shown += ["", "The message is too long to be shown whole; “Copy all” copies all of it."]
    return "\n".join(shown)
