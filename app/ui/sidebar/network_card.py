"""The card at the foot of the sidebars: whether anything leaves this computer, and the way to switch and log."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.network import NetworkMode
from app.ui.network.words import BUSY, CARD, switch_words

_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class NetworkCard(QFrame):
    """Green while nothing is sent, amber while the hub is contacted. Pressed, it asks for the page of the network."""

    pressed = Signal()
    switch_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("OfflineCard")
        self.words = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.switch_button = QPushButton(self)
        self.switch_button.setProperty("kind", "card-switch")
        self.switch_button.setToolTip("Whether what you press may use the network")
        self.switch_button.clicked.connect(self.switch_requested)
        self.is_online = False
        self._mode = NetworkMode.UNTIL_ASKED
        self._is_held = False
        self._is_usable = False
        inside = QVBoxLayout(self)
        inside.setContentsMargins(10, 9, 10, 9)
        inside.setSpacing(5)
        inside.addWidget(self.words)
        inside.addWidget(self.switch_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._show()

    def set_usable(self, usable: bool) -> None:
        """Whether there is a page to ask for."""
        self._is_usable = usable
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if usable else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if usable else Qt.CursorShape.ArrowCursor)
        self.setToolTip("Show every connection that was made or refused" if usable else "")
        self._show()

    def show_mode(self, mode: NetworkMode, *, is_held: bool = False) -> None:
        """Show whether anything may be sent; with `is_held` nothing may in this run, and there is nothing to switch."""
        self._mode, self._is_held = mode, is_held
        self._show()

    def show_online(self, online: bool) -> None:
        """Show whether the hub is contacted."""
        if online != self.is_online:
            self.is_online = online
            self._show()

    def _show(self) -> None:
        mode = NetworkMode.OFFLINE if self._is_held else self._mode
        title, rest = BUSY if self.is_online else CARD[mode]
        self.words.setText(f'<span style="font-weight: 600">{title}</span> · {rest}')
        self.setAccessibleName(f"Network: {title}, {rest}")
        self.switch_button.setText(switch_words(mode))
        can_switch = self._is_usable and not self._is_held and mode is not NetworkMode.UNTIL_ASKED
        self.switch_button.setVisible(can_switch)
        self.setProperty("online", self.is_online)
        for widget in (self, self.words, self.switch_button):
            widget.style().polish(widget)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._is_usable and event.button() is Qt.MouseButton.LeftButton:
            self.pressed.emit()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_usable and event.key() in _KEYS:
            self.pressed.emit()
        else:
            super().keyPressEvent(event)
