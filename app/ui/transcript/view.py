"""The transcript: the shown conversation in one column, which follows the end while an answer is written."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.conversation import Message, Role
from app.ui.theme import Appearance
from app.ui.transcript.body import TranscriptBody
from app.ui.transcript.figures import trimmed_in_words
from app.ui.transcript.links import LinkDialog
from app.ui.transcript.reply_row import ReplyRow
from app.ui.transcript.user_row import UserMessageRow

COLUMN_WIDTH = 700
SHOWN_AT_ONCE = 30  # older messages are built when they are asked for, so that opening a long conversation stays quick
_NEAR_END = 4
_SIDE = 24


class TranscriptView(QScrollArea):
    """Rows of messages; `follows` is True while the view keeps to the end."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._earlier: list[Message] = []
        self._trimmed: Mapping[int, int] = {}
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
        self._earlier_button = QPushButton("Show earlier messages")
        self._earlier_button.setProperty("kind", "ghost")
        self._earlier_button.clicked.connect(self._on_earlier_clicked)
        self._column.insertWidget(0, self._earlier_button, alignment=Qt.AlignmentFlag.AlignHCenter)
        self._earlier_button.hide()
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

    def show_messages(self, messages: Sequence[Message], trimmed: Mapping[int, int]) -> None:
        """Show a conversation from its end. `trimmed`: a message's id, and how many messages its reply did not see."""
        while self._column.count() > 2:
            item = self._column.takeAt(1)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._waiting = self._reply = None
        self._trimmed = trimmed
        self._earlier = list(messages[:-SHOWN_AT_ONCE])
        for message in messages[-SHOWN_AT_ONCE:]:
            self._add_message(message)
        self._earlier_button.setVisible(bool(self._earlier))
        self.follow()

    def add_waiting(self, text: str, words: str) -> None:
        """Show a message that is not sent yet, and what it waits for (empty: nothing)."""
        self._waiting = UserMessageRow(text, words)
        self._add(self._waiting)
        self.follow()

    def set_waiting(self, words: str) -> None:
        """Change the word below the message that waits; empty when it was sent."""
        if self._waiting is not None:
            self._waiting.set_waiting(words)

    def add_trimmed(self, left_out: int) -> None:
        """Say that the oldest messages are no longer seen by the model."""
        self._add(_trimmed_label(left_out))

    def begin_reply(self, text: str = "") -> None:
        """Begin the answer that is being written, `text` being what there is of it."""
        self._reply = ReplyRow(self._appearance.tokens)
        self._add(self._reply)
        if text:
            self._reply.append_text(text)

    def append_to_reply(self, text: str) -> None:
        """Write on in the answer that was begun."""
        if self._reply is not None:
            self._reply.append_text(text)

    def finish_reply(self, message: Message) -> None:
        """Show the answer as it ended."""
        if self._reply is not None:
            self._reply.show_message(message)
            self._reply = None

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
        if message.id in self._trimmed:
            self._add(_trimmed_label(self._trimmed[message.id]), index + 1 if index >= 0 else -1)

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
        self._earlier_button.setVisible(bool(self._earlier))
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
    column.addStretch()
    row = QHBoxLayout(body)
    row.setContentsMargins(_SIDE, 0, _SIDE, 0)
    row.addStretch(1)
    row.addWidget(column_widget, 1000)
    row.addStretch(1)
    area.setWidget(body)
    return row, column


def _trimmed_label(left_out: int) -> QLabel:
    label = QLabel(trimmed_in_words(left_out))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("kind", "tiny")
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label
