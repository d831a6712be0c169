"""How wide the columns of a table are, and how many lines a cell takes: arithmetic without any laying out."""

from collections.abc import Callable, Sequence

Measure = Callable[[str], float]  # how wide a text is


def column_widths(natural: Sequence[float], least: Sequence[float], room: float) -> list[float]:
    """Widths that fill `room` at most, if the columns' least widths do.

    A column is never wider than its natural width nor narrower than its least; what is scarce is shared so that the
    widest columns give first.
    """
    if sum(natural) <= room:
        return list(natural)
    least = [min(pair) for pair in zip(natural, least, strict=True)]
    if sum(least) >= room:
        return least
    return [
        min(most, max(few, level))
        for most, few, level in zip(natural, least, [_level(natural, least, room)] * len(least), strict=True)
    ]


def _level(natural: Sequence[float], least: Sequence[float], room: float) -> float:
    """The width that no column exceeds unless it must, found by halving."""
    low, high = 0.0, max(natural)
    for _ in range(40):
        level = (low + high) / 2
        if sum(min(most, max(few, level)) for most, few in zip(natural, least, strict=True)) > room:
            high = level
        else:
            low = level
    return low


def line_count(text: str, width: float, measure: Measure) -> int:
    """How many lines a text takes at most when it breaks between words, and within those that are too wide."""
    return sum(_lines_of(part, width, measure) for part in text.split("\n"))


def _lines_of(text: str, width: float, measure: Measure) -> int:
    lines, used = 1, 0.0
    space = measure(" ")
    for word in text.split(" "):
        wide = measure(word)
        if used and used + wide > width:
            lines, used = lines + 1, 0.0
        if wide > width:
            # The room that letters leave at a line's end is less than one of them.
            more = int(wide / max(1.0, width - 2 * space - 0.5 * space))
            lines, used = lines + more, wide - more * width
        else:
            used += wide
        used = max(0.0, used) + space
    return lines
