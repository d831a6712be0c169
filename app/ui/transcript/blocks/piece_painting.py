"""Paints one line of running text: the colours of code and marks, the letters, and the formulas between them."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.ui.tokens import Tokens
from app.ui.transcript.blocks.colours import highlight_colour, highlight_text_colour
from app.ui.transcript.blocks.math_image import MathImage
from app.ui.transcript.blocks.painted import HighlightKind
from app.ui.transcript.blocks.text_piece import Line, TextPiece

_CODE_RADIUS = 4
_NEARLY_ALL = 0.98  # the blank of this width differs by rounding

Ranges = list[tuple[int, int, HighlightKind]]  # of shown characters


def paint_line(painter: QPainter, piece: TextPiece, line: Line, tokens: Tokens, ranges: Ranges) -> None:
    """Paint a line of a piece whose text begins at the painter's origin; `ranges` are marked, the last on top."""
    _paint_code_colour(painter, piece, line, tokens)
    marks = [
        (QRectF(left, piece.top + line.top, right - left, line.height), kind)
        for start, end, kind in ranges
        if start < line.end and end > line.start
        for left, right in piece.spans_of(line, start, end)
    ]
    for rect, kind in marks:
        painter.fillRect(rect, highlight_colour(kind, tokens))
    _paint_letters(painter, piece, line)
    for rect, kind in marks:
        colour = highlight_text_colour(kind, tokens)
        if colour is not None:
            painter.fillRect(rect, highlight_colour(kind, tokens))
            _paint_letters_in(colour, rect, painter, piece, line)


def _paint_code_colour(painter: QPainter, piece: TextPiece, line: Line, tokens: Tokens) -> None:
    code = [run for run in piece.runs_of(line) if run.is_code]
    if not code:
        return
    letters = piece.letters_rect(line)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.code))
    for run in code:
        for left, right in piece.spans_of(line, run.start, run.end):
            under = QRectF(left, letters.top(), right - left, letters.height())
            painter.drawRoundedRect(under, _CODE_RADIUS, _CODE_RADIUS)
    painter.restore()


def _paint_letters(painter: QPainter, piece: TextPiece, line: Line) -> None:
    line.line.draw(painter, QPointF(0, piece.top))
    for run in piece.runs_of(line):
        if run.formula:
            for left, right in piece.spans_of(line, run.start, run.end):
                paint_formula(painter, run.formula, QPointF(left, piece.top + line.top + line.baseline), right - left)


def paint_formula(painter: QPainter, formula: MathImage, at: QPointF, width: float) -> None:
    """Paint a formula whose baseline begins at a point, made smaller where it is wider than `width`."""
    scale = width / formula.width
    top = at.y() - formula.ascent * min(1.0, scale)
    if scale > _NEARLY_ALL:
        ratio = painter.device().devicePixelRatioF()
        painter.drawImage(QPointF(round(at.x() * ratio) / ratio, round(top * ratio) / ratio), formula.image)
    else:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(at.x(), top, width, formula.height * scale), formula.image)
        painter.restore()


def _paint_letters_in(colour: QColor, rect: QRectF, painter: QPainter, piece: TextPiece, line: Line) -> None:
    """Paint what stands in `rect` in one colour: formats would keep their own, and so would formulas."""
    ratio = painter.device().devicePixelRatioF()
    image = QImage(
        math.ceil(rect.width() * ratio), math.ceil(rect.height() * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    if image.isNull():
        return
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    letters = QPainter(image)
    letters.translate(-rect.topLeft())
    _paint_letters(letters, piece, line)
    letters.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    letters.fillRect(rect, colour)
    letters.end()
    painter.drawImage(rect.topLeft(), image)
