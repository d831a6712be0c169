"""What stands on the card of a locked profile: how it is opened, and what came of the last try."""

import math
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.cancel import CancelToken
from app.core.errors import InglenookError, WrongPassphraseError
from app.core.lock import LockKind, ProfileKey
from app.core.wording import counted
from app.services.lock import LockService
from app.ui.asking import Asking
from app.ui.icon_view import IconView
from app.ui.labels import text_label
from app.ui.lock.passphrase_field import PassphraseField
from app.ui.tasks import Lane, Tasks
from app.ui.theme import Appearance

_BRAND_PIXELS = 28
_WORDS = {
    LockKind.NONE: "Your conversations could not be opened.",
    LockKind.PASSPHRASE: "Enter the passphrase that opens your conversations.",
    LockKind.KEYCHAIN: "Your conversations are encrypted. Their key is in this system's keychain.",
}
_FINAL = "A lost passphrase cannot be recovered: without it nobody can open these conversations, Inglenook neither."
_NOT_OPENED = "This passphrase has not opened it."
_OPENING = "Opening…"
_ASKING_KEYCHAIN = "Asking the system's keychain…"


class UnlockView(QWidget):
    """Opens the lock beside the window: both ways take their time. `opened` carries the key.

    `waiting` is how many downloads were stopped by locking.
    """

    opened = Signal(ProfileKey)
    quit_requested = Signal()

    def __init__(
        self, lock: LockService, kind: LockKind, tasks: Tasks, appearance: Appearance, waiting: int = 0
    ) -> None:
        super().__init__()
        self._lock = lock
        self._kind = kind
        self._appearance = appearance
        self._asking: Asking[ProfileKey] = Asking(tasks, Lane.SIDE)
        self._seconds_left = 0
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.setTimerType(Qt.TimerType.PreciseTimer)  # a coarse one may be early, and the try be refused
        self._second.timeout.connect(self._on_second)
        self._brand = IconView(_BRAND_PIXELS, self)
        self.field = PassphraseField("Passphrase", appearance, self)
        self.said = text_label("", "small", self, wraps=True)
        self.final = text_label(_FINAL, "small", self, wraps=True)
        self.waiting = text_label(_waiting_words(waiting), "quiet", self, wraps=True)
        self.quit_button = QPushButton("Quit", self)
        self.quit_button.setProperty("kind", "ghost")
        self.unlock_button = QPushButton("Unlock", self)
        self.unlock_button.setProperty("kind", "go")
        self._lay_out()
        self.field.returnPressed.connect(self.unlock)
        self.field.textChanged.connect(self._refresh)
        self.unlock_button.clicked.connect(self.unlock)
        self.quit_button.clicked.connect(self.quit_requested)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()
        self._refresh()

    @property
    def is_settled(self) -> bool:
        """Whether no key is awaited."""
        return not self._asking.is_running

    def focus(self) -> None:
        """Put the keyboard where one begins."""
        (self.field if self._kind is LockKind.PASSPHRASE else self.unlock_button).setFocus()

    def unlock(self) -> None:
        """Open the lock with what is in the field, or with the keychain."""
        if not self.unlock_button.isEnabled():
            return
        lock, typed = self._lock, self.field.text()
        if self._kind is LockKind.PASSPHRASE:
            self._ask(lambda _: lock.open_with_passphrase(typed), _OPENING)
        else:
            self._ask(lambda _: lock.open_with_keychain(), _ASKING_KEYCHAIN)

    def tell(self, sentence: str) -> None:
        """Say why the profile is not open."""
        self._say(sentence, "problem")

    def stop(self) -> None:
        """Await nothing more, and forget what was typed."""
        self._asking.stop()
        self._second.stop()
        self.field.clear()

    def _ask(self, work: Callable[[CancelToken], ProfileKey], waiting: str) -> None:
        self._say(waiting, "small")
        self._asking.ask(work, self._on_opened, self._on_failed)
        self._refresh()

    def _on_opened(self, key: ProfileKey) -> None:
        self.field.clear()
        self.opened.emit(key)

    def _on_failed(self, error: InglenookError) -> None:
        if isinstance(error, WrongPassphraseError) and error.wait_seconds > 0:
            self._seconds_left = math.ceil(error.wait_seconds)
            self._second.start()
            self._tell_wait()
        else:
            self._say(error.sentence, "problem")
        if self._kind is LockKind.KEYCHAIN:
            self.unlock_button.setText("Try again")
        self._refresh()
        self.field.selectAll()
        self.focus()

    def _on_second(self) -> None:
        self._seconds_left -= 1
        if self._seconds_left > 0:
            self._tell_wait()
            return
        self._second.stop()
        self._say(_NOT_OPENED, "problem")
        self._refresh()
        self.field.selectAll()
        self.focus()

    def _tell_wait(self) -> None:
        unit = "second" if self._seconds_left == 1 else "seconds"
        self._say(f"{_NOT_OPENED} The next try is in {self._seconds_left} {unit}.", "problem")

    def _refresh(self) -> None:
        is_free = not self._asking.is_running and self._seconds_left <= 0
        self.field.setReadOnly(not is_free)  # and not disabled: the keyboard would go elsewhere
        has_words = self._kind is LockKind.KEYCHAIN or bool(self.field.text())
        self.unlock_button.setEnabled(is_free and has_words)

    def _say(self, words: str, kind: str) -> None:
        self.said.setProperty("kind", kind)
        self.said.style().polish(self.said)
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._brand)
        head.addWidget(text_label("Inglenook is locked", "title", self))
        head.addStretch()
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.quit_button)
        buttons.addStretch()
        buttons.addWidget(self.unlock_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(40, 34, 40, 28)
        column.setSpacing(0)
        column.addLayout(head)
        column.addSpacing(8)
        column.addWidget(text_label(_WORDS[self._kind], "quiet", self, wraps=True))
        column.addWidget(self.waiting)
        column.addSpacing(20)
        for widget, below in ((self.field, 8), (self.said, 8), (self.final, 20)):
            column.addWidget(widget)
            column.addSpacing(below)
        column.addLayout(buttons)
        is_passphrase = self._kind is LockKind.PASSPHRASE
        self.unlock_button.setVisible(self._kind is not LockKind.NONE)
        self.field.setVisible(is_passphrase)
        self.final.setVisible(is_passphrase)
        self.said.hide()
        self.waiting.setVisible(bool(self.waiting.text()))

    def _on_appearance_changed(self) -> None:
        self._brand.show_icon(self._appearance.icon("brand", self._appearance.tokens.text, _BRAND_PIXELS))


def _waiting_words(downloads: int) -> str:
    if not downloads:
        return ""
    rest = "waits, and goes on by itself" if downloads == 1 else "wait, and go on by themselves"
    return f"{counted(downloads, 'download')} {rest} after unlocking."
