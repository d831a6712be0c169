"""The dialog of the lock: what opens the profile from now on, and what that protects from."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QDialog, QHBoxLayout, QPushButton, QRadioButton, QVBoxLayout, QWidget

from app.core.cancel import CancelToken
from app.core.errors import InglenookError, InvalidParameterError
from app.core.lock import LockChange, LockKind, ProfileKey
from app.core.wording import counted
from app.services.lock import LockService, require_usable
from app.ui.asking import Asking
from app.ui.labels import text_label
from app.ui.lock.passphrase_field import PassphraseField
from app.ui.tasks import Lane, Tasks
from app.ui.theme import Appearance

_WIDTH = 560
_INDENT = 24
_TITLES = {
    LockKind.NONE: "No lock",
    LockKind.KEYCHAIN: "The system's keychain",
    LockKind.PASSPHRASE: "A passphrase",
}
_EXPLANATIONS = {
    LockKind.NONE: "Conversations are plain files: whoever can read this disk can read them.",
    LockKind.KEYCHAIN: (
        "Conversations are encrypted, and open by themselves for whoever is signed in as you. Protects a disk or a "
        "copy of it in other hands."
    ),
    LockKind.PASSPHRASE: (
        "Conversations are encrypted, and Inglenook asks at each start. Protects them also from whoever sits at this "
        "computer while Inglenook is locked."
    ),
}
_NO_KEYCHAIN = "This system has no keychain that Inglenook can use."
_ACTS = {LockKind.NONE: "Turn the lock off", LockKind.KEYCHAIN: "Encrypt", LockKind.PASSPHRASE: "Encrypt"}
_FINAL = (
    "A lost passphrase is final: nobody can open these conversations without it, Inglenook neither. "
    "Keep a copy of it where you would look for it."
)
_BEFORE = (
    "The window closes while the conversations are rewritten, and opens again. "
    "What is written and not sent is kept; a temporary chat is not."
)


class LockDialog(QDialog):
    """`change_chosen` carries the new lock, once the passphrase that is in force was given."""

    change_chosen = Signal(LockChange)

    def __init__(
        self,
        lock: LockService,
        kind: LockKind,
        tasks: Tasks,
        appearance: Appearance,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._lock = lock
        self._kind = kind
        self._has_keychain: Asking[bool] = Asking(tasks, Lane.SIDE)
        self._opening: Asking[ProfileKey] = Asking(tasks, Lane.SIDE)
        self.setWindowTitle("Lock")
        self.setObjectName("LockDialog")
        self.setFixedWidth(_WIDTH)
        self.choices = {one: QRadioButton(_TITLES[one], self) for one in LockKind}
        self._group = QButtonGroup(self)
        self.keychain_words = text_label(_EXPLANATIONS[LockKind.KEYCHAIN], "small", self, wraps=True)
        self.current = PassphraseField("Current passphrase", appearance, self)
        self.first = PassphraseField("New passphrase", appearance, self)
        self.again = PassphraseField("The same again", appearance, self)
        self.hint = text_label("", "small", self, wraps=True)
        self.final = text_label(_FINAL, "warning", self, wraps=True)
        self.said = text_label("", "problem", self, wraps=True)
        self.act_button = QPushButton("Encrypt", self)
        self.act_button.setProperty("kind", "go")
        self.act_button.setDefault(True)
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.setAutoDefault(False)
        self._lay_out()
        self._connect()
        self.choices[kind].setChecked(True)
        self.choices[LockKind.KEYCHAIN].setEnabled(kind is LockKind.KEYCHAIN)
        self._has_keychain.ask(lambda _: lock.has_keychain(), self._on_keychain_known, self._on_failed)
        self._refresh()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is awaited."""
        return not self._has_keychain.is_running and not self._opening.is_running

    @property
    def chosen(self) -> LockKind:
        """The lock that is marked."""
        return next(kind for kind, choice in self.choices.items() if choice.isChecked())

    def choose(self) -> None:
        """Take what is chosen; what is wrong with it is said, and the dialog stays."""
        try:
            self._require_sound()
        except InvalidParameterError as error:
            self._tell(error.sentence)
            return
        if self._kind is not LockKind.PASSPHRASE:
            self._finish()
            return
        lock, current = self._lock, self.current.text()

        def work(_cancel: CancelToken) -> ProfileKey:
            return lock.open_with_passphrase(current)

        self._tell("")
        self.act_button.setEnabled(False)
        self._opening.ask(work, lambda _: self._finish(), self._on_failed)

    def _require_sound(self) -> None:
        if self.chosen is LockKind.PASSPHRASE:
            require_usable(self.first.text())
            if self.first.text() != self.again.text():
                raise InvalidParameterError("The two passphrases are not the same.")

    def _finish(self) -> None:
        passphrase = self.first.text() if self.chosen is LockKind.PASSPHRASE else ""
        change = LockChange(self.chosen, passphrase)
        self.accept()
        self.change_chosen.emit(change)

    def _on_keychain_known(self, is_there: bool) -> None:
        self.choices[LockKind.KEYCHAIN].setEnabled(is_there or self._kind is LockKind.KEYCHAIN)
        if not is_there:
            self.keychain_words.setText(_NO_KEYCHAIN)
        self._fit()

    def _on_failed(self, error: InglenookError) -> None:
        self._refresh()
        self._tell(error.sentence)
        self.current.selectAll()

    def _refresh(self) -> None:
        chosen = self.chosen
        is_passphrase = chosen is LockKind.PASSPHRASE
        is_other = chosen is not self._kind or is_passphrase
        self.current.setVisible(self._kind is LockKind.PASSPHRASE)
        for widget in (self.first, self.again, self.hint, self.final):
            widget.setVisible(is_passphrase)
        is_same_kind = is_passphrase and self._kind is LockKind.PASSPHRASE
        self.act_button.setText("Change the passphrase" if is_same_kind else _ACTS[chosen])
        has_words = not is_passphrase or bool(self.first.text())
        has_current = self._kind is not LockKind.PASSPHRASE or bool(self.current.text())
        self.act_button.setEnabled(is_other and has_words and has_current)
        self.hint.setText(_hint(self.first.text()))
        self._fit()

    def _tell(self, sentence: str) -> None:
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))
        self._fit()

    def _fit(self) -> None:
        """Be as high as the words need at this width."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.heightForWidth(self.width()))

    def _on_changed(self) -> None:
        self._tell("")
        self._refresh()

    def _on_finished(self) -> None:
        self._has_keychain.stop()
        self._opening.stop()
        for field in (self.current, self.first, self.again):
            field.clear()
        self.deleteLater()

    def _connect(self) -> None:
        for choice in self.choices.values():
            self._group.addButton(choice)
            choice.toggled.connect(self._on_changed)
        for field in (self.current, self.first, self.again):
            field.textChanged.connect(self._on_changed)
        self.act_button.clicked.connect(self.choose)
        self.cancel_button.clicked.connect(self.reject)
        self.finished.connect(self._on_finished)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 18)
        column.setSpacing(4)
        column.addWidget(text_label("What opens your conversations?", "title", self))
        for kind, choice in self.choices.items():
            column.addSpacing(8)
            column.addWidget(choice)
            is_keychain = kind is LockKind.KEYCHAIN
            words = self.keychain_words if is_keychain else text_label(_EXPLANATIONS[kind], "small", self, wraps=True)
            column.addLayout(_indented(words))
        column.addSpacing(4)
        column.addLayout(_indented(self.first, self.again, self.hint, self.final))
        column.addSpacing(10)
        for widget in (self.current, self.said, text_label(_BEFORE, "small", self, wraps=True)):
            column.addWidget(widget)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.act_button)
        column.addSpacing(10)
        column.addLayout(buttons)
        self.said.hide()


def _indented(*widgets: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(_INDENT, 0, 0, 0)
    column.setSpacing(6)
    for widget in widgets:
        column.addWidget(widget)
    return column


def _hint(passphrase: str) -> str:
    """How long it is: nothing else can be said of a passphrase without pretending."""
    if not passphrase:
        return "Several words that nobody would say in a row are long, and easy to keep in mind."
    return f"{counted(len(passphrase), 'character')}. Each one more makes it harder to guess."
