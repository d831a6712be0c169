"""The transcript: the shown conversation in one column, which follows the end while an answer is written."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.conversation import Message, Role
from app.core.settings import OverflowPolicy
from app.ui.theme import Appearance
from app.ui.transcript.body import TranscriptBody
from app.ui.transcript.links import LinkDialog
from app.ui.transcript.memory import MemoryDivider, MemoryStart
from app.ui.transcript.reply_row import ReplyRow
from app.ui.transcript.user_row import UserMessageRow

COLUMN_WIDTH = 700
SHOWN_AT_ONCE = 30  # older messages are built when they are asked for, so that opening a long conversation stays quick
_NEAR_END = 4
_SIDE = 24


class TranscriptView(QScrollArea):
    """Rows of messages; `follows` is True while the view keeps to the end."""

    continue_requested = Signal(int)  # the id of the answer to be written on
    retry_requested = Signal(int)  # these, too, carry a message's id
    edit_requested = Signal(int)
    branch_requested = Signal(int)
    delete_requested = Signal(int)
    version_requested = Signal(int, int)  # the second: -1 for the version before, +1 for the one after
    overflow_chosen = Signal(OverflowPolicy)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._earlier: list[Message] = []
        self._rows_by_id: dict[int, UserMessageRow | ReplyRow] = {}
        self._memory: MemoryStart | None = None
        self._divider: MemoryDivider | None = None
        self._policy = OverflowPolicy.TRIM
        self._follows = True
        self._waiting: UserMessageRow | None = None
        self._reply: ReplyRow | None = None
        self.setObjectName("Transcript")
        self.setAccessibleName("Conversation")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._row, self._column = _column_in(self)
        self.earlier_button = QPushButton("Show earlier messages")
        self.earlier_button.setProperty("kind", "ghost")
        self.earlier_button.clicked.connect(self._on_earlier_clicked)
        self._column.insertWidget(0, self.earlier_button, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.earlier_button.hide()
        self._to_end = QToolButton(self)
        self._to_end.setProperty("kind", "round")
        self._to_end.setFixedSize(32, 32)
        self._to_end.setToolTip("To the end")
        self._to_end.setAccessibleName("To the end")
        self._to_end.clicked.connect(self.follow)
        self._to_end.hide()
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._on_range_changed)
        bar.actionTriggered.connect(self._on_action_triggered)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @property
    def follows(self) -> bool:
        """Whether the view keeps to the end; cleared the moment the user scrolls up."""
        return self._follows

    @property
    def rows(self) -> list[UserMessageRow | ReplyRow]:
        """The messages' rows, from the top."""
        items = (self._column.itemAt(index) for index in range(self._column.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [w for w in widgets if isinstance(w, UserMessageRow | ReplyRow)]

    @property
    def divider(self) -> MemoryDivider | None:
        """The line where the model's memory begins; None while it sees everything, or that place is not built yet."""
        return self._divider

    def show_messages(self, messages: Sequence[Message]) -> None:
        """Show a conversation from its end."""
        while self._column.count() > 2:
            item = self._column.takeAt(1)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._waiting = self._reply = None
        self._memory = self._divider = None
        self._rows_by_id.clear()
        self._earlier = list(messages[:-SHOWN_AT_ONCE])
        for message in messages[-SHOWN_AT_ONCE:]:
            self._add_message(message)
        self.earlier_button.setVisible(bool(self._earlier))
        self._mark_last()
        self.follow()

    def show_memory(self, start: MemoryStart | None, policy: OverflowPolicy) -> None:
        """Draw the line where the model's memory begins, in place of the one before; None draws none."""
        self._memory, self._policy = start, policy
        if self._divider is not None:
            self._column.removeWidget(self._divider)
            self._divider.hide()
            self._divider.deleteLater()
            self._divider = None
        row = self._rows_by_id.get(start.message_id) if start is not None else None
        if start is None or row is None:
            return
        self._divider = MemoryDivider(start, policy, self._appearance.tokens)
        self._divider.overflow_chosen.connect(self.overflow_chosen)
        self._column.insertWidget(self._column.indexOf(row), self._divider)

    def add_waiting(self, text: str, words: str) -> None:
        """Show a message that is not sent yet, and what it waits for (empty: nothing)."""
        self._waiting = UserMessageRow(text, words)
        self._add(self._waiting)
        self._mark_last()
        self.follow()

    def set_waiting(self, words: str) -> None:
        """Change the word below the message that waits; empty when it was sent."""
        if self._waiting is not None:
            self._waiting.set_waiting(words)

    def mark_sent(self, message_id: int) -> None:
        """The message that waited is stored under this id."""
        if self._waiting is not None:
            self._waiting.set_waiting("")
            self._rows_by_id[message_id] = self._waiting
            self._waiting = None

    def begin_reply(self, message_id: int, text: str = "", reasoning: str = "", notes: Sequence[str] = ()) -> None:
        """Begin the answer that is being written, with what there is of it already."""
        self._reply = ReplyRow(self._appearance.tokens)
        self._add(self._reply)
        self._know(self._reply, message_id)
        self._mark_last()
        if reasoning:
            self._reply.append_reasoning(reasoning)
        if text:
            self._reply.append_text(text)
        for sentence in notes:
            self._reply.add_note(sentence)

    def add_notes(self, message_id: int, notes: Sequence[str]) -> None:
        """Tell something about how an answer that is shown came about."""
        row = self._rows_by_id.get(message_id)
        if isinstance(row, ReplyRow):
            for sentence in notes:
                row.add_note(sentence)

    def write_on(self, message_id: int) -> None:
        """Turn an answer that has ended back into one that is being written."""
        row = self._rows_by_id.get(message_id)
        if isinstance(row, ReplyRow):
            self._reply = row
            row.write_on()

    def append_to_reply(self, text: str) -> None:
        """Write on in the answer that was begun."""
        if self._reply is not None:
            self._reply.append_text(text)

    def append_reasoning(self, text: str) -> None:
        """Write on in what the model thinks before the answer that was begun."""
        if self._reply is not None:
            self._reply.append_reasoning(text)

    def end_reasoning(self, seconds: float) -> None:
        """The answer that was begun has its first words; thinking has taken this long."""
        if self._reply is not None:
            self._reply.end_reasoning(seconds)

    def add_note(self, sentence: str) -> None:
        """Tell something about how the answer that was begun comes about."""
        if self._reply is not None:
            self._reply.add_note(sentence)

    def finish_reply(self, message: Message) -> None:
        """Show the answer as it ended."""
        if self._reply is not None:
            self._reply.show_message(message)
            self._know(self._reply, message.id)
            self._reply = None
            self._mark_last()

    def follow(self) -> None:
        """Go to the end and keep to it."""
        self._follows = True
        self._to_end.hide()
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _add_message(self, message: Message, index: int = -1) -> None:
        row: UserMessageRow | ReplyRow
        if message.role is Role.USER:
            row = UserMessageRow(message.text)
        else:
            row = ReplyRow(self._appearance.tokens)
            row.show_message(message)
        self._add(row, index)
        self._know(row, message.id)

    def _know(self, row: UserMessageRow | ReplyRow, message_id: int) -> None:
        if self._rows_by_id.get(message_id) is row:
            return
        self._rows_by_id[message_id] = row
        if isinstance(row, ReplyRow):
            row.continue_requested.connect(lambda: self.continue_requested.emit(message_id))

    def _mark_last(self) -> None:
        """Let only the last row's answer be written on."""
        rows = self.rows
        for row in rows:
            if isinstance(row, ReplyRow):
                row.foot.set_is_last(row is rows[-1])

    def _add(self, row: QWidget, index: int = -1) -> None:
        if isinstance(row, UserMessageRow | ReplyRow):
            row.link_activated.connect(self._on_link_activated)
        self._column.insertWidget(index if index >= 0 else self._column.count() - 1, row)

    def _on_link_activated(self, address: QUrl) -> None:
        LinkDialog(address, self.window()).open()

    def _on_earlier_clicked(self) -> None:
        self._follows = False
        from_end = self.verticalScrollBar().maximum() - self.verticalScrollBar().value()
        shown, self._earlier = self._earlier[-SHOWN_AT_ONCE:], self._earlier[:-SHOWN_AT_ONCE]
        for message in reversed(shown):
            self._add_message(message, 1)
        self.earlier_button.setVisible(bool(self._earlier))
        if self._memory is not None and self._divider is None:
            self.show_memory(self._memory, self._policy)
        # The heights are known once the layout has run; then the reader is put back to where they were.
        QTimer.singleShot(0, self, lambda: self._keep_from_end(from_end))

    def _keep_from_end(self, from_end: int) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum() - from_end)

    def _on_range_changed(self, _minimum: int, maximum: int) -> None:
        # The scroll bar takes its width from the right: the same on the left keeps the column below the composer's.
        bar_width = self.verticalScrollBar().sizeHint().width() if maximum > 0 else 0
        if self._row.contentsMargins().left() != _SIDE + bar_width:
            self._row.setContentsMargins(_SIDE + bar_width, 0, _SIDE, 0)
        if self._follows:
            # Qt moves pixels only where none is waiting to be painted; so the new words are painted first, and not all.
            self.viewport().repaint(0, 0, 1, 1)
            self.verticalScrollBar().setValue(maximum)

    def _on_action_triggered(self, action: int) -> None:
        if action != QAbstractSlider.SliderAction.SliderNoAction.value:
            self._take_user_position(self.verticalScrollBar().sliderPosition())

    def _take_user_position(self, position: int) -> None:
        self._follows = position >= self.verticalScrollBar().maximum() - _NEAR_END
        self._to_end.setVisible(not self._follows)

    def _on_appearance_changed(self) -> None:
        self._to_end.setIcon(self._appearance.icon("arrow-down", self._appearance.tokens.text))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._to_end.move((self.width() - 32) // 2, self.height() - 32 - 10)
        if self._follows:
            self.follow()


def _column_in(area: QScrollArea) -> tuple[QHBoxLayout, QVBoxLayout]:
    body = TranscriptBody()
    column_widget = QWidget(body)
    column_widget.setObjectName("TranscriptColumn")
    column_widget.setAttribute(Qt.WidgetAttribute.WA_StaticContents)
    column_widget.setMaximumWidth(COLUMN_WIDTH)
    column_widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    column = QVBoxLayout(column_widget)
    column.setContentsMargins(0, 22, 0, 22)
    column.setSpacing(20)
    column.addStretch(1)  # it takes all the height that is left, also beside rows that could grow
    row = QHBoxLayout(body)
    row.setContentsMargins(_SIDE, 0, _SIDE, 0)
    row.addStretch(1)
    row.addWidget(column_widget, 1000)
    row.addStretch(1)
    area.setWidget(body)
    return row, column
