"""Runs the window from its first paint to the end of its threads."""

import logging
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType, TracebackType

from PySide6.QtCore import QObject, QSocketNotifier
from PySide6.QtWidgets import QApplication

from app import __version__
from app.logs import traceback_in_log
from app.network.installed import the_gate
from app.ui.qt_messages import log_qt_messages
from app.ui.services import ProfileDoor
from app.ui.sessions import Sessions, destroy

_log = logging.getLogger(__name__)

__all__ = ["SignalNotifier", "destroy", "make_application", "run_window"]

APPLICATION_ID = "org.inglenook.Inglenook"


def run_window(door: ProfileDoor) -> int:
    """Show the window until it is closed, behind its lock where it has one; returns the exit code of the event loop."""
    application = make_application()
    sessions = Sessions(door, application)
    signals = SignalNotifier(sessions.end)
    before = sys.excepthook
    try:
        sessions.start()
        sys.excepthook = _crash_hook(sessions)
        return application.exec()
    finally:
        sys.excepthook = before
        signals.close()
        sessions.close()


def make_application() -> QApplication:
    """The one QApplication, with our names; an existing one is used as it is."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    log_qt_messages()
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Inglenook")
    application.setApplicationDisplayName("Inglenook")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName(APPLICATION_ID)
    return application


class SignalNotifier(QObject):
    """Calls `close` when the process is asked to end: Ctrl+C in the terminal, or SIGTERM.

    Python's own handlers only run between its instructions, and Qt's loop waits in C++; so a socket wakes Qt.
    """

    def __init__(self, close: Callable[[], object]) -> None:
        super().__init__()
        self._close = close
        with the_gate().pairing():
            self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._before = {number: signal.signal(number, _on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        self._wakeup_before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_activated)

    def close(self) -> None:
        """Give the signals back to whoever had them before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def _on_activated(self) -> None:
        received = self._reader.recv(64)
        if signal.SIGINT in received or signal.SIGTERM in received:
            self._close()


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    """Handled by SignalNotifier, which reads the signal's number from its socket."""


def _crash_hook(
    sessions: Sessions,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind, trace  # the error has both
        details = traceback_in_log(error)
        _log.error("an error that is a fault of Inglenook:\n%s", details)
        sessions.show_crash(details)

    return hook
