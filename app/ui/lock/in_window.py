"""Joins the lock with the main window: its button and keys, its dialog, and what locks by itself."""

import logging

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QToolButton, QWidget

from app.core.errors import StorageError
from app.core.lock import LockChange, LockKind
from app.core.settings import Settings
from app.services.lock import LockService
from app.ui.chat.replies import Replies
from app.ui.lock.idle import IdleWatch
from app.ui.lock.sleep import SleepWatch
from app.ui.tasks import Tasks
from app.ui.theme import Appearance

_log = logging.getLogger(__name__)

LOCK_KEYS = "Ctrl+L"


class LockInWindow(QObject):
    """`lock_requested` and `change_requested` end this session of the window; whoever made it goes on from there.

    By itself only a lock with a passphrase is closed: a keychain would open for whoever sits at the computer. An answer
    that is being written is let finish first, but not before the system sleeps; one that is not on disk keeps the
    window open.
    """

    lock_requested = Signal()
    change_requested = Signal(LockChange)

    def __init__(
        self, lock: LockService | None, tasks: Tasks, replies: Replies, appearance: Appearance, window: QWidget
    ) -> None:
        super().__init__(window)
        self._lock = lock
        self._tasks = tasks
        self._replies = replies
        self._appearance = appearance
        self._window = window
        self._kind = _kind_of(lock)
        self._shortcut = QShortcut(QKeySequence(LOCK_KEYS), window, self.lock_now)
        self._shortcut.setEnabled(self.is_on)
        self._idle = IdleWatch(self)
        self._idle.idled.connect(self._on_idled)
        self.sleep = SleepWatch(self)
        self.sleep.slept.connect(self._on_slept)

    @property
    def is_possible(self) -> bool:
        """Whether this profile can have a lock."""
        return self._kind is not None

    @property
    def is_on(self) -> bool:
        """Whether it has one."""
        return self._kind not in (None, LockKind.NONE)

    @property
    def idle(self) -> IdleWatch:
        """What notices that nobody is there."""
        return self._idle

    def show_in(self, button: QToolButton) -> None:
        """Lock with this button, which is seen while there is a lock."""
        button.setVisible(self.is_on)
        button.clicked.connect(self.lock_now)

    def apply(self, settings: Settings) -> None:
        """Lock by itself as the settings say."""
        locks_itself = self._kind is LockKind.PASSPHRASE
        self._idle.watch(60.0 * settings.lock_after_minutes if locks_itself else 0.0)
        self.sleep.watch(locks_itself and settings.lock_on_sleep)

    def stop(self) -> None:
        """Lock no more by itself, and let the system sleep: this session is over."""
        self._idle.watch(0.0)
        self.sleep.watch(False)

    def lock_now(self) -> None:
        """Close the profile; asks where an answer would be lost."""
        if not self.is_on:
            return
        if not self._replies.unsaved:
            self.lock_requested.emit()
            return
        from app.ui.questions import lock_question

        question = lock_question(self._window)
        question.act_button.clicked.connect(self._on_lock_anyway)
        question.open()

    def show_dialog(self, parent: QWidget | None = None) -> None:
        """Let the user choose what opens the profile."""
        if self._lock is None or self._kind is None:
            return
        from app.ui.lock.dialog import LockDialog

        dialog = LockDialog(self._lock, self._kind, self._tasks, self._appearance, parent or self._window)
        dialog.change_chosen.connect(self.change_requested)
        dialog.open()

    def _on_lock_anyway(self) -> None:
        self._replies.forget_unsaved()
        self.lock_requested.emit()

    def _on_idled(self) -> None:
        if not self._replies.live and not self._replies.unsaved:
            self.lock_requested.emit()

    def _on_slept(self) -> None:
        if self._replies.unsaved:
            self.sleep.release()
        else:
            self.lock_requested.emit()


def _kind_of(lock: LockService | None) -> LockKind | None:
    """None where there is no lock and can be none, or where it cannot be read."""
    if lock is None:
        return None
    try:
        return lock.kind
    except StorageError as error:
        _log.warning("the lock cannot be read: %s (%s)", error.sentence, error.detail)
        return None
