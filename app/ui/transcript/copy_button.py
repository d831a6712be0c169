"""A small button that puts text on the clipboard and says that it did."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QToolButton, QWidget

_SAID_MILLISECONDS = 1500


class CopyButton(QToolButton):
    """Copies what `text` returns when it is pressed; `words` stand on it."""

    def __init__(self, name: str, text: Callable[[], str], parent: QWidget | None = None, words: str = "Copy") -> None:
        super().__init__(parent)
        self._text = text
        self._words = words
        self.setText(words)
        self.setProperty("kind", "small")
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(_SAID_MILLISECONDS)
        self._said.timeout.connect(self._on_said)
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text())
        self.setText("Copied")
        self._said.start()

    def _on_said(self) -> None:
        self.setText(self._words)
