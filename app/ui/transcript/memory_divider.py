"""Where the model's memory begins: the line between the messages that it no longer sees and those that it does."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from app.core.settings import OverflowPolicy
from app.core.wording import counted
from app.ui.choices import words_of
from app.ui.elided_label import ElidedLabel
from app.ui.labels import hairline
from app.ui.text_action import text_action
from app.ui.tokens import Tokens
from app.ui.transcript.folded_text import FoldedText
from app.ui.transcript.memory import MemoryStart

_RULE_WIDTH = 24


class MemoryDivider(QWidget):
    """Says how many messages are not seen, shows the summary in their place, and lets the user choose otherwise."""

    overflow_chosen = Signal(OverflowPolicy)
    height_changed = Signal()

    def __init__(
        self, start: MemoryStart, policy: OverflowPolicy, tokens: Tokens, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._words = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self._words.show_text(_in_words(start))
        self._words.setProperty("kind", "tiny")
        self.change_button = _change_button(self._menu(policy), self)
        before, after = hairline(self), hairline(self)
        for rule in (before, after):
            rule.setMinimumWidth(_RULE_WIDTH)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(before, 1)
        line.addWidget(self._words)
        line.addWidget(self.change_button)
        line.addWidget(after, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        self.summary: FoldedText | None = None
        if start.summary:
            self.summary = FoldedText(f"Summary of the {_earlier(start.left_out)}", start.summary, tokens, self)
            self.summary.button.toggled.connect(self.height_changed)
            column.addWidget(self.summary)

    @property
    def words(self) -> str:
        """What the line says."""
        return self._words.text()

    def set_tokens(self, tokens: Tokens) -> None:
        """Use other colours."""
        if self.summary is not None:
            self.summary.set_tokens(tokens)

    def height_at(self, width: int) -> int:
        """How high it wants to be at a width in logical pixels."""
        self.resize(width, self.height())  # a summary that is open breaks its lines at its width
        layout, inner = self.layout(), self.summary.layout() if self.summary is not None else None
        assert layout is not None
        for _ in range(2):  # the text has its width first, and from that its height
            if inner is not None:
                inner.activate()
            layout.activate()
        return layout.sizeHint().height()

    def _menu(self, policy: OverflowPolicy) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for choice in OverflowPolicy:
            action = text_action(menu, words_of(choice))
            action.setCheckable(True)
            action.setChecked(choice is policy)
            action.triggered.connect(lambda _=False, chosen=choice: self.overflow_chosen.emit(chosen))
            group.addAction(action)
        return menu


def _in_words(start: MemoryStart) -> str:
    seen = "is not seen" if start.left_out == 1 else "are not seen"
    if start.summary:
        seen = "is seen as a summary" if start.left_out == 1 else "are seen as a summary"
    return f"The model's memory begins here: {_earlier(start.left_out)} {seen}"


def _earlier(count: int) -> str:
    return counted(count, "earlier message")


def _change_button(menu: QMenu, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText("Change…")
    button.setProperty("kind", "small")
    button.setToolTip("What happens when the context is full")
    button.setAccessibleName("Change what happens when the context is full")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(menu)
    return button
