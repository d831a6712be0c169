"""What the cells of a table need in width and lines, measured letter by letter from widths that are looked up once."""

from PySide6.QtGui import QFont, QFontMetricsF

from app.ui.fonts import CODE_PIXELS, TEXT_PIXELS, code_font, text_font
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.blocks.table_layout import line_count
from app.ui.transcript.markdown.content import Span, Spans, spans_text

_LONGEST_MEASURED = 2000  # characters of a cell; what follows does not make a column wider
_ALLOWANCE = 1.01  # letters stand a little closer together, or further apart, than they are wide
_CODE_PADDING = 8  # beside code, both sides together


class _LetterWidths(dict[str, float]):
    """The width of each letter in a font, measured when it is first met."""

    def __init__(self, font: QFont) -> None:
        self._metrics = QFontMetricsF(font)

    def __missing__(self, letter: str) -> float:
        # Half of a surrogate pair is shown as the sign for what cannot be shown.
        self[letter] = width = self._metrics.horizontalAdvance("\ufffd" if "\ud800" <= letter <= "\udfff" else letter)
        return width


class CellMeasure:
    """Widths in logical pixels at a look's zoom, of cells in normal or DemiBold text."""

    def __init__(self, look: Look, *, is_header: bool) -> None:
        weight = QFont.Weight.DemiBold if is_header else QFont.Weight.Normal
        self._plain = _LetterWidths(text_font(look.pixels(TEXT_PIXELS), weight))
        self._bold = _LetterWidths(text_font(look.pixels(TEXT_PIXELS), QFont.Weight.DemiBold))
        self._code = _LetterWidths(code_font(look.pixels(CODE_PIXELS)))
        self._code_padding = look.pixels(_CODE_PADDING)

    def width(self, spans: Spans) -> float:
        """How wide a cell is on one line."""
        return _ALLOWANCE * max(
            (sum(self._span(span, part) for span, part in line) for line in _lines(spans)), default=0.0
        )

    def longest_word(self, spans: Spans) -> float:
        """How wide its widest word is."""
        words = ((span, word) for span in spans for word in span.text[:_LONGEST_MEASURED].split())
        return _ALLOWANCE * max((self._span(span, word) for span, word in words), default=0.0)

    def lines(self, spans: Spans, width: float) -> int:
        """How many lines it takes in a column of some width, at most."""
        text = spans_text(spans)
        letters = self._code if any(span.code for span in spans) else self._plain
        if any(span.bold for span in spans):
            letters = self._bold if letters is self._plain else letters
        return line_count(text, width / _ALLOWANCE, lambda word: sum(map(letters.__getitem__, word)))

    def _span(self, span: Span, text: str) -> float:
        if span.code:
            return sum(map(self._code.__getitem__, text)) + self._code_padding
        letters = self._bold if span.bold else self._plain
        return sum(map(letters.__getitem__, text))


def is_simple(spans: Spans) -> bool:
    """Whether letters are all that a cell shows: no formula, no image, no mark of a footnote."""
    return not any(span.math or span.image or span.footnote for span in spans)


def _lines(spans: Spans) -> list[list[tuple[Span, str]]]:
    lines: list[list[tuple[Span, str]]] = [[]]
    for span in spans:
        first, *others = span.text[:_LONGEST_MEASURED].split("\n")
        lines[-1].append((span, first))
        lines += ([(span, other)] for other in others)
    return lines
