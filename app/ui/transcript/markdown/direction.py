"""In which direction a text runs."""

import unicodedata
from collections.abc import Iterable
from itertools import chain, islice

_MOST_LETTERS = 1_000  # are asked


def runs_leftward(texts: Iterable[str]) -> bool:
    """Whether the first letter with a direction, in texts that follow one another, is written from right to left."""
    for letter in islice(chain.from_iterable(texts), _MOST_LETTERS):
        kind = unicodedata.bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False
