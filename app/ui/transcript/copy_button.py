"""A small button that puts text on the clipboard and says that it did."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.ui.transcript.copy_text import copy_text
from app.ui.transcript.small_button import SmallButton

_SAID_MILLISECONDS = 1500


class CopyButton(SmallButton):
    """Copies what `text` returns when it is pressed; `words` stand on it."""

    def __init__(self, name: str, text: Callable[[], str], parent: QWidget | None = None, words: str = "Copy") -> None:
        super().__init__(words, name, parent)
        self._text = text
        self._words = words
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(_SAID_MILLISECONDS)
        self._said.timeout.connect(self._on_said)
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        copy_text(self._text())
        self.setText("Copied")
        self._said.start()

    def _on_said(self) -> None:
        self.setText(self._words)
