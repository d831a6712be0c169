"""A field in which a passphrase is typed unseen, with an eye that shows it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QWidget

from app.ui.theme import Appearance

_MOST_CHARACTERS = 1024


class PassphraseField(QLineEdit):
    """Nothing of it is offered to the system's suggestions or remembered by the clipboard while it is hidden."""

    def __init__(self, name: str, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setObjectName("PassphraseField")
        self.setAccessibleName(name)
        self.setPlaceholderText(name)
        self.setMaxLength(_MOST_CHARACTERS)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
            | Qt.InputMethodHint.ImhHiddenText
        )
        self.eye = QAction("Show the passphrase", self)
        self.eye.setCheckable(True)
        self.eye.toggled.connect(self._on_toggled)
        self.addAction(self.eye, QLineEdit.ActionPosition.TrailingPosition)
        appearance.changed.connect(self._refresh)
        self._on_toggled(False)

    def _on_toggled(self, is_shown: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password)
        self.eye.setText("Hide the passphrase" if is_shown else "Show the passphrase")
        self._refresh()

    def _refresh(self) -> None:
        name = "eye-off" if self.eye.isChecked() else "eye"
        self.eye.setIcon(self._appearance.icon(name, self._appearance.tokens.text_2))
