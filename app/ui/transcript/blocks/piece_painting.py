"""Paints one line of running text: the colours of code and marks, the letters, and the formulas between them."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QTextCharFormat, QTextLayout

from app.ui.tokens import Tokens
from app.ui.transcript.blocks.colours import highlight_colour, highlight_text_colour
from app.ui.transcript.blocks.painted import HighlightKind
from app.ui.transcript.blocks.text_piece import Line, TextPiece

_CODE_RADIUS = 4

Ranges = list[tuple[int, int, HighlightKind]]  # of shown characters


def paint_line(painter: QPainter, piece: TextPiece, line: Line, tokens: Tokens, ranges: Ranges) -> None:
    """Paint a line of a piece whose text begins at the painter's origin; `ranges` are marked, the last on top."""
    top = piece.top + line.top
    runs = piece.runs_of(line)
    for run in runs:
        if run.is_code:
            _paint_code_colour(painter, piece.spans_of(line, run.start, run.end), piece.letters_rect(line), tokens)
    marked = [one for one in ranges if one[0] < line.end and one[1] > line.start]
    for start, end, kind in marked:
        for left, right in piece.spans_of(line, start, end):
            painter.fillRect(QRectF(left, top, right - left, line.height), highlight_colour(kind, tokens))
    own_colours = [_coloured(piece, line, start, end, kind, tokens) for start, end, kind in marked]
    selections = [one for one in own_colours if one is not None]
    if selections:
        clip = line.line.naturalTextRect().adjusted(-1, 1, 1, -1).translated(0, piece.top)
        piece.layout.draw(painter, QPointF(0, piece.top), selections, clip)
    else:
        line.line.draw(painter, QPointF(0, piece.top))
    for run in runs:
        if run.formula:
            for left, right in piece.spans_of(line, run.start, run.end):
                height = (run.formula.ascent + run.formula.descent) * (right - left) / run.formula.width
                above = height * run.formula.ascent / (run.formula.ascent + run.formula.descent)
                target = QRectF(left, top + line.baseline - above, right - left, height)
                painter.drawImage(target, run.formula.image)


def _paint_code_colour(painter: QPainter, parts: list[tuple[float, float]], letters: QRectF, tokens: Tokens) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.code))
    for left, right in parts:
        painter.drawRoundedRect(QRectF(left, letters.top(), right - left, letters.height()), _CODE_RADIUS, _CODE_RADIUS)
    painter.restore()


def _coloured(
    piece: TextPiece, line: Line, start: int, end: int, kind: HighlightKind, tokens: Tokens
) -> QTextLayout.FormatRange | None:
    colour = highlight_text_colour(kind, tokens)
    if colour is None:
        return None
    style = QTextCharFormat()
    style.setForeground(colour)
    return piece.format_range(max(start, line.start), min(end, line.end), style)
