"""The card at the foot of the sidebars: that nothing leaves this computer, or that the hub is contacted just now."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

_OFFLINE = '<span style="font-weight: 600">Offline</span> · nothing leaves this computer'
_ONLINE = '<span style="font-weight: 600">Online for downloads</span> · only the model hub is contacted'


class NetworkCard(QFrame):
    """Green while nothing is sent, amber while downloads run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("OfflineCard")
        self.words = QLabel(_OFFLINE, self)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.is_online = False
        inside = QHBoxLayout(self)
        inside.setContentsMargins(10, 9, 10, 9)
        inside.addWidget(self.words)

    def show_online(self, online: bool) -> None:
        """Show whether the hub is contacted."""
        if online == self.is_online:
            return
        self.is_online = online
        self.words.setText(_ONLINE if online else _OFFLINE)
        self.setProperty("online", online)
        for widget in (self, self.words):
            widget.style().polish(widget)
