"""How wide the columns of a table are, and how many lines a cell takes: arithmetic without any laying out."""

import math
from collections.abc import Callable, Sequence

Measure = Callable[[str], float]  # how wide a text is


def column_widths(
    natural: Sequence[float], least: Sequence[float], room: float, widest: float = math.inf
) -> list[float]:
    """Widths that fill `room` at most, if the columns' least widths do; else the natural ones, up to `widest` each.

    A column is never wider than its natural width. What is scarce is shared so that the widest columns give first, and
    none becomes narrower than its least width.
    """
    if sum(natural) <= room:
        return list(natural)
    if sum(_at(0.0, natural, least)) > room:
        return [min(most, widest) for most in natural]
    low, high = 0.0, max(natural)
    for _ in range(40):
        level = (low + high) / 2
        if sum(_at(level, natural, least)) > room:
            high = level
        else:
            low = level
    return _at(low, natural, least)


def _at(level: float, natural: Sequence[float], least: Sequence[float]) -> list[float]:
    """The widths when no column exceeds `level` but those that must."""
    return [min(most, max(few, level)) for most, few in zip(natural, least, strict=True)]


def line_count(text: str, width: float, measure: Measure) -> int:
    """How many lines a text takes at most when it breaks between words, and within those that are too wide."""
    return sum(_lines_of(part, width, measure) for part in text.split("\n"))


def _lines_of(text: str, width: float, measure: Measure) -> int:
    lines, used = 1, 0.0
    space = measure(" ")
    # What a broken word leaves free at the end of a line is less than its widest letter, about four spaces wide.
    full = max(1.0, width - 4 * space)
    for word in text.split(" "):
        wide = measure(word)
        if used and used + wide > width:
            lines, used = lines + 1, 0.0
        if wide > width:
            lines += int(wide / full)
            used = wide % full
        else:
            used += wide
        used += space
    return lines
