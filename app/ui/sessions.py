"""Leads from one session of the window to the next: locked, opened, locked again, rewritten for another lock."""

import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.core.cancel import CancelToken
from app.core.errors import InglenookError, ProfileLockedError, StorageError
from app.core.lock import LockChange, LockKind, ProfileKey
from app.core.settings import Theme
from app.ui.icons import application_icon
from app.ui.notice import Notice, NoticeKind
from app.ui.services import OpenedProfile, ProfileDoor
from app.ui.tasks import Emit, Lane
from app.ui.theme import Appearance
from app.ui.window import MainWindow

if TYPE_CHECKING:
    from app.ui.lock.unlock_view import UnlockView
    from app.ui.lock.window import LockWindow
    from app.ui.lock.working_view import WorkingView

_log = logging.getLogger(__name__)

_COVER_MILLISECONDS = 50  # until the card is on screen that hides what is being closed
_ENCRYPTING = "Encrypting your conversations…"
_DECRYPTING = "Decrypting your conversations…"
_LEAVE_RUNNING = "Leave Inglenook running. Should it be interrupted, nothing is lost: the next start puts it right."
_DONE = {
    LockKind.NONE: "The lock is off: your conversations are stored as plain files again.",
    LockKind.KEYCHAIN: "Your conversations are encrypted now. Their key is in this system's keychain.",
    LockKind.PASSPHRASE: "Your conversations are encrypted now. The passphrase is asked for at each start.",
}


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The key of the lock as it is now; None without one."""

    key: ProfileKey | None


class Sessions(QObject):
    """Shows the main window or, while the profile is closed, the lock's; start() begins and close() ends whatever is.

    One is shown before the other is hidden: with the last window the application ends.
    """

    def __init__(self, door: ProfileDoor, application: QApplication) -> None:
        super().__init__()
        self._door = door
        self._application = application
        self._opened: OpenedProfile | None = None
        self._key: ProfileKey | None = None
        self._window: MainWindow | None = None
        self._cover: LockWindow | None = None
        self._view: UnlockView | None = None
        application.setWindowIcon(application_icon(door.resources))

    @property
    def window(self) -> MainWindow | None:
        """The main window; None while the profile is closed."""
        return self._window

    @property
    def cover(self) -> "LockWindow | None":
        """The lock's window; None while the profile is open."""
        return self._cover

    @property
    def view(self) -> "UnlockView | None":
        """What opens the lock, while that is on screen."""
        return self._view

    def start(self) -> None:
        """Show the first window. Raises what opening the profile raises, where no lock is in the way."""
        kind = self._kind()
        if kind is LockKind.NONE:
            self._enter(self._door.open(None), None)
        else:
            self._ask(kind, opens_itself=True)

    def end(self) -> None:
        """The process is asked to end."""
        if self._window is not None:
            self._window.end()
        else:
            self._application.quit()

    def show_crash(self, details: str) -> None:
        """Show the details of an error that nobody foresaw."""
        parent = self._window or self._cover
        if parent is not None:
            from app.ui.crash_dialog import CrashDialog

            CrashDialog(details, parent).open()

    def close(self) -> None:
        """Take apart whatever there is."""
        self._end_session()
        self._uncover()

    def _kind(self) -> LockKind:
        """What opens the profile; no lock where it cannot be read, of which the opened profile tells its user."""
        try:
            return self._door.lock.kind if self._door.lock is not None else LockKind.NONE
        except StorageError as error:
            _log.error("the lock cannot be read: %s (%s)", error.sentence, error.detail)
            return LockKind.NONE

    def _enter(self, opened: OpenedProfile, key: ProfileKey | None, notice: Notice | None = None) -> None:
        self._opened, self._key = opened, key
        self._window = window = MainWindow(opened.services)
        window.first_painted.connect(self._on_first_painted)
        window.lock.lock_requested.connect(self._on_lock_requested)
        window.lock.change_requested.connect(self._on_change_requested)
        if notice is not None:
            window.page.notices.show_notice(notice)
        if self._cover is not None:
            window.restoreGeometry(self._cover.saveGeometry())
        window.show()
        self._uncover()

    def _ask(self, kind: LockKind, *, opens_itself: bool, sentence: str = "", waiting: int = 0) -> None:
        """Show what opens the lock; the keychain is asked at once where nobody has locked it by hand.

        `waiting` is how many downloads go on once it is open.
        """
        from app.ui.lock.unlock_view import UnlockView

        lock, cover = self._door.lock, self._covered()
        if lock is None:
            return
        cover.is_busy = False
        self._view = view = UnlockView(lock, kind, cover.tasks, cover.appearance, waiting)
        view.opened.connect(self._on_opened)
        view.quit_requested.connect(cover.close)
        cover.show_card(view)
        cover.show()
        view.focus()
        if sentence:
            view.tell(sentence)
        elif opens_itself and kind is LockKind.KEYCHAIN:
            view.unlock()

    def _covered(self) -> "LockWindow":
        from app.ui.lock.window import LockWindow

        if self._cover is None:
            self._cover = LockWindow(Appearance(self._application, self._door.resources, self._theme()))
            self._cover.tasks.crashed.connect(self.show_crash)
        return self._cover

    def _uncover(self) -> None:
        cover, self._cover, self._view = self._cover, None, None
        if cover is not None:
            cover.tasks.shutdown()
            cover.is_busy = False
            cover.close()
            destroy(cover)

    def _theme(self) -> Theme:
        try:
            return self._door.settings.load().theme
        except StorageError as error:
            _log.info("the system's colours are in use: %s (%s)", error.sentence, error.detail)
            return Theme.SYSTEM

    def _hide_behind(self, card: "WorkingView", then: Callable[[], None]) -> None:
        """Hide all that shows anything of the profile, and call `then` when the card is in its place."""
        window, cover = self._window, self._covered()
        cover.is_busy = True
        cover.show_card(card)
        if window is not None:
            cover.take_place_of(window)
        cover.show()
        for other in self._application.topLevelWidgets():
            if other is not cover:
                other.hide()
        QTimer.singleShot(_COVER_MILLISECONDS, self, then)

    def _end_session(self) -> None:
        """Stop and save what is under way, close the profile, and forget its key and its texts."""
        window, self._window = self._window, None
        opened, self._opened = self._opened, None
        self._key = None
        if window is not None:
            window.shutdown()
            destroy(window)
        if opened is not None:
            opened.close()

    def _lock_out(self) -> None:
        """End the session for a while, and give back what it has read."""
        self._end_session()
        gc.unfreeze()  # what was frozen at the first paint
        gc.collect()

    def _on_first_painted(self) -> None:
        # What the start built stays until the end: the collector need not walk through it again and again.
        gc.collect()
        gc.freeze()

    def _on_opened(self, key: ProfileKey) -> None:
        self._soon(lambda: self._open_again(key, None))

    def _soon(self, act: Callable[[], None]) -> None:
        """Act when the lock's window is not in the middle of telling something: it is taken apart."""
        QTimer.singleShot(0, self, act)

    def _open_again(self, key: ProfileKey | None, notice: Notice | None) -> None:
        try:
            opened = self._door.open(None if self._kind() is LockKind.NONE else key)
        except ProfileLockedError:
            self._ask(self._kind(), opens_itself=False, sentence=notice.sentence if notice is not None else "")
        except InglenookError as error:
            _log.error("the profile is not opened: %s (%s)", error.sentence, error.detail)
            self._ask(self._kind(), opens_itself=False, sentence=error.sentence)
        else:
            self._enter(opened, key, notice)

    def _on_lock_requested(self) -> None:
        if self._window is not None and self._cover is None:
            from app.ui.lock.working_view import WorkingView

            self._hide_behind(WorkingView("Locking…", "What is under way is stopped and saved."), self._lock)

    def _lock(self) -> None:
        waiting = self._window.downloads.going_on if self._window is not None else 0
        self._lock_out()
        self._ask(self._kind(), opens_itself=False, waiting=waiting)

    def _on_change_requested(self, change: LockChange) -> None:
        if self._window is not None and self._cover is None:
            from app.ui.lock.working_view import WorkingView

            title = _DECRYPTING if change.kind is LockKind.NONE else _ENCRYPTING
            card = WorkingView(title, _LEAVE_RUNNING, has_progress=True)
            self._hide_behind(card, lambda: self._change(change, card))

    def _change(self, change: LockChange, card: "WorkingView") -> None:
        lock, key, cover = self._door.lock, self._key, self._covered()
        self._lock_out()
        if lock is None:
            return
        outcomes: list[_Outcome] = []

        def work(emit: Emit[float], _cancel: CancelToken) -> None:
            outcomes.append(_Outcome(lock.change(key, change, emit)))

        def failed(error: InglenookError) -> None:
            self._soon(lambda: self._open_again(key, Notice(error.sentence)))

        def finished() -> None:
            if outcomes:  # else the application is ending
                self._soon(lambda: self._open_again(outcomes[0].key, Notice(_DONE[change.kind], NoticeKind.NOTE)))

        cover.tasks.run(Lane.FILES, work, card.show_progress, lambda _: finished(), failed)


def destroy(window: QWidget) -> None:
    """Take the window and all that is in it apart now, while Qt is whole, and not when the interpreter ends."""
    window.deleteLater()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)
