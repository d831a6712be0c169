"""What stands on the page for a row of spans: the characters that are laid out, and which place is where in them."""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.ui.transcript.blocks.math_image import MathFailure, MathImage
from app.ui.transcript.markdown.content import Span, Spans

OBJECT = "\u2022"  # stands for a drawn formula: neutral in direction, and lines break beside it as beside a letter
PADDING = "\u00a0"  # around code; no line breaks between it and the code
_LINE_BREAK = "\u2028"
_REPLACED = {"\n": _LINE_BREAK, "\r": " ", "\u2029": _LINE_BREAK, "\0": "\ufffd", "\ufffc": "\ufffd"}
_TO_REPLACE = re.compile("[\n\r\u2029\0\ufffc\ud800-\udfff]")
_ADDRESS_LENGTH = 60
_WEB = ("http://", "https://")

DrawMath = Callable[[Span], MathImage | MathFailure]


@dataclass(frozen=True, slots=True)
class Run:
    """One span as it is shown: `text` from the shown character `start` on, for the `length` places from `place` on.

    Its places begin `lead` characters after `start`; with a `formula` no place divides it. `failure` says why a formula
    is shown as its source; `is_for_now` that it will be drawn when there is time.
    """

    span: Span
    place: int
    length: int
    start: int
    text: str
    lead: int = 0
    formula: MathImage | None = None
    failure: str = ""
    is_for_now: bool = False

    @property
    def end(self) -> int:
        """The shown character after its last."""
        return self.start + len(self.text)

    @property
    def is_code(self) -> bool:
        """Whether it stands in the code font on the colour of code."""
        return self.span.code or bool(self.failure)

    @property
    def link(self) -> str:
        """Where a press on it leads; empty where that is nowhere."""
        return self.span.link or (self.span.image if self.span.image.lower().startswith(_WEB) else "")


class ShownSpans:
    """The characters that stand for spans, counted as Python counts them, and the way from places to them and back.

    `same_until` tells how many of them are those of `earlier`, which had the same formats.
    """

    def __init__(self, spans: Spans, draw_math: DrawMath, earlier: "ShownSpans | None" = None) -> None:
        self.spans = spans
        kept = min(_count_same(earlier.spans, spans), earlier.settled_runs) if earlier else 0
        self.runs: list[Run] = earlier.runs[:kept] if earlier else []
        place, start = (self.runs[-1].place + self.runs[-1].length, self.runs[-1].end) if self.runs else (0, 0)
        self.same_until = start
        for span in spans[kept:]:
            run = _run(span, place, start, draw_math)
            self.runs.append(run)
            place, start = place + run.length, run.end
        if earlier and kept < min(len(self.runs), len(earlier.runs)):
            self.same_until += _same_length(earlier.runs[kept], self.runs[kept])
        self.length = place
        waiting = (number for number, run in enumerate(self.runs) if run.is_for_now)
        self.settled_runs: int = next(
            waiting, len(self.runs)
        )  # how many stand before the first that is not as it will be
        self.text = "".join(run.text for run in self.runs)
        self._places = [run.place for run in self.runs]
        self._starts = [run.start for run in self.runs]

    def shown_at(self, place: int) -> int:
        """The shown character of a place; the end of the text for all that lies behind it."""
        if place >= self.length:
            return len(self.text)
        run = self.runs[max(0, bisect_right(self._places, place) - 1)]
        return run.start if run.formula else run.start + run.lead + max(0, place - run.place)

    def shown_end(self, place: int) -> int:
        """The shown character after that of the place before: where a range of places that ends here ends."""
        if place <= 0 or not self.runs:
            return 0
        run = self.runs[bisect_right(self._places, min(place, self.length) - 1) - 1]
        return run.end if run.formula else run.start + run.lead + min(place, self.length) - run.place

    def place_of(self, shown: int) -> int:
        """The place of a shown character; inside what no place belongs to, the next one beside it."""
        if not self.runs:
            return 0
        run = self.run_at(shown)
        inside = shown - run.start - run.lead
        if run.formula:
            inside *= run.length
        return run.place + min(max(0, inside), run.length)

    def run_at(self, shown: int) -> Run:
        """The run of a shown character; there must be one."""
        return self.runs[self.number_at(shown)]

    def number_at(self, shown: int) -> int:
        """The number of that run."""
        return max(0, bisect_right(self._starts, shown) - 1)


def _run(span: Span, place: int, start: int, draw_math: DrawMath) -> Run:
    length = len(span.text)
    text = _clean(span.text)
    if span.image:
        lead, words = _image_words(text, span.image)
        return Run(span, place, length, start, words, lead)
    if span.math:
        drawn = draw_math(span)
        if isinstance(drawn, MathImage):
            return Run(span, place, length, start, OBJECT, formula=drawn)
        return Run(
            span,
            place,
            length,
            start,
            f"{PADDING}{text}{PADDING}",
            1,
            failure=drawn.reason,
            is_for_now=drawn.is_for_now,
        )
    if span.code:
        return Run(span, place, length, start, f"{PADDING}{text}{PADDING}", 1)
    return Run(span, place, length, start, text)


def _clean(text: str) -> str:
    """The same number of characters, all of which Qt lays out as text."""
    return _TO_REPLACE.sub(lambda found: _REPLACED.get(found[0], "\ufffd"), text)


def _image_words(description: str, address: str) -> tuple[int, str]:
    """How many characters stand before the description, and all of them."""
    shown = _clean(address[: _ADDRESS_LENGTH + 1])
    if len(shown) > _ADDRESS_LENGTH:
        shown = shown[: _ADDRESS_LENGTH - 1] + "…"
    before = "[image: "
    return len(before), f"{before}{description}, {shown}]" if description else f"{before}{shown}]"


def _count_same(one: Spans, other: Spans) -> int:
    """How many spans at the beginning are the same."""
    for number, (first, second) in enumerate(zip(one, other, strict=False)):
        if first != second:
            return number
    return min(len(one), len(other))


def _same_length(one: Run, other: Run) -> int:
    """How many characters at the beginning of two runs are the same and look the same."""
    alike = replace(one.span, text="") == replace(other.span, text="") and one.failure == other.failure
    if not alike or one.formula or other.formula:
        return 0
    return common_length(one.text, other.text)


def common_length(one: str, other: str) -> int:
    """How many characters at the beginning of two texts are the same."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while low < high - 1:
        middle = (low + high) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle
    return low
