"""Asks for a file, without holding up what else goes on in the window."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

_GGUF = "GGUF files (*.gguf);;All files (*)"


def choose_file(parent: QWidget, title: str, chosen: Callable[[str], None], names: str = _GGUF) -> None:
    """Ask for a file that exists; `chosen` is called with its path, or not at all."""
    dialog = QFileDialog(parent, title, "", names)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(chosen)
    dialog.open()
