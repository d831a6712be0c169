"""The user's turn: a quiet bubble on the right, with a word below it while it waits to be sent."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath

from app.core.conversation import Message
from app.ui.fonts import LINE_PIXELS, text_font
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.column import BlockColumn, Marks
from app.ui.transcript.items import NO_MARKS, Feet, StackedPart, TranscriptItem, WidgetPart
from app.ui.transcript.markdown.content import Block, Paragraph, Span
from app.ui.transcript.message_actions import ACTIONS_HEIGHT, foot_size
from app.ui.transcript.remark import Remark

_WIDEST = 520
_WIDEST_PART = 0.9  # of a narrow column, so that one still sees whose turn it is
_SIDE = 15
_ABOVE = 10
_LETTER = 8  # about as wide as one is, with what breaking lines leaves free
_CORNER = 14
_WORDS_WIDTH = 180  # of the words below a bubble, about
_FRAME_GAP = 9  # by which what is framed, with a margin, ends above the foot's bottom
_LAST_CORNER = 4  # where the bubble points to its writer
_CHUNK_LINES = 40  # a long text is laid out by pieces


class UserTurn(TranscriptItem):
    """What the user wrote, as plain text; its foot stands in the gap below, from when it is stored (`message`)."""

    def __init__(self, text: str, look: Look, feet: Feet) -> None:
        super().__init__(look)
        self.name = "You wrote"
        self.text = text
        self.message: Message | None = None
        self.foot = WidgetPart(ACTIONS_HEIGHT, lambda parent: feet.make(self, parent), feet.give_back)
        self._waiting = ""
        self._column = BlockColumn(look, is_plain=True)
        self._column.set_blocks(plain_blocks(text))
        self._bubble = QRectF()
        self._natural_width: float | None = None
        self._build()

    @property
    def is_plain(self) -> bool:
        """See TranscriptItem."""
        return True

    @property
    def waiting(self) -> str:
        """The word below the bubble; empty once the message was sent."""
        return self._waiting

    @property
    def bubble(self) -> QRectF:
        """Where the bubble stands in the item."""
        return self._bubble

    def forget_notes(self) -> None:
        """Of the user's turn nothing is told."""

    def set_waiting(self, words: str) -> None:
        """Say what the message waits for; empty when it was sent."""
        self._waiting = words
        self._build()

    def set_message(self, message: Message) -> None:
        """It is stored as this message now."""
        self.message = message
        self._waiting = ""
        self._build()

    def _build(self) -> None:
        self.foot.height, self.foot.overhang = foot_size(self.look)
        self.stack = [StackedPart(self._column)]
        if self._waiting:
            remark = Remark(self._waiting, self.look, at_right=True)
            self.stack.append(StackedPart(remark, gap=4))
        if self.message is not None:
            self.stack.append(StackedPart(self.foot))
        if self.width:
            self.arrange()

    def set_look(self, look: Look) -> None:
        """See TranscriptItem."""
        self.look = look
        self._natural_width = None
        self._column.set_look(look)
        self._build()

    def estimate(self, width: float) -> None:
        """See TranscriptItem."""
        line = self.look.pixels(LINE_PIXELS)
        letters = min(self.look.pixels(_WIDEST), max(width, 1)) / self.look.pixels(_LETTER)
        self.height = 2 * self.look.pixels(_ABOVE) + line * (1 + self.text.count("\n") + len(self.text) // letters)

    def arrange(self) -> None:
        """See TranscriptItem."""
        look, width = self.look, self.width
        side, widest = look.pixels(_SIDE), min(look.pixels(_WIDEST), width * _WIDEST_PART)
        if self._natural_width is None:
            self._natural_width = _natural_width(self.text, look)
        inner = min(self._natural_width + 1, widest - 2 * side)
        self._column.set_width(max(1.0, inner))
        self.stack[0].indent = width - inner - side
        for stacked in self.stack[1:]:
            if isinstance(stacked.part, Remark):
                stacked.part.set_width(width)
        self.restack()

    def restack(self) -> None:
        """See TranscriptItem."""
        above, side = self.look.pixels(_ABOVE), self.look.pixels(_SIDE)
        text = self.stack[0]
        text.top = above
        left = text.indent - side
        self._bubble = QRectF(left, 0, self.width - left, self._column.height + 2 * above)
        y = self._bubble.bottom()
        for stacked in self.stack[1:]:
            stacked.top = y + stacked.gap
            if stacked.part is not self.foot:
                y = stacked.top + stacked.part.height
        # The foot stands in the gap below the turn, as far as it fits there.
        beyond = self.foot.height - ACTIONS_HEIGHT if self.message is not None else 0.0
        self.height = y + max(0.0, beyond)

    @property
    def frame(self) -> QRectF:
        """See TranscriptItem: the bubble, with the words that stand below it."""
        below = self.foot.height - _FRAME_GAP if self.message is not None else 0.0
        left = min(self._bubble.left(), self._bubble.right() - self.look.pixels(_WORDS_WIDTH))
        return QRectF(left, 0, self._bubble.right() - left, self._bubble.height() + max(0.0, below))

    def paint(self, painter: QPainter, visible: QRectF, marks: Marks = NO_MARKS) -> None:
        """See TranscriptItem."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.look.tokens.sunken))
        painter.drawPath(_bubble_path(self._bubble))
        painter.restore()
        super().paint(painter, visible, marks)


def plain_blocks(text: str) -> list[Block]:
    """Text as it stands, in pieces of some lines each."""
    lines = text.split("\n")
    return [
        Paragraph((Span("\n".join(lines[start : start + _CHUNK_LINES])),))
        for start in range(0, len(lines), _CHUNK_LINES)
    ]


def _natural_width(text: str, look: Look) -> float:
    """The width of the longest line, as far as it matters."""
    metrics = QFontMetricsF(text_font(look.pixels(14)))
    widest = float(look.pixels(_WIDEST))
    longest = 0.0
    for line in text.split("\n", _CHUNK_LINES)[:_CHUNK_LINES]:
        if longest < widest:
            longest = max(longest, metrics.horizontalAdvance(line[:200]))
    return widest if text.count("\n") >= _CHUNK_LINES else longest


def _bubble_path(area: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(area, _CORNER, _CORNER)
    corner = QRectF(area.right() - _CORNER, area.bottom() - _CORNER, _CORNER, _CORNER)
    last = QPainterPath()
    last.addRoundedRect(corner.adjusted(-_CORNER, -_CORNER, 0, 0), _LAST_CORNER, _LAST_CORNER)
    return path.united(last)
