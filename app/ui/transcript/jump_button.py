"""The way back to the end of the transcript, with the number of answers that came meanwhile."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from app.core.wording import counted
from app.ui.theme import Appearance

_HEIGHT = 32
_MARGIN = 10
_LEFT, _BETWEEN, _RIGHT = 9, 4, 14  # the room beside the icon and the words


class JumpButton(QToolButton):
    """A round arrow while the reader is not at the end; it grows words once there is something new down there."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._new = 0
        self._area = QRect()
        self.setProperty("kind", "round")
        self.setFixedHeight(_HEIGHT)
        self.setToolTip("Jump to the latest")
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()
        self._show_words()
        self.hide()

    @property
    def count(self) -> int:
        """How many answers have ended since the reader left the end."""
        return self._new

    def show_for(self, *, follows: bool) -> None:
        """Be there while the view does not follow."""
        if follows and self._new:
            self._new = 0
            self._show_words()
        if self.isHidden() is not follows:
            self.setVisible(not follows)

    def count_one(self) -> None:
        """Another answer has ended; it counts where the reader is elsewhere."""
        if not self.isHidden():
            self._new += 1
            self._show_words()

    def stand_in(self, area: QRect) -> None:
        """Stand at the bottom of `area`, in the middle."""
        self._area = area
        self.move(area.left() + (area.width() - self.width()) // 2, area.bottom() - _HEIGHT - _MARGIN)

    def _show_words(self) -> None:
        words = f"{counted(self._new, 'new answer')}" if self._new else ""
        self.setText(words)
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(style.ToolButtonTextBesideIcon if words else style.ToolButtonIconOnly)
        self.setAccessibleName(f"Jump to the latest, {words}" if words else "Jump to the latest")
        self.setProperty("worded", bool(words))
        self.style().polish(self)
        beside = _LEFT + self.iconSize().width() + _BETWEEN + _RIGHT
        self.setFixedWidth(beside + self.fontMetrics().horizontalAdvance(words) if words else _HEIGHT)
        self.stand_in(self._area)

    def _on_appearance_changed(self) -> None:
        self.setIcon(self._appearance.icon("arrow-down", self._appearance.tokens.text))
