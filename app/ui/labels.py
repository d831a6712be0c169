"""The small parts that most dialogs are made of: labels of plain text in one of the style's kinds, and hairlines."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget


def text_label(text: str, kind: str = "", parent: QWidget | None = None, *, wraps: bool = False) -> QLabel:
    """A label that takes nothing in `text` for markup; `kind` is one of the style sheet's."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wraps)
    label.setProperty("kind", kind)
    return label


def hairline(parent: QWidget | None = None) -> QFrame:
    """A line of one pixel."""
    line = QFrame(parent)
    line.setProperty("kind", "hairline")
    line.setFixedHeight(1)
    return line
