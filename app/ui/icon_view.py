"""An icon by itself, painted at the pixel ratio of whatever it is painted on."""

from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget


class IconView(QWidget):
    """A square of a fixed size in logical pixels."""

    def __init__(self, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QIcon()
        self.setFixedSize(size, size)

    def show_icon(self, icon: QIcon) -> None:
        """Show `icon` in place of the one before."""
        self._icon = icon
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._icon.paint(QPainter(self), self.rect())
