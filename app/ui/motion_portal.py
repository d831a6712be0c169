"""What a Linux desktop says of motion through its settings portal."""

from typing import Any

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusVariant

_SERVICE = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_INTERFACE = "org.freedesktop.portal.Settings"
_SETTINGS = (
    ("org.freedesktop.appearance", "reduced-motion"),
    ("org.gnome.desktop.interface", "enable-animations"),
    ("org.kde.kdeglobals.KDE", "AnimationDurationFactor"),
)
_PATIENCE_MS = 5_000  # a portal may have to be started first; nobody waits for it


class MotionPortal(QObject):
    """Asks once, without waiting, and hears of changes."""

    def __init__(self, bus: QDBusConnection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wishes: dict[str, bool] = {}
        if bus.isConnected():
            self._ask(bus)

    @property
    def wishes_less(self) -> bool:
        """Whether one of the settings means less motion, as far as is known by now."""
        return any(self._wishes.values())

    def _ask(self, bus: QDBusConnection) -> None:
        slot = SLOT("_on_setting_changed(QDBusMessage)")
        bus.connect(_SERVICE, _PATH, _INTERFACE, "SettingChanged", self, slot)  # type: ignore[call-overload]  # asks for bytes, refuses them
        for group, key in _SETTINGS:
            question = QDBusMessage.createMethodCall(_SERVICE, _PATH, _INTERFACE, "Read")
            question.setArguments([group, key])
            watcher = QDBusPendingCallWatcher(bus.asyncCall(question, _PATIENCE_MS), self)
            watcher.setObjectName(key)
            watcher.finished.connect(self._on_answered)

    @Slot(QDBusPendingCallWatcher)
    def _on_answered(self, watcher: QDBusPendingCallWatcher) -> None:
        answer = watcher.reply()
        if answer.type() == QDBusMessage.MessageType.ReplyMessage:  # otherwise this desktop knows no such setting
            self._wishes.setdefault(watcher.objectName(), setting_reduces(watcher.objectName(), answer.arguments()))
        watcher.deleteLater()

    @Slot(QDBusMessage)
    def _on_setting_changed(self, message: QDBusMessage) -> None:
        group, key, *value = message.arguments()
        if (group, key) in _SETTINGS:
            self._wishes[key] = setting_reduces(key, value)


def setting_reduces(key: str, arguments: list[Any]) -> bool:
    """Whether a desktop's setting means less motion; `arguments` hold its value, in any number of D-Bus's variants."""
    value = arguments[0] if arguments else None
    while isinstance(value, QDBusVariant):
        value = value.variant()
    match key:
        case "reduced-motion":
            return value == 1
        case "enable-animations":
            return value is False
        case _:
            return str(value).strip() in ("0", "0.0")
