"""Notices by the clock on the wall that the system has slept: it went on while this program stood still."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

_TICK_SECONDS = 5.0
JUMP_SECONDS = 60.0  # a busy computer halts a program for a few seconds, not for a minute


class ClockJump(QObject):
    """Calls `slept` when far more time has passed between two ticks than should. A clock that was set does it too."""

    def __init__(
        self, slept: Callable[[], None], parent: QObject | None = None, now: Callable[[], float] = time.time
    ) -> None:
        super().__init__(parent)
        self._slept = slept
        self._now = now
        self._last = now()
        self._timer = QTimer(self)
        self._timer.setInterval(round(_TICK_SECONDS * 1000))
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """See how much time has passed."""
        last, self._last = self._last, self._now()
        if self._last - last > _TICK_SECONDS + JUMP_SECONDS:
            self._slept()

    def release(self) -> None:
        """See SleepSource: the sleep is over by then."""

    def stop(self) -> None:
        """See SleepSource."""
        self._timer.stop()
