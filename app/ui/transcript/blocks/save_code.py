"""Saves a block of code in a file that the user names, without holding up the window."""

import os
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.ui.transcript.blocks.code_files import code_file_name
from app.ui.transcript.markdown.content import Code


class SaveCodeDialog(QFileDialog):
    """Asks where to, proposes a name, and saves; open() returns at once. Closed, it is gone."""

    def __init__(self, code: Code, parent: QWidget) -> None:
        super().__init__(parent, "Save the code", "", "All files (*)")
        self._code = code
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self.setFileMode(QFileDialog.FileMode.AnyFile)
        self.selectFile(code_file_name(code.language, code.text))
        self.fileSelected.connect(self._on_file_selected)

    def _on_file_selected(self, file: str) -> None:
        try:
            write_code(self._code.text, Path(file))
        except OSError as error:
            _tell(f"The code could not be saved as “{file}”.", error, self.parentWidget())


def write_code(text: str, path: Path) -> None:
    """Write text as UTF-8 with a line break at its end. Raises OSError; a file that was there before then stays."""
    if text and not text.endswith("\n"):
        text += "\n"
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}-")
    written = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
        written.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def _tell(sentence: str, error: OSError, parent: QWidget | None) -> None:
    box = QMessageBox(parent)
    box.setWindowTitle("Inglenook")
    box.setIcon(QMessageBox.Icon.Warning)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(sentence)
    box.setInformativeText(f"{error.strerror or error}. Nothing was changed; choose another place.")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
