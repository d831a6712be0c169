"""Paints a block of code: a rounded box, its language above, and of its lines those that are in view."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QTextCharFormat
from PySide6.QtWidgets import QWidget

from app.ui.fonts import CODE_LINE_PIXELS, CODE_PIXELS, code_font, text_font
from app.ui.transcript.blocks.block_tools import CodeTools
from app.ui.transcript.blocks.boxes import paint_box, paint_sideways_bar
from app.ui.transcript.blocks.code_colours import CodeColours
from app.ui.transcript.blocks.code_pieces import CodePieces
from app.ui.transcript.blocks.code_rows import PIECE, CodeRows
from app.ui.transcript.blocks.colours import highlight_colour, highlight_text_colour
from app.ui.transcript.blocks.painted import Highlight, Look
from app.ui.transcript.blocks.sideways import SidewaysBlock
from app.ui.transcript.markdown.content import Block, Code

_BORDER = 1
_HEAD = 27  # its hairline is part of it
_LABEL_PIXELS = 11
_TOOLS_WIDTH = 190
_PADDING = 13  # beside the code
_PADDING_ABOVE = 11  # and below
_BREAK_WIDTH = 5  # of the mark that tells that a line's end is selected


class CodeBlock(SidewaysBlock):
    """Code in JetBrains Mono that scrolls sideways, or is wrapped when the switch in its head says so."""

    def __init__(self, block: Code, look: Look) -> None:
        super().__init__(block, look)
        self.code = block
        self.is_wrapped = False
        self._rows = CodeRows(block.text)
        self._colours = CodeColours(block.language)
        self._pieces = CodePieces(self._rows, self._colours, code_font(look.pixels(CODE_PIXELS)), look.tokens)
        self._is_settled = True
        self._changed_from = 0.0

    def lay_out(self, width: float) -> None:
        self.width = width
        inner = max(1.0, width - 2 * (_BORDER + self._padding))
        columns = max(8, math.floor(inner / self._pieces.letter)) if self.is_wrapped else 0
        if self._rows.wrap(columns):
            self._pieces.forget_from(0)
        self._sideways.set_extent(0.0 if columns else math.ceil(self._rows.widest * self._pieces.letter), inner)
        self.height = self._row_top(self._rows.row_count) + self.look.pixels(_PADDING_ABOVE) + _BORDER

    def set_wrapped(self, is_wrapped: bool) -> None:
        """Whether long lines are broken; lay_out() must be called afterwards."""
        self.is_wrapped = is_wrapped
        self._sideways.offset = 0.0
        self._changed_from = 0.0

    def paint(self, painter: QPainter, visible: QRectF, highlights: Sequence[Highlight] = ()) -> None:
        tokens = self.look.tokens
        paint_box(painter, QRectF(0, 0, self.width, self.height), visible, tokens)
        if visible.top() < self._head_bottom:
            self._paint_head(painter)
        first = max(0, self._row_below(visible.top()))
        last = min(self._rows.row_count - 1, self._row_below(visible.bottom()))
        if first <= last:
            painter.save()
            painter.setClipRect(
                QRectF(_BORDER, self._head_bottom, self.width - 2 * _BORDER, self.height - self._head_bottom - _BORDER),
                Qt.ClipOperation.IntersectClip,
            )
            painter.setPen(QColor(tokens.text))
            self._paint_rows(painter, first, last, highlights)
            painter.restore()
        if visible.bottom() > self.height - self.look.pixels(_PADDING_ABOVE):
            paint_sideways_bar(painter, self.bar_rect(), tokens)

    def is_settled(self) -> bool:
        return self._is_settled

    def update_block(self, block: Block) -> bool:
        if not isinstance(block, Code):
            return False
        is_other_language = block.language != self.code.language
        self.block = self.code = block
        if is_other_language:
            self._colours.set_language(block.language)
        line = self._rows.change(block.text)
        row = 0 if is_other_language else self._rows.row_at(self._rows.line_start(line))
        self._colours.forget_from(line)
        self._pieces.forget_from(row)
        self._changed_from = 0.0 if is_other_language else self._row_top(row)
        return True

    def changed_from(self) -> float:
        return self._changed_from

    def place_at(self, point: QPointF) -> int:
        if point.y() < self._head_bottom:
            return 0
        if point.y() >= self.height:
            return len(self._rows.text)
        index = min(max(0, self._row_below(point.y())), self._rows.row_count - 1)
        row = self._rows.row(index)
        place = self._pieces.place_at(index, point.x() - self._left)
        # A place behind the last character of a wrapped row is the first of the next.
        is_broken = index + 1 < self._rows.row_count and self._rows.row(index + 1).line == row.line
        return min(place, row.end - 1 if is_broken and row.end > row.start else row.end)

    def rect_at(self, place: int) -> QRectF:
        place = min(max(0, place), len(self._rows.text))
        index = self._rows.row_at(place)
        row = self._rows.row(index)
        left = self._left + self._pieces.x_of(index, place)
        width = self._left + self._pieces.x_of(index, place + 1) - left if place < row.end else 1.0
        return QRectF(left, self._row_top(index), max(1.0, width), self._row_height)

    def make_tools(self, parent: QWidget) -> CodeTools:
        return CodeTools(self, parent)

    def tools_rect(self) -> QRectF:
        width = min(float(self.look.pixels(_TOOLS_WIDTH)), self.width - 2 * _BORDER)
        return QRectF(self.width - _BORDER - width, _BORDER, width, self._head_bottom - 2 * _BORDER)

    def release(self) -> None:
        self._pieces.forget_from(0)

    def _bar_track(self) -> QRectF:
        left, thickness = self._content_left(), self.look.pixels(5)
        return QRectF(left, self.height - _BORDER - thickness - 2, self.width - 2 * left, thickness)

    def _content_left(self) -> float:
        return float(_BORDER + self._padding)

    @property
    def _padding(self) -> int:
        return self.look.pixels(_PADDING)

    @property
    def _left(self) -> float:
        """Where the first column stands now."""
        return self._content_left() - self._sideways.offset

    @property
    def _row_height(self) -> int:
        return self.look.pixels(CODE_LINE_PIXELS)

    @property
    def _head_bottom(self) -> float:
        return float(_BORDER + self.look.pixels(_HEAD))

    def _row_top(self, row: int) -> float:
        return self._head_bottom + self.look.pixels(_PADDING_ABOVE) + row * self._row_height

    def _row_below(self, y: float) -> int:
        return math.floor((y - self._row_top(0)) / self._row_height)

    def _paint_head(self, painter: QPainter) -> None:
        line = QRectF(_BORDER, self._head_bottom - 1, self.width - 2 * _BORDER, 1)
        painter.fillRect(line, QColor(self.look.tokens.line))
        font = text_font(self.look.pixels(_LABEL_PIXELS))
        left = _BORDER + self._padding
        room = self.tools_rect().left() - left
        words = " ".join(self.code.language[:80].split()) or "text"
        label = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.setFont(font)
        painter.setPen(QColor(self.look.tokens.text_2))
        area = QRectF(left, _BORDER, max(0.0, room), self._head_bottom - 2 * _BORDER)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), label)

    def _paint_rows(self, painter: QPainter, first: int, last: int, highlights: Sequence[Highlight]) -> None:
        rows = self._rows
        self._is_settled = self._colours.learn(rows, rows.row(first).line, rows.row(last).line)
        start, end = rows.row(first).start, rows.row(last).end
        marks = [mark for mark in highlights if mark.start <= end and mark.end > start]
        for index in range(first, last + 1):
            row = rows.row(index)
            of_row = [mark for mark in marks if mark.start <= row.end and mark.end > row.start]
            for mark in of_row:
                self._paint_mark(painter, index, mark)
            for number in self._pieces.between(index, -self._left, self.width - self._left):
                self._paint_piece(painter, index, number, of_row)

    def _paint_mark(self, painter: QPainter, index: int, mark: Highlight) -> None:
        row = self._rows.row(index)
        left = self._pieces.x_of(index, max(mark.start, row.start))
        right = self._pieces.x_of(index, min(mark.end, row.end))
        if mark.end > row.end:
            right += _BREAK_WIDTH
        area = QRectF(self._left + left, self._row_top(index), right - left, self._row_height)
        painter.fillRect(area.normalized(), highlight_colour(mark.kind, self.look.tokens))

    def _paint_piece(self, painter: QPainter, index: int, number: int, marks: Sequence[Highlight]) -> None:
        piece = self._pieces.piece(index, number)
        start = self._rows.row(index).start + number * PIECE
        formats = []
        for mark in marks:
            ink = highlight_text_colour(mark.kind, self.look.tokens)
            if ink is not None:
                style = QTextCharFormat()
                style.setForeground(ink)
                formats.append((max(0, mark.start - start), max(0, min(mark.end - start, PIECE)), style))
        top = self._row_top(index) + (self._row_height - piece.height) / 2
        painter.setPen(QColor(self.look.tokens.text))
        piece.draw(painter, QPointF(self._left + self._pieces.left_of(index, number), top), formats)
