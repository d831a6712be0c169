"""Notices: sentences about what went wrong or is worth knowing, above the conversation, until they are closed."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.ui.icon_view import IconView
from app.ui.theme import Appearance

_MOST = 3


class NoticeKind(StrEnum):
    """How grave a notice is."""

    ERROR = "bad"
    NOTE = "info"


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """One more button of a notice; unless it `closes`, the notice stays for the others."""

    text: str
    act: Callable[[], None]
    closes: bool = True


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence and, with `action_text`, a button that calls `action` and closes the notice; `others` follow it."""

    sentence: str
    kind: NoticeKind = NoticeKind.ERROR
    action_text: str = ""
    action: Callable[[], None] | None = None
    others: tuple[NoticeAction, ...] = ()


class NoticeRow(QFrame):
    """One notice with its buttons."""

    closed = Signal()

    def __init__(self, notice: Notice, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setProperty("kind", f"notice-{notice.kind}")
        self.setAccessibleName("Error" if notice.kind is NoticeKind.ERROR else "Note")
        self.setAccessibleDescription(notice.sentence)
        self._appearance = appearance
        self._icon = IconView(16, self)
        words = QLabel(notice.sentence, self)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 7, 12, 7)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(words, 1)
        whole.addLayout(row)
        first = (NoticeAction(notice.action_text, notice.action),) if notice.action is not None else ()
        self.action_buttons = [self._button(action) for action in first + notice.others]
        whole.addLayout(self._lay_out_actions(row))
        self.close_button = QToolButton(self)
        self.close_button.setToolTip("Close")
        self.close_button.setAccessibleName("Close this notice")
        self.close_button.setIconSize(QSize(16, 16))
        self.close_button.clicked.connect(self.closed)
        row.addWidget(self.close_button)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @property
    def action_button(self) -> QPushButton | None:
        """The first button that does something; None when there is none."""
        return self.action_buttons[0] if self.action_buttons else None

    def _lay_out_actions(self, row: QHBoxLayout) -> QHBoxLayout:
        """One button stands beside the words; several would leave these no room, and stand below."""
        below = QHBoxLayout()
        below.setContentsMargins(26, 0, 0, 2)
        below.setSpacing(8)
        target = row if len(self.action_buttons) == 1 else below
        for button in self.action_buttons:
            target.addWidget(button)
        if target is below:
            below.addStretch()
        return below

    def _button(self, action: NoticeAction) -> QPushButton:
        button = QPushButton(action.text, self)
        button.setToolTip(action.text)
        button.clicked.connect(lambda: self._on_action(action))
        return button

    def _on_action(self, action: NoticeAction) -> None:
        if action.closes:
            self.closed.emit()
        action.act()

    def _on_appearance_changed(self) -> None:
        tokens = self._appearance.tokens
        is_error = self.notice.kind is NoticeKind.ERROR
        colour = tokens.bad if is_error else tokens.info
        self._icon.show_icon(self._appearance.icon("circle-alert" if is_error else "info", colour))
        self.close_button.setIcon(self._appearance.icon("x", colour))


class NoticeBar(QWidget):
    """The newest notices, one below the other; a sentence is shown once."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._rows: list[NoticeRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.hide()

    @property
    def rows(self) -> list[NoticeRow]:
        """What is shown, the newest last."""
        return list(self._rows)

    @property
    def sentences(self) -> list[str]:
        """The words that are shown, the newest last."""
        return [row.notice.sentence for row in self._rows]

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of one with the same sentence, and of the oldest when there are too many."""
        for row in [r for r in self._rows if r.notice.sentence == notice.sentence] or self._rows[: 1 - _MOST]:
            self._remove(row)
        row = NoticeRow(notice, self._appearance, self)
        row.closed.connect(lambda: self._remove(row))
        self._rows.append(row)
        self._column.addWidget(row)
        self.show()

    def clear(self) -> None:
        """Close every notice."""
        for row in list(self._rows):
            self._remove(row)

    def _remove(self, row: NoticeRow) -> None:
        if row in self._rows:
            self._rows.remove(row)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.setVisible(bool(self._rows))
