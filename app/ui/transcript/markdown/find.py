"""Finds words in what messages say, whatever their case, and tells the places in the text as it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from unicodedata import combining, is_normalized, normalize

MOST_MATCHES = 10_000
_PIECE = 256
_SLOW_CHARACTERS = 40_000  # of one search: what takes some 40 ms


@dataclass(frozen=True, slots=True)
class Match:
    """The characters from `start` up to `end` of the text with the number `text`."""

    text: int
    start: int
    end: int


def find_all(texts: Sequence[str], query: str, most: int = MOST_MATCHES) -> tuple[Match, ...]:
    """Where `query` stands in the texts, in order; as many as `most` when there are as many or more.

    Case does not matter, nor whether accents are written apart; "strasse" is found in "Straße". Matches neither overlap
    nor reach from one text into the next.
    """
    return tuple(islice(_matches(texts, query), most)) if query else ()


def _matches(texts: Sequence[str], query: str) -> Iterator[Match]:
    wanted = _Folding(len(query)).fold(query).text
    folding = _Folding(_SLOW_CHARACTERS)
    for number, text in enumerate(texts):
        folded = folding.fold(text)
        for start, end in folded.places_of(_lowered(query) if folded.is_rough else wanted):
            yield Match(number, start, end)


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text whose case does not matter any more.

    `starts` says for each of its characters which one of the original it begins, -1 for one that begins none, and last
    the original's length; None when each stands for the one at its place. `is_rough`: only small letters were made.
    """

    text: str
    starts: Sequence[int] | None = None
    is_rough: bool = False

    def places_of(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Start and end of each place in the original; only whole characters of it are found."""
        at = self.text.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            if self.starts is None:
                yield at, end
            elif self.starts[at] >= 0 and self.starts[end] >= 0:
                yield self.starts[at], self.starts[end]
            else:
                end = at + 1
            at = self.text.find(wanted, end)


class _Folding:
    """Folds texts; `slow_characters` bounds how many of them may be looked at one by one."""

    def __init__(self, slow_characters: int) -> None:
        self._left = slow_characters

    def fold(self, text: str) -> _Folded:
        """The text without the differences of case and of accents written apart; too long ones less thoroughly."""
        folded = text.casefold()
        if len(folded) == len(text) and (text.isascii() or is_normalized("NFC", folded)):
            return _Folded(folded)
        if len(text) > self._left:
            return _Folded(_lowered(text), is_rough=True)
        pieces: list[str] = []
        starts: list[int] = []
        for start, end in _pieces(text):
            piece = text[start:end]
            folded = piece.casefold()
            if len(folded) == len(piece) and is_normalized("NFC", folded):
                starts.extend(range(start, end))
            else:
                self._left -= len(piece)
                folded = _fold_slowly(piece, start, starts)
            pieces.append(folded)
        starts.append(len(text))
        return _Folded("".join(pieces), starts)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = min(len(text), start + _PIECE)
        while end < len(text) and end < start + 2 * _PIECE and combining(text[end]):
            end += 1
        yield start, end
        start = end


def _fold_slowly(piece: str, offset: int, starts: list[int]) -> str:
    """Fold each character with its accents, and append to `starts` where each stood."""
    folded: list[str] = []
    start = 0
    while start < len(piece):
        end = start + 1
        while end < len(piece) and combining(piece[end]):
            end += 1
        cluster = normalize("NFC", normalize("NFC", piece[start:end]).casefold())
        folded.append(cluster)
        starts.append(offset + start)
        starts.extend([-1] * (len(cluster) - 1))
        start = end
    return "".join(folded)


def _lowered(text: str) -> str:
    """The text in small letters, each at its place."""
    return text.replace("İ", "i").lower()  # the one letter that becomes two
