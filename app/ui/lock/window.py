"""The window of a profile that is closed: a card on the ground of the main window, whose place it takes."""

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.card_ground import CardGround
from app.ui.tasks import Tasks
from app.ui.theme import Appearance

_CARD_WIDTH = 480


class LockWindow(QWidget):
    """Shows one card at a time; it cannot be closed while `is_busy`."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.appearance = appearance
        self.tasks = Tasks(self)
        self.is_busy = False
        self._ground: CardGround | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setWindowTitle("Inglenook")
        self.setMinimumSize(720, 480)
        self.resize(1280, 820)

    def show_card(self, card: QWidget) -> None:
        """Show this card in place of the one before, which is taken apart."""
        before, self._ground = self._ground, CardGround(card, self.appearance, _CARD_WIDTH)
        if before is not None:
            self._column.removeWidget(before)
            before.hide()
            before.deleteLater()
        self._column.addWidget(self._ground)

    def take_place_of(self, window: QWidget) -> None:
        """Stand where that window stands, as large."""
        self.restoreGeometry(window.saveGeometry())

    def closeEvent(self, event: QCloseEvent) -> None:
        event.setAccepted(not self.is_busy)
