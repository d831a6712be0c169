"""What benchmarks share: work done by turns in slices, so that a busy moment hits everybody; figures in words."""

import gc
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence

Seconds = dict[str, float]


def by_turns(works: Mapping[str, Iterator[object]], every: int, *, reverse: bool = False) -> Seconds:
    """The seconds that each of `works` takes to its end, `every` items of each in turn; the first item is not counted.

    The order is turned round at every turn, and begins the other way round with `reverse`. Python's collector rests, as
    it does in the window while an answer is written.
    """
    gc.collect()
    gc.disable()
    try:
        for work in works.values():
            next(work)
        return _taken(works, every, reverse)
    finally:
        gc.enable()


def _taken(works: Mapping[str, Iterator[object]], every: int, reverse: bool) -> Seconds:
    seconds = dict.fromkeys(works, 0.0)
    going = set(works)
    while going:
        order = [name for name in works if name in going]
        for name in reversed(order) if reverse else order:
            started = time.perf_counter()
            for _ in range(every):
                if next(works[name], None) is None:
                    going.discard(name)
                    break
            seconds[name] += time.perf_counter() - started
        reverse = not reverse
    return seconds


def ratios(ones: Sequence[float], others: Sequence[float]) -> list[float]:
    """Each of `ones` over the one of `others` that was measured beside it."""
    return [one / other for one, other in zip(ones, others, strict=True)]


def in_words(values: Sequence[float], unit: str = "", digits: int = 1) -> str:
    """The median, and the range in brackets."""
    low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
    return f"{middle}{unit} ({low}–{high})"


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A Markdown table, its columns aligned."""
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    for row in (heads, ["-" * width for width in widths], *rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
    print(flush=True)
