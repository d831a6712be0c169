"""Asks for files or a folder, without holding up what else goes on in the window."""

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


def choose_files(parent: QWidget, title: str, chosen: Callable[[list[str]], None], names: str = _GGUF) -> None:
    """Ask for one or more files that exist; `chosen` is called with their paths, or not at all."""
    dialog = QFileDialog(parent, title, "", names)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(chosen)
    dialog.open()


def choose_folder(parent: QWidget, title: str, chosen: Callable[[str], None]) -> None:
    """Ask for a folder that exists; `chosen` is called with its path, or not at all."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(chosen)
    dialog.open()
