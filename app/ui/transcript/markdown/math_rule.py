"""Finds mathematics in running text: $…$, $$…$$, \\(…\\) and \\[…\\]."""

from markdown_it.rules_inline import StateInline

MAX_LENGTH = 1000  # characters between the marks; longer is text
INLINE = "math"
DISPLAYED = "math_displayed"

_MARKS = (("$$", "$$", DISPLAYED), ("$", "$", INLINE), ("\\(", "\\)", INLINE), ("\\[", "\\]", DISPLAYED))


def math_rule(state: StateInline, silent: bool) -> bool:
    """A rule for markdown-it's inline parser; pushes tokens named INLINE or DISPLAYED whose content is the TeX."""
    found = find_math(state.src, state.pos, state.posMax)
    if found is None:
        return False
    kind, tex, end = found
    if not silent:
        state.push(kind, "math", 0).content = tex
    state.pos = end
    return True


def closing_mark(opening: str) -> str | None:
    """What ends mathematics that begin with a mark; None when the mark begins none."""
    return next((closing for mark, closing, _ in _MARKS if mark == opening), None)


def find_math(text: str, start: int, end: int) -> tuple[str, str, int] | None:
    """The kind, the TeX and the end of mathematics that begin at `start`; None when none do.

    A single "$" is a mark only beside something that is no white space and not in a word or a number, so that prices
    stay prices.
    """
    if text[start] not in "$\\":
        return None
    for opening, closing, kind in _MARKS:
        if text.startswith(opening, start, end):
            first = start + len(opening)
            last = _find_closing(text, closing, first, min(end, first + MAX_LENGTH + len(closing)))
            if last < 0 or not text[first:last].strip():
                return None
            if closing == "$" and not _is_math_in_dollars(text, first, last):
                return None
            return kind, text[first:last].strip(), last + len(closing)
    return None


def _find_closing(text: str, mark: str, start: int, end: int) -> int:
    place = text.find(mark, start, end)
    while place > start and mark[0] == "$" and _is_escaped(text, place):
        place = text.find(mark, place + 1, end)
    return place


def _is_escaped(text: str, place: int) -> bool:
    before = text[max(0, place - 16) : place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _is_math_in_dollars(text: str, first: int, last: int) -> bool:
    before, after = text[first - 2 : first - 1] if first > 1 else "", text[last + 1 : last + 2]
    if text[first].isspace() or text[last - 1].isspace() or "`" in text[first:last]:
        return False
    return not before.isalnum() and not after.isdigit()
