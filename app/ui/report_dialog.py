"""The report of a problem: the user reads all of it, takes out what they like, and saves it; nothing is sent."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.core.errors import InglenookError, StorageError
from app.services.problem_report import save_report
from app.ui.asking import Asking
from app.ui.labels import text_label
from app.ui.tasks import Lane, Tasks

_NAME = "inglenook-report.txt"
_EXPLANATION = (
    "This is all that the report contains. It is sent nowhere: save it, and attach it where you tell of the problem. "
    "Chats, system prompts, tokens and passwords are not in it, and your user name is taken out of paths. Names of "
    "models and folders are: change or delete below what you would rather keep to yourself."
)
_WIDTH, _HEIGHT = 720, 560


class ReportDialog(QDialog):
    """`write` makes the report's text, beside the window; what stands in the field is what is saved."""

    def __init__(self, write: Callable[[], str], tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asking: Asking[str] = Asking(tasks, Lane.SIDE)
        self.setWindowTitle("Report a problem")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(_WIDTH, _HEIGHT)
        self.field = QPlainTextEdit(self)
        self.field.setProperty("kind", "paper")
        self.field.setAccessibleName("The report")
        self.field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.field.setPlaceholderText("Looking at this computer…")
        self.said = text_label("", "small", self, wraps=True)
        self.said.hide()
        self.copy_button = QPushButton("Copy", self)
        self.save_button = QPushButton("Save…", self)
        self.save_button.setProperty("kind", "go")
        self.save_button.setDefault(True)
        self.close_button = QPushButton("Close", self)
        self._lay_out()
        self.copy_button.clicked.connect(self._on_copy_clicked)
        self.save_button.clicked.connect(self._on_save_clicked)
        self.close_button.clicked.connect(self.reject)
        self.finished.connect(self._asking.stop)
        self._set_ready(False)
        self._asking.ask(lambda _cancel: write(), self._on_written, self._on_failed)

    def save(self, file: str) -> None:
        """Write what stands in the field to this file, and say so."""
        try:
            save_report(self.field.toPlainText(), Path(file))
        except StorageError as error:
            self._say(error.sentence)
        else:
            self._say(f"Saved as {file}.")

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_button)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 18)
        column.setSpacing(12)
        column.addWidget(text_label("Report a problem", "title", self))
        column.addWidget(text_label(_EXPLANATION, "", self, wraps=True))
        column.addWidget(self.field, 1)
        column.addWidget(self.said)
        column.addLayout(buttons)

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.show()

    def _set_ready(self, ready: bool) -> None:
        for button in (self.copy_button, self.save_button):
            button.setEnabled(ready)

    def _on_written(self, text: str) -> None:
        self.field.setPlainText(text)
        self._set_ready(True)

    def _on_failed(self, error: InglenookError) -> None:
        self._say(error.sentence)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.field.toPlainText())
        self._say("Copied.")

    def _on_save_clicked(self) -> None:
        dialog = QFileDialog(self, "Save the report", _NAME, "Text files (*.txt);;All files (*)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save)
        dialog.open()
