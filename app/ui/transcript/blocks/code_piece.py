"""A piece of a line of code, set in one row: its glyphs, and where each of its characters stands."""

import re
from collections.abc import Mapping

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from app.ui.tokens import Tokens
from app.ui.transcript.blocks.line_runs import Runs
from app.ui.transcript.blocks.token_kinds import TokenKind

Formats = Mapping[TokenKind, QTextCharFormat]

# What has no glyph or moves others: controls, halves of surrogate pairs, breaks, and marks that reverse the writing.
_UNSEEN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def formats_for(tokens: Tokens) -> Formats:
    """The colours of the kinds that have one."""
    colours = {
        TokenKind.KEYWORD: tokens.kw,
        TokenKind.STRING: tokens.str_,
        TokenKind.NUMBER: tokens.num,
        TokenKind.COMMENT: tokens.com,
        TokenKind.FUNCTION: tokens.fn,
    }
    return {kind: _format(colour) for kind, colour in colours.items()}


def _format(colour: str) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(QColor(colour))
    return made


def shown_text(text: str) -> str:
    """As many characters, of which each can be seen."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(lambda found: chr(0x2400 + ord(found[0])) if found[0] < " " else "\ufffd", text)


class CodePiece:
    """Set glyphs; places count characters from the piece's start, positions are logical pixels from its left."""

    def __init__(self, text: str, font: QFont, tab_pixels: float, runs: Runs | None, formats: Formats) -> None:
        self._text = shown_text(text)
        # Qt counts UTF-16 units, of which most texts have as many as characters.
        self._has_pairs = not self._text.isascii() and max(self._text) > "\uffff"
        self.is_coloured = runs is not None
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        option.setTabStopDistance(tab_pixels)
        self._layout = QTextLayout(self._text, font)
        self._layout.setTextOption(option)
        self._layout.setCacheEnabled(True)
        self._layout.setFormats([self._range(run.start, run.end, formats[run.kind]) for run in runs or ()])
        self._layout.beginLayout()
        self._line: QTextLine = self._layout.createLine()
        self._layout.endLayout()

    @property
    def height(self) -> float:
        """Of the glyphs' line, without any leading."""
        return self._line.height()

    @property
    def width(self) -> float:
        """Of all characters."""
        return self._line.naturalTextWidth()

    def draw(self, painter: QPainter, at: QPointF, marks: list[tuple[int, int, QTextCharFormat]]) -> None:
        """Draw the glyphs in the painter's pen and the runs' colours; `marks` are stretches in other formats."""
        self._layout.draw(painter, at, [self._range(start, end, style) for start, end, style in marks])

    def x_of(self, place: int) -> float:
        """Where the character at a place begins."""
        return float(self._line.cursorToX(self._units(place))[0])  # type: ignore[index]  # a tuple, declared as an object

    def place_at(self, x: float) -> int:
        """The place nearest to a position."""
        return self._characters(self._line.xToCursor(x))

    def _range(self, start: int, end: int, style: QTextCharFormat) -> QTextLayout.FormatRange:
        made = QTextLayout.FormatRange()
        made.start = self._units(start)
        made.length = self._units(end) - self._units(start)
        made.format = style
        return made

    def _units(self, place: int) -> int:
        return len(self._text[:place].encode("utf-16-le")) // 2 if self._has_pairs else place

    def _characters(self, units: int) -> int:
        if not self._has_pairs:
            return units
        return len(self._text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))
