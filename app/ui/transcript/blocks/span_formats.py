"""How spans look: fonts, colours and heights of lines, at a look's zoom."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QTextCharFormat

from app.ui.fonts import CODE_PIXELS, LINE_PIXELS, TEXT_PIXELS, code_font, text_font
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.blocks.shown_spans import Run

CODE_PADDING = 4


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How running text stands: sizes of the design in pixels before zoom.

    `alignment` None: at the side where its direction begins. `colour` is a token's value, empty for that of text.
    `is_code`: all of it in the code font, without colour under it.
    """

    pixels: int = TEXT_PIXELS
    line_pixels: int = LINE_PIXELS
    is_bold: bool = False
    alignment: Qt.AlignmentFlag | None = None
    colour: str = ""
    is_code: bool = False


class SpanFormats:
    """The formats of a document's runs, each made once."""

    def __init__(self, look: Look, style: TextStyle) -> None:
        self.look = look
        self.style = style
        weight = QFont.Weight.DemiBold if style.is_bold else QFont.Weight.Normal
        self.font = (code_font if style.is_code else text_font)(look.pixels(style.pixels), weight)
        metrics = QFontMetricsF(self.font)
        self.line_height = look.pixels(style.line_pixels)
        # Half of what a line has above its letters' height stands above them.
        self.baseline = round((self.line_height - metrics.height()) / 2 + metrics.ascent())
        self._object_width = metrics.horizontalAdvance("\u2022")
        self._space_width = metrics.horizontalAdvance("\u00a0")
        self._made: dict[tuple[object, ...], QTextCharFormat] = {}

    def of_run(self, run: Run) -> QTextCharFormat:
        """The format of a run's letters."""
        span = run.span
        key = (span.bold, span.italic, span.struck, run.is_code, bool(run.link), bool(span.image), span.footnote)
        if key not in self._made:
            self._made[key] = self._make(run)
        return self._made[key]

    def of_padding(self) -> QTextCharFormat:
        """The format of the blank beside code."""
        return self._spaced(self.look.pixels(CODE_PADDING) - self._space_width)

    def of_object(self, width: float) -> QTextCharFormat:
        """The format of the character that holds a formula's place: it is not seen, and as wide as the formula."""
        made = self._spaced(width - self._object_width)
        made.setForeground(QColor(Qt.GlobalColor.transparent))
        return made

    def _spaced(self, spacing: float) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
        made.setFontLetterSpacing(spacing)
        return made

    def _make(self, run: Run) -> QTextCharFormat:
        span, tokens = run.span, self.look.tokens
        weight = QFont.Weight.DemiBold if span.bold or self.style.is_bold else QFont.Weight.Normal
        made = QTextCharFormat()
        if self.style.is_code:
            made.setFont(self.font)
        elif run.is_code:
            made.setFont(code_font(self.look.pixels(CODE_PIXELS * self.style.pixels / TEXT_PIXELS), weight))
        else:
            font = text_font(self.look.pixels(self.style.pixels), weight)
            font.setItalic(span.italic)
            made.setFont(font)
        if span.struck:
            made.setFontStrikeOut(True)
        if span.footnote:
            made.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        if (run.link and not span.image) or span.footnote:
            made.setForeground(QColor(tokens.accent))
        elif span.image:
            made.setForeground(QColor(tokens.text_2))
        return made
