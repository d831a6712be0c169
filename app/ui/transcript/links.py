"""Asks before a link of a message is opened, with its whole address in view."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from app.ui.opening import open_outside
from app.ui.transcript.copy_text import copy_text

_OPENED = ("http", "https", "mailto")


class LinkDialog(QMessageBox):
    """Shows an address and opens it in the browser, or copies it, only when a button says so."""

    def __init__(self, address: QUrl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._address = address
        self._open: QPushButton | None = None
        self.setWindowTitle("Open a link?")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = address.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        if address.scheme().lower() in _OPENED and address.isValid():
            self.setText("This link leads out of Inglenook. Open it in your browser?")
            self._open = self.addButton("Open in the browser", QMessageBox.ButtonRole.AcceptRole)
        else:
            self.setText("Inglenook does not open links of this kind.")
        self.setInformativeText(shown)
        self._copy = self.addButton("Copy the address", QMessageBox.ButtonRole.ActionRole)
        cancel = self.addButton(QMessageBox.StandardButton.Cancel)
        self.setDefaultButton(cancel)
        self.setEscapeButton(cancel)
        self.buttonClicked.connect(self._on_button_clicked)

    def _on_button_clicked(self, button: QPushButton) -> None:
        if button is self._open:
            open_outside(self._address)
        elif button is self._copy:
            copy_text(self._address.toString(QUrl.ComponentFormattingOption.FullyEncoded))
