"""Learns from systemd's logind that the system goes to sleep, and asks it to wait until that was answered."""

import logging
from collections.abc import Callable

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage, QDBusUnixFileDescriptor

_log = logging.getLogger(__name__)

SERVICE = "org.freedesktop.login1"
PATH = "/org/freedesktop/login1"
INTERFACE = "org.freedesktop.login1.Manager"
_WAIT_MILLISECONDS = 500


class LogindSleep(QObject):
    """Calls `slept` before the sleep. Without a system bus, or without logind on it, it never does.

    logind hands out a file descriptor, and waits with the sleep (five seconds at most) until that is closed.
    """

    def __init__(
        self, slept: Callable[[], None], parent: QObject | None = None, bus: QDBusConnection | None = None
    ) -> None:
        super().__init__(parent)
        self._slept = slept
        self._bus = bus if bus is not None else QDBusConnection.systemBus()
        self._delay: QDBusUnixFileDescriptor | None = None
        self._is_watching = self._bus.isConnected() and self._listen(self._bus.connect)
        if self._is_watching:
            self._ask_to_wait()
        else:
            _log.info("the system's sleep is told by the clock only: %s", self._bus.lastError().message())

    @property
    def is_watching(self) -> bool:
        """Whether there is a bus to listen to."""
        return self._is_watching

    @property
    def is_waited_for(self) -> bool:
        """Whether logind waits with the next sleep."""
        return self._delay is not None

    def release(self) -> None:
        """See SleepSource."""
        self._delay = None  # which closes it

    def stop(self) -> None:
        """See SleepSource."""
        self.release()
        if self._is_watching:
            self._listen(self._bus.disconnect)

    def _listen(self, connect: Callable[..., bool]) -> bool:
        slot = SLOT("_on_prepare_for_sleep(bool)")  # PySide's annotations ask for bytes, which it refuses
        return connect(SERVICE, PATH, INTERFACE, "PrepareForSleep", self, slot)

    def _ask_to_wait(self) -> None:
        call = QDBusMessage.createMethodCall(SERVICE, PATH, INTERFACE, "Inhibit")
        call.setArguments(["sleep", "Inglenook", "It locks your conversations", "delay"])
        reply = self._bus.call(call, QDBus.CallMode.Block, _WAIT_MILLISECONDS)
        given = reply.arguments()
        if given and isinstance(given[0], QDBusUnixFileDescriptor) and given[0].isValid():
            self._delay = given[0]
        else:
            _log.info("the system will not wait with its sleep: %s", reply.errorMessage())

    @Slot(bool)
    def _on_prepare_for_sleep(self, begins: bool) -> None:
        if begins:
            self._slept()
        elif self._delay is None:
            self._ask_to_wait()
