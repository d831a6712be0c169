"""Lines that are mathematics when their end comes, and text when it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.ui.transcript.markdown.lines import LineRest

MAX_MATH = 4096  # characters
_ENDS = {"$$": "$$", "\\[": "\\]"}


@dataclass(frozen=True, slots=True)
class OpenMath:
    """Mathematics on lines of their own so far.

    `lines` are those of the message after the first, of which `first` is what stands behind the containers' marks.
    `tex` has a part for each line. `is_closed`: the end has come.
    """

    first: LineRest
    tex: tuple[str, ...]
    lines: tuple[str, ...] = ()
    end: str = ""
    is_closed: bool = False

    @property
    def source(self) -> str:
        """The TeX."""
        return "\n".join(self.tex).strip()

    def followed_by(self, line: str, text: str) -> OpenMath | None:
        """This with the next line, whose `text` is without containers; None when then it is no mathematics at all."""
        text = text.strip(" \t")
        closing = text.find(self.end)
        size = sum(map(len, self.tex)) + len(text)
        if not text or size > MAX_MATH or 0 <= closing < len(text) - len(self.end):
            return None
        if closing < 0:
            return replace(self, lines=(*self.lines, line), tex=(*self.tex, text))
        return replace(self, lines=(*self.lines, line), tex=(*self.tex, text[:closing]), is_closed=True)


def begun_math(place: LineRest) -> OpenMath | None:
    """The mathematics that a line begins, and may end; None when it does not."""
    text = place.text.strip(" \t")
    end = _ENDS.get(text[:2])
    if end is None:
        return None
    closing = text.find(end, 2)
    if closing < 0:
        return OpenMath(place, (text[2:],), end=end)
    if closing + len(end) < len(text) or not text[2:closing].strip():
        return None
    return OpenMath(place, (text[2:closing],), end=end, is_closed=True)
