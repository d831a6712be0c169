"""What the cells of a table need in width and lines, measured letter by letter from widths that are looked up once."""

from dataclasses import replace

from PySide6.QtGui import QFont, QFontMetricsF

from app.ui.fonts import CODE_PIXELS, TEXT_PIXELS, code_font, text_font
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.blocks.table_layout import line_count
from app.ui.transcript.markdown.content import Span, Spans, spans_text

LONGEST_SHOWN = 4000  # characters of a cell
_LONGEST_KEPT = 40  # characters of a word whose width is kept
_MOST_KEPT = 5000  # words
_ALLOWANCE = 1.02  # letters stand a little closer together, or further apart, than they are wide
_ROUNDING = 2  # pixels
_CODE_PADDING = 8  # beside code, both sides together


class _WordWidths(dict[str, float]):
    """The widths of words in a font, as the sum of their letters' widths; each is measured when it is first met."""

    def __init__(self, font: QFont) -> None:
        self._metrics = QFontMetricsF(font)
        self._letters: dict[str, float] = {}

    def __missing__(self, word: str) -> float:
        letters = self._letters
        for letter in set(word).difference(letters):
            # Half of a surrogate pair is shown as the sign for what cannot be shown.
            shown = "\ufffd" if "\ud800" <= letter <= "\udfff" else letter
            letters[letter] = self._metrics.horizontalAdvance(shown)
        width = sum(map(letters.__getitem__, word))
        if len(word) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[word] = width
        return width


class CellMeasure:
    """Widths in logical pixels at a look's zoom, of cells in normal or DemiBold text."""

    def __init__(self, look: Look, *, is_header: bool) -> None:
        weight = QFont.Weight.DemiBold if is_header else QFont.Weight.Normal
        self._plain = _WordWidths(text_font(look.pixels(TEXT_PIXELS), weight))
        self._bold = _WordWidths(text_font(look.pixels(TEXT_PIXELS), QFont.Weight.DemiBold))
        self._code = _WordWidths(code_font(look.pixels(CODE_PIXELS)))
        self._code_padding = look.pixels(_CODE_PADDING)

    def widths(self, spans: Spans) -> tuple[float, float]:
        """How wide a cell is without line breaks but its own, and how wide its widest word is."""
        widest, longest, line = 0.0, 0.0, 0.0
        for span in spans:
            words, padding = self._words(span)
            space = words[" "]
            for number, part in enumerate(span.text[:LONGEST_SHOWN].split("\n")):
                line = padding if number else line + padding
                parts = [words[word] for word in part.split(" ")]
                line += sum(parts) + space * (len(parts) - 1)
                longest = max(longest, padding + max(parts))
                widest = max(widest, line)
        return _ROUNDING + _ALLOWANCE * widest, _ROUNDING + _ALLOWANCE * longest

    def lines(self, spans: Spans, width: float) -> int:
        """How many lines it takes in a column of some width, at most."""
        words = max((self._words(span)[0] for span in spans), key=lambda words: words["n"], default=self._plain)
        return line_count(spans_text(spans), (width - _ROUNDING) / _ALLOWANCE, words.__getitem__)

    def _words(self, span: Span) -> tuple[_WordWidths, int]:
        if span.code:
            return self._code, self._code_padding
        return (self._bold if span.bold else self._plain), 0


def is_simple(spans: Spans) -> bool:
    """Whether letters are all that a cell shows: no formula, no image, no mark of a footnote."""
    return not any(span.math or span.image or span.footnote for span in spans)


def shown_part(spans: Spans) -> Spans:
    """What of a cell is shown: all of it, unless it is longer than anything that is meant to be read in a table."""
    if sum(len(span.text) for span in spans) <= LONGEST_SHOWN:
        return spans
    shown: list[Span] = []
    room = LONGEST_SHOWN
    for span in spans:
        shown.append(replace(span, text=span.text[:room]))
        room -= len(span.text)
        if room <= 0:
            break
    return (*shown, Span("…"))
