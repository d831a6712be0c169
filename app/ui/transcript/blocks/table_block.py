"""Paints a table: aligned columns, a DemiBold header, hairlines between rows, and of its cells those in view."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from app.ui.transcript.blocks.block_tools import TableTools
from app.ui.transcript.blocks.boxes import paint_sideways_bar
from app.ui.transcript.blocks.painted import Highlight, Look
from app.ui.transcript.blocks.sideways import SidewaysBlock
from app.ui.transcript.blocks.spans_document import SpansDocument
from app.ui.transcript.blocks.table_cells import shown_part
from app.ui.transcript.blocks.table_grid import TableGrid
from app.ui.transcript.blocks.table_places import TablePlaces
from app.ui.transcript.markdown.content import Block, Table, spans_text
from app.ui.transcript.small_button import BETWEEN

_TOOLS_WIDTH = 76
_TOOLS_HEIGHT = 24
_BAR_ROOM = 10
_MOST_DOCUMENTS = 600  # that stay laid out


class TableBlock(SidewaysBlock):
    """A table as wide as it needs to be; one that is too wide for the page scrolls sideways.

    The button stands in the header's line where there is room beside it, else in a strip above.
    """

    def __init__(self, block: Table, look: Look) -> None:
        super().__init__(block, look)
        self.table = block
        self._grid = TableGrid(block, look)
        self._places = TablePlaces(block)
        self._documents: dict[tuple[int, int], SpansDocument] = {}
        self._has_strip = False
        self._changed_row = 0
        self._changed_from = 0.0

    def lay_out(self, width: float) -> None:
        grid, before = self._grid, (self.width, self._has_strip)
        self.width = width
        # Once there is a strip it stays while the table is written: it would come and go with the columns' widths.
        beside = width - grid.natural_width
        self._has_strip = beside < self.look.pixels(_TOOLS_WIDTH) or (self._has_strip and before[0] == width)
        moved = grid.lay_out(width)
        first = 0 if before != (width, self._has_strip) else min(moved, self._changed_row)
        self._changed_from = self._top + grid.top_of(first) if first else 0.0
        self._changed_row = grid.row_count
        self._sideways.set_extent(math.ceil(grid.width), width)
        self.height = self._top + grid.height + (self.look.pixels(_BAR_ROOM) if self._sideways.furthest else 0)

    def paint(self, painter: QPainter, visible: QRectF, highlights: Sequence[Highlight] = ()) -> None:
        grid, tokens = self._grid, self.look.tokens
        first, last = grid.row_at(visible.top() - self._top), grid.row_at(visible.bottom() - self._top)
        painter.save()
        painter.setClipRect(QRectF(0, 0, self.width, self.height), Qt.ClipOperation.IntersectClip)
        if len(self._documents) > _MOST_DOCUMENTS:
            self._documents.clear()
        marks = self._marks_between(first, last, highlights)
        hairline = QColor(tokens.line)
        left = -self._sideways.offset
        for row in range(first, last + 1):
            for column in range(grid.column_at(-left), grid.column_at(self.width - left) + 1):
                self._paint_cell(painter, row, column, marks)
            if row + 1 < grid.row_count:
                painter.fillRect(QRectF(left, self._top + grid.top_of(row + 1) - 1, grid.width, 1), hairline)
        painter.restore()
        if visible.bottom() > self._top + grid.height:
            paint_sideways_bar(painter, self.bar_rect(), tokens)

    def update_block(self, block: Block) -> bool:
        if not isinstance(block, Table) or len(block.header) != len(self.table.header):
            return False
        is_aligned_anew = block.alignments != self.table.alignments
        self.block = self.table = block
        changed = self._places.change(block)
        if is_aligned_anew:
            changed = 0
        self._grid.change(block, changed)
        self._changed_row = min(self._changed_row, changed)
        self._documents = {cell: document for cell, document in self._documents.items() if cell[0] < changed}
        return True

    def changed_from(self) -> float:
        return self._changed_from

    def place_at(self, point: QPointF) -> int:
        if point.y() < self._top:
            return 0
        if point.y() >= self._top + self._grid.height:
            return self._places.end_of(self._grid.row_count - 1)
        row, column = self._cell_under(point)
        return self._places.start_of(row, column) + self._document(row, column).place_at(
            point - self._corner(row, column)
        )

    def rect_at(self, place: int) -> QRectF:
        row, column = self._places.cell_at(max(0, place))
        inside = max(0, place) - self._places.start_of(row, column)
        rect = self._document(row, column).rect_at(inside)
        if self._grid.shows_one_line(row):
            rect.moveTop(0)
        return rect.translated(self._corner(row, column))

    def link_at(self, point: QPointF) -> str:
        row, column = self._cell_under(point)
        return self._document(row, column).link_at(point - self._corner(row, column))

    def tooltip_at(self, point: QPointF) -> str:
        row, column = self._cell_under(point)
        return self._document(row, column).tooltip_at(point - self._corner(row, column))

    def make_tools(self, parent: QWidget) -> TableTools:
        return TableTools(lambda: self.table, parent)

    def tools_rect(self) -> QRectF:
        width = min(float(self.look.pixels(_TOOLS_WIDTH)), self.width)
        height = self.look.pixels(_TOOLS_HEIGHT)
        room = self._top if self._has_strip else self._grid.top_of(1)
        # The word on the button ends where the table does.
        beyond = self.look.pixels(BETWEEN / 2)
        return QRectF(self.width - width + beyond, (room - height) / 2, width, height)

    def release(self) -> None:
        self._documents.clear()

    def _bar_track(self) -> QRectF:
        thickness = self.look.pixels(5)
        return QRectF(0, self.height - thickness - 1, self.width, thickness)

    @property
    def _top(self) -> int:
        """Where the header begins."""
        return self.look.pixels(_TOOLS_HEIGHT) if self._has_strip else 0

    def _corner(self, row: int, column: int) -> QPointF:
        """Where the text of a cell begins."""
        left = self._grid.lefts[column] - self._sideways.offset
        return QPointF(left, self._top + self._grid.top_of(row) + self._grid.text_top)

    def _cell_under(self, point: QPointF) -> tuple[int, int]:
        return self._grid.row_at(point.y() - self._top), self._grid.column_at(point.x() + self._sideways.offset)

    def _document(self, row: int, column: int) -> SpansDocument:
        """A cell's text, laid out."""
        document = self._documents.get((row, column))
        if document is None:
            document = SpansDocument(
                shown_part(self._places.rows[row][column]), self.look, self._grid.style(row, column)
            )
            self._documents[row, column] = document
        document.lay_out(self._grid.widths[column])
        return document

    def _paint_cell(self, painter: QPainter, row: int, column: int, marks: Sequence[Highlight]) -> None:
        document = self._document(row, column)
        corner = self._corner(row, column)
        own = []
        if marks:
            start = self._places.start_of(row, column)
            length = len(spans_text(document.spans))
            own = [
                Highlight(max(mark.start - start, 0), min(mark.end - start, length), mark.kind)
                for mark in marks
                if mark.start < start + length and mark.end > start
            ]
        painter.translate(corner)
        height = document.line_height - 1 if self._grid.shows_one_line(row) else document.height
        document.paint(painter, QRectF(0, 0, document.width, height), own)
        painter.translate(-corner)

    def _marks_between(self, first: int, last: int, highlights: Sequence[Highlight]) -> list[Highlight]:
        start = self._places.start_of(first, 0)
        below = self._places.start_of(last + 1, 0) if last + 1 < self._grid.row_count else math.inf
        return [mark for mark in highlights if mark.start < below and mark.end > start]
