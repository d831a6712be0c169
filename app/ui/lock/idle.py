"""Notices that nobody has used the application's windows for a while."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

_TICK_MILLISECONDS = 5_000
_USES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletPress,
        QEvent.Type.TabletMove,
    }
)


class IdleWatch(QObject):
    """`idled` tells, again with each tick, that no key or pointer was used for `seconds`; 0 never does.

    It listens to windows and not to the application: through that pass thousands of events a second, and each would
    cost a call of Python. `now` counts seconds and stands still for nobody.
    """

    idled = Signal()

    def __init__(self, parent: QObject | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._now = now
        self._seconds = 0.0
        self._used = now()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def watch(self, seconds: float) -> None:
        """Tell from now on when nobody has done anything for so long; 0 stops it."""
        application = QGuiApplication.instance()
        if seconds > 0 and not self._timer.isActive():
            self._used = self._now()
            self._timer.start()
            if isinstance(application, QGuiApplication):
                application.focusWindowChanged.connect(self._listen)
            self._listen()
        elif seconds <= 0 and self._timer.isActive():
            self._timer.stop()
            for window in QGuiApplication.topLevelWindows():
                window.removeEventFilter(self)
            if isinstance(application, QGuiApplication):
                application.focusWindowChanged.disconnect(self._listen)
        self._seconds = seconds

    def look(self) -> None:
        """See whether it has been long enough."""
        self._listen()
        if self._seconds > 0 and self._now() - self._used >= self._seconds:
            self.idled.emit()

    def _listen(self) -> None:
        for window in QGuiApplication.topLevelWindows():
            if window.isVisible():
                window.installEventFilter(self)  # a second time changes nothing

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _USES:
            self._used = self._now()
        elif event.type() is QEvent.Type.Hide:
            # Not called while the window is taken apart: PySide would take other objects for gone with it.
            watched.removeEventFilter(self)
        return super().eventFilter(watched, event)
