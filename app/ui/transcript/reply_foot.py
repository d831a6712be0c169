"""What stands below an answer: its figures, how it ended, and what can be done with it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.core.conversation import Message, MessageState
from app.ui.elided_label import ElidedLabel
from app.ui.transcript.copy_button import CopyButton
from app.ui.transcript.details import details_json, figures_explained
from app.ui.transcript.figures import ending_in_words, figures_line
from app.ui.transcript.message_actions import can_continue


class ReplyFoot(QWidget):
    """Hidden while the answer is written; `text` returns what the copy button copies."""

    def __init__(self, text: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message: Message | None = None
        self._is_last = False
        self._figures = _label("figures")
        self._label = _label("label")
        self.continue_button = QToolButton(self)
        self.continue_button.setText("Continue")
        self.continue_button.setProperty("kind", "act")
        self.continue_button.setToolTip("Let the model write on at the end of this answer")
        self.continue_button.setAccessibleName("Continue this answer")
        self.details_button = CopyButton(
            "Copy the details of this answer: model, parameters and figures", self._details, self, "Details"
        )
        self._copy = CopyButton("Copy this answer", text, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(13)
        for widget in (self._figures, self._label, self.continue_button):
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(self.details_button)
        row.addWidget(self._copy)
        self.hide()

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

    def show_message(self, message: Message) -> None:
        """Show how an answer came about and ended."""
        self._message = message
        line, label = figures_line(message), ending_in_words(message)
        self._figures.setText(line)
        self._figures.setToolTip(figures_explained(message))
        self._figures.setVisible(bool(line))
        self._label.setProperty("kind", "tiny" if message.state is MessageState.COMPLETE else "label")
        self._label.style().polish(self._label)
        self._label.show_text(label)
        self._label.setVisible(bool(label))
        self._copy.setVisible(bool(message.text))
        self.details_button.setVisible(message.statistics is not None)
        self._show_continue()
        self.setVisible(bool(line or label or message.text))

    def set_is_last(self, is_last: bool) -> None:
        """Only the last answer of a conversation can be written on."""
        self._is_last = is_last
        self._show_continue()

    def _show_continue(self) -> None:
        message = self._message
        self.continue_button.setVisible(self._is_last and message is not None and can_continue(message))

    def _details(self) -> str:
        return details_json(self._message) if self._message is not None else ""


def _label(kind: str) -> ElidedLabel:
    label = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
    label.setProperty("kind", kind)
    return label
