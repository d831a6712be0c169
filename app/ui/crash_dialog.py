"""What is shown when something happened that nobody foresaw: the details, ready to be copied."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget


class CrashDialog(QDialog):
    """A fault of Inglenook's own; the window behind it goes on."""

    report_requested = Signal()

    def __init__(self, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.details = details
        self.setWindowTitle("Something went wrong inside Inglenook")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 420)
        title = QLabel("Something went wrong inside Inglenook", self)
        title.setProperty("kind", "title")
        words = QLabel(
            "This is a fault of the program, not of yours. Your conversations are kept, and you can go on; if "
            "something does not react any more, start Inglenook again. Nothing was sent anywhere: a report shows you "
            "all that is in it, and you decide what becomes of it.",
            self,
        )
        words.setWordWrap(True)
        text = QPlainTextEdit(details, self)
        text.setProperty("kind", "paper")
        text.setReadOnly(True)
        text.setAccessibleName("Details")
        copy = QPushButton("Copy the details", self)
        copy.clicked.connect(self._on_copy_clicked)
        self.report_button = QPushButton("Report the problem…", self)
        self.report_button.clicked.connect(self._on_report_clicked)
        close = QPushButton("Close", self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(copy)
        buttons.addWidget(self.report_button)
        buttons.addStretch()
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 18)
        column.setSpacing(12)
        column.addWidget(title)
        column.addWidget(words)
        column.addWidget(text, 1)
        column.addLayout(buttons)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.details)

    def _on_report_clicked(self) -> None:
        self.accept()
        self.report_requested.emit()
