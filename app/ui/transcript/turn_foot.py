"""What stands below a turn: an answer's figures and how it ended on the left, what can be done with it on the right."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.core.conversation import Message, MessageState, Role
from app.ui.elided_label import ElidedLabel
from app.ui.transcript.details import figures_explained
from app.ui.transcript.figures import ending_in_words, figures_line
from app.ui.transcript.message_actions import MessageActions


class TurnFoot(QWidget):
    """Transparent, one line high. Of the user's turn the buttons are seen only while they are pointed at or focused."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures = _label("figures", self)
        self._label = _label("label", self)
        self.buttons = MessageActions(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(13)
        row.addWidget(self._figures)
        row.addWidget(self._label)
        row.addStretch()
        row.addWidget(self.buttons)
        for label in (self._figures, self._label):
            label.hide()

    @property
    def figures(self) -> str:
        """The line of figures."""
        return self._figures.text()

    @property
    def explanation(self) -> str:
        """What the tooltip of the figures says."""
        return self._figures.toolTip()

    @property
    def label(self) -> str:
        """The word about how the answer ended; empty when it came to its own end."""
        return self._label.text()

    def show_message(self, message: Message, *, is_last: bool, is_busy: bool) -> None:
        """Show how a message came about and ended, and what can be done with it."""
        line, ending = figures_line(message), ending_in_words(message)
        self._figures.setText(line)
        self._figures.setToolTip(figures_explained(message))
        self._figures.setVisible(bool(line))
        self._label.setProperty("kind", "tiny" if message.state is MessageState.COMPLETE else "label")
        self._label.style().polish(self._label)
        self._label.show_text(ending)
        self._label.setVisible(bool(ending))
        self.buttons.show_message(message, is_last=is_last, is_busy=is_busy)
        self.buttons.set_quiet(message.role is Role.USER)

    def show_nothing(self) -> None:
        """Be empty: the answer is still being written."""
        for widget in (self._figures, self._label, self.buttons):
            widget.hide()

    def reveal(self, is_revealed: bool) -> None:
        """Show the user's buttons while the pointer is on their message."""
        self.buttons.reveal(is_revealed)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.reveal(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.reveal(False)


def _label(kind: str, parent: QWidget) -> ElidedLabel:
    label = ElidedLabel(parent, Qt.TextElideMode.ElideRight)
    label.setProperty("kind", kind)
    return label
