"""Whether the person has asked their system for less motion.

Qt 6.11 does not tell (its accessibility hints know of contrast alone), so each system is asked in its own way:

- Linux: the desktop's settings portal, for the setting that all desktops share (`reduced-motion`), GNOME's "Animation
  effects" and Plasma's "Animation speed"; it also tells of changes. Desktops without a portal are not understood.
- Windows: "Animation effects" in the settings for accessibility.
- macOS: "Reduce motion" in the settings for accessibility.

Everywhere a text cursor that was set not to blink counts as well, of which Qt knows. What cannot be found out counts as
no wish.
"""

import ctypes
import sys
from ctypes import util
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from app.ui.motion_portal import MotionPortal

_GET_CLIENT_AREA_ANIMATION = 0x1042


class MotionPreference(QObject):
    """The wish as it is now. Make one where something moves; asking it costs next to nothing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._portal = _portal(self)

    @property
    def is_reduced(self) -> bool:
        """Whether nothing should move that need not."""
        wished = self._portal is not None and self._portal.wishes_less
        return wished or system_reduces() or QGuiApplication.styleHints().cursorFlashTime() <= 0


def _portal(parent: QObject) -> "MotionPortal | None":
    if not sys.platform.startswith("linux"):
        return None
    from PySide6.QtDBus import QDBusConnection

    from app.ui.motion_portal import MotionPortal

    return MotionPortal(QDBusConnection.sessionBus(), parent)


def system_reduces() -> bool:
    """What Windows or macOS says; False elsewhere."""
    if sys.platform == "win32":
        return windows_reduces(ctypes.windll.user32)
    if sys.platform == "darwin":
        return mac_reduces(ctypes.CDLL(util.find_library("objc")))
    return False


def windows_reduces(user32: Any) -> bool:
    """Ask Windows's `user32` whether animations are off."""
    animates = ctypes.c_int(1)
    known = user32.SystemParametersInfoW(_GET_CLIENT_AREA_ANIMATION, 0, ctypes.byref(animates), 0)
    return bool(known) and not animates.value


def mac_reduces(objc: Any) -> bool:
    """Ask NSWorkspace, through the Objective-C runtime `objc`; AppKit is loaded, because Qt runs on it."""
    objc.objc_getClass.restype = objc.sel_registerName.restype = ctypes.c_void_p
    objc.objc_getClass.argtypes = objc.sel_registerName.argtypes = [ctypes.c_char_p]
    send = ctypes.cast(objc.objc_msgSend, ctypes.c_void_p).value or 0
    to_object = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(send)
    to_bool = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p)(send)
    workspace = objc.objc_getClass(b"NSWorkspace")
    if not workspace:
        return False
    shared = to_object(workspace, objc.sel_registerName(b"sharedWorkspace"))
    return bool(to_bool(shared, objc.sel_registerName(b"accessibilityDisplayShouldReduceMotion")))
