"""Learns from Windows' power messages that the system goes to sleep."""

import ctypes
from collections.abc import Callable

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication

_MESSAGE_KINDS = (b"windows_generic_MSG", b"windows_dispatcher_MSG")
WM_POWERBROADCAST = 0x0218
PBT_APMSUSPEND = 0x0004


class WindowsMessage(ctypes.Structure):
    """The beginning of Windows' MSG, of which nothing more is read (winuser.h)."""

    _fields_ = (("window", ctypes.c_void_p), ("message", ctypes.c_uint32), ("wparam", ctypes.c_size_t))


def tells_of_sleep(kind: bytes, address: int) -> bool:
    """Whether the native message at that address says that the system is about to sleep."""
    if kind not in _MESSAGE_KINDS or not address:
        return False
    message = WindowsMessage.from_address(address)
    return bool(message.message == WM_POWERBROADCAST and message.wparam == PBT_APMSUSPEND)


class WindowsSleep(QAbstractNativeEventFilter):
    """Calls `slept` when Windows says that it is about to sleep; Windows gives about two seconds then."""

    def __init__(self, slept: Callable[[], None]) -> None:
        super().__init__()
        self._slept = slept
        application = QCoreApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self)

    def release(self) -> None:
        """See SleepSource: Windows waits for nobody."""

    def stop(self) -> None:
        """See SleepSource."""
        application = QCoreApplication.instance()
        if application is not None:
            application.removeNativeEventFilter(self)

    def nativeEventFilter(self, kind: QByteArray | bytes | bytearray | memoryview, message: int) -> object:
        if tells_of_sleep(bytes(kind.data() if isinstance(kind, QByteArray) else kind), int(message)):
            self._slept()
        return False, 0
