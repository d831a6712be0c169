"""Text that is being written: only its last lines are laid out and painted again, however long it grows."""

import math
import unicodedata
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QTextLayout
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.fonts import LINE_PIXELS, text_font
from app.ui.transcript.document import reading_option

_BASELINE = 0.8 * LINE_PIXELS  # where a QTextDocument puts it in lines of a fixed height: nothing jumps at the end


@dataclass(frozen=True, slots=True)
class _Piece:
    """The first `lines` of a layout; those below are another piece's. `top` is in logical pixels."""

    layout: QTextLayout
    top: float
    lines: int

    @property
    def bottom(self) -> float:
        return self.top + self.lines * LINE_PIXELS


class StreamingTextView(QWidget):
    """Plain text in the reading font, as high as its lines, with a block of colour where the next word will stand.

    A text document would lay out and paint a whole paragraph at every word, which takes time from the engine.
    """

    def __init__(self, caret: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caret = QColor(caret)
        self._text = ""
        self._open_text = ""
        self._pieces: list[_Piece] = []
        self._font = text_font()
        self._direction = Qt.LayoutDirection.LayoutDirectionAuto
        self.setAttribute(Qt.WidgetAttribute.WA_StaticContents)
        self.setAccessibleName("Answer that is being written")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._lay_out_all()

    @property
    def text(self) -> str:
        """Everything so far."""
        return self._text

    def append_text(self, text: str) -> None:
        """Write on at the end."""
        self._text += text
        top = self._pieces[-1].top
        self._extend(text)
        self._fit()
        self.update(QRect(0, math.floor(top), self.width(), self.height() - math.floor(top)))

    def _extend(self, text: str) -> None:
        first, *others = text.split("\n")
        self._open_text += first
        self._lay_out_open()
        for paragraph in others:
            self._direction = Qt.LayoutDirection.LayoutDirectionAuto
            self._begin_piece(paragraph)
            self._lay_out_open()

    def _begin_piece(self, text: str) -> None:
        self._open_text = text
        self._pieces.append(_Piece(QTextLayout(), self._pieces[-1].bottom if self._pieces else 0.0, 0))

    def _lay_out_open(self) -> None:
        """Lay the last piece out again; what stands above its last line can no longer change, and is cut off."""
        top = self._pieces[-1].top
        if self._direction is Qt.LayoutDirection.LayoutDirectionAuto:
            self._direction = _direction_of(self._open_text)
        layout = self._layout_of(self._open_text)
        # A break that falls on the end of the text leaves an empty line, which the finished answer does not have.
        lines = max(1, sum(layout.lineAt(number).textLength() > 0 for number in range(layout.lineCount())))
        if lines > 1:
            cut = layout.lineAt(lines - 1).textStart()
            self._pieces[-1] = _Piece(layout, top, lines - 1)
            self._begin_piece(_from_unit(self._open_text, cut))
            self._lay_out_open()
        else:
            self._pieces[-1] = _Piece(layout, top, 1)

    def _lay_out_all(self) -> None:
        self._pieces.clear()
        self._direction = Qt.LayoutDirection.LayoutDirectionAuto
        self._begin_piece("")
        self._extend(self._text)
        self._fit()

    def _layout_of(self, text: str) -> QTextLayout:
        layout = QTextLayout(text, self._font)
        # The first letter of a paragraph says in which direction all its lines run, also those that are cut off.
        option = reading_option()
        option.setTextDirection(self._direction)
        if self._direction is Qt.LayoutDirection.RightToLeft:
            option.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout.setTextOption(option)
        layout.beginLayout()
        number = 0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, self.width()))
            line.setPosition(QPointF(0, number * LINE_PIXELS + _BASELINE - line.ascent()))
            number += 1
        layout.endLayout()
        return layout

    def _fit(self) -> None:
        height = math.ceil(self._pieces[-1].bottom)
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def _paint_caret(self, painter: QPainter) -> None:
        last = self._pieces[-1]
        line = last.layout.lineAt(last.lines - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._caret)
        is_leftward = self._direction is Qt.LayoutDirection.RightToLeft
        edge = self.width() - line.naturalTextWidth() - 10 if is_leftward else line.naturalTextWidth() + 2
        x = min(max(0, edge), self.width() - 8)
        painter.drawRoundedRect(round(x), round(last.bottom) - 18, 8, 15, 1, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().text().color())
        for piece in self._pieces:
            if piece.bottom > event.rect().top() and piece.top < event.rect().bottom():
                for number in range(piece.lines):
                    piece.layout.lineAt(number).draw(painter, QPointF(0, piece.top))
        self._paint_caret(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._lay_out_all()


def _from_unit(text: str, start: int) -> str:
    """`text` from a place that Qt counts in units of UTF-16, where an emoji is two."""
    return text.encode("utf-16-le", "surrogatepass")[2 * start :].decode("utf-16-le", "surrogatepass")


def _direction_of(text: str) -> Qt.LayoutDirection:
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return Qt.LayoutDirection.LeftToRight if kind == "L" else Qt.LayoutDirection.RightToLeft
    return Qt.LayoutDirection.LayoutDirectionAuto
