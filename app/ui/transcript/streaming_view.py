"""Text that is being written: only its last lines are laid out and painted again, however long it grows."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.fonts import LINE_PIXELS, text_font
from app.ui.transcript.document import plain_document

_OPEN_LINES = 1  # what stands above the last line can no longer change


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines that are laid out together. `top` is in logical pixels."""

    layout: QTextLayout
    top: float

    @property
    def bottom(self) -> float:
        return self.top + self.layout.lineCount() * LINE_PIXELS


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
        self._rise = _rise()
        self._font = text_font()
        self._option = QTextOption()
        self._option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
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
            self._begin_piece(paragraph)
            self._lay_out_open()

    def _begin_piece(self, text: str) -> None:
        self._open_text = text
        self._pieces.append(_Piece(QTextLayout(), self._pieces[-1].bottom if self._pieces else 0.0))

    def _lay_out_open(self) -> None:
        """Lay the last piece out again; its last line goes on as a piece of its own when there are more."""
        top = self._pieces[-1].top
        layout = self._layout_of(self._open_text)
        if layout.lineCount() > _OPEN_LINES:
            cut = layout.lineAt(layout.lineCount() - 1).textStart()
            self._pieces[-1] = _Piece(self._layout_of(self._open_text[:cut]), top)
            self._begin_piece(self._open_text[cut:])
            self._lay_out_open()
        else:
            self._pieces[-1] = _Piece(layout, top)

    def _lay_out_all(self) -> None:
        self._pieces.clear()
        self._begin_piece("")
        self._extend(self._text)
        self._fit()

    def _layout_of(self, text: str) -> QTextLayout:
        layout = QTextLayout(text, self._font)
        layout.setTextOption(self._option)
        layout.beginLayout()
        number = 0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, self.width()))
            line.setPosition(QPointF(0, number * LINE_PIXELS + self._rise))
            number += 1
        layout.endLayout()
        return layout

    def _fit(self) -> None:
        height = math.ceil(self._pieces[-1].bottom)
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def _paint_caret(self, painter: QPainter) -> None:
        last = self._pieces[-1]
        line = last.layout.lineAt(last.layout.lineCount() - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._caret)
        x = min(line.naturalTextWidth() + 2, self.width() - 8)
        painter.drawRoundedRect(round(x), round(last.bottom) - 18, 8, 15, 1, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().text().color())
        for piece in self._pieces:
            if piece.bottom > event.rect().top() and piece.top < event.rect().bottom():
                piece.layout.draw(painter, QPointF(0, piece.top))
        self._paint_caret(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._lay_out_all()


def _rise() -> float:
    """How far below the top of its line Qt's layout of the finished answer puts the letters: nothing then jumps."""
    document = plain_document("x")
    document.setTextWidth(100)
    document.documentLayout().documentSize()
    return document.begin().layout().lineAt(0).y()
