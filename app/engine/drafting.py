"""Guesses the next tokens from the text so far, so that the model can verify several in one step."""

from collections.abc import Sequence
from typing import Protocol

from app.core.cancel import CancelToken

NGRAM = 4  # tokens that must agree before what followed them once is taken for what follows now
_LOOKED_BACK = 16  # tokens that are compared to choose among several places
_PLACES = 32  # the latest ones that are looked at
_FIRST_LENGTH = 4
_SHORTEST = 2
_REST_AFTER_MISSES = 8  # tokens written plainly after a draft of which nothing was right


class Drafter(Protocol):
    """Proposes tokens; told how many of them were right."""

    def draft(self, tokens: Sequence[int], most: int, cancel: CancelToken, /) -> list[int]:
        """Up to `most` tokens that may follow `tokens`, the whole text so far; empty for no idea, or when cancelled."""

    def learn(self, drafted: int, accepted: int) -> None:
        """Of the last draft's `drafted` tokens `accepted` were right."""


class DraftLength:
    """How many tokens to draft: twice as many after a draft that was right throughout, fewer after a miss."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._length = min(_FIRST_LENGTH, longest)
        self._rest = 0

    def next(self) -> int:
        """For the next draft; 0 while drafting rests."""
        if self._rest > 0:
            self._rest -= 1
            return 0
        return self._length

    def learn(self, drafted: int, accepted: int) -> None:
        """See Drafter.learn."""
        if accepted == drafted:
            self._length = min(self._length * 2, self._longest)
        elif accepted == 0:
            self._length = _SHORTEST
            self._rest = _REST_AFTER_MISSES
        else:
            self._length = max(_SHORTEST, min(accepted + 1, self._longest))


class PromptLookup:
    """Drafts what followed the last NGRAM tokens when they occurred before (prompt-lookup decoding).

    Of several places the one is taken before which most tokens agree, and among equals the latest: after a word that
    was changed, a list or a program goes on in its own line and not in another that begins alike.
    """

    def __init__(self, longest: int) -> None:
        self._length = DraftLength(longest)
        self._places: dict[tuple[int, ...], list[int]] = {}  # an n-gram, and where the tokens after it are
        self._seen = 0

    def draft(self, tokens: Sequence[int], most: int, _cancel: CancelToken) -> list[int]:
        """See Drafter.draft. Each call reads only what is new in `tokens`; after a shift of the context, all anew."""
        if len(tokens) <= self._seen:
            self._places.clear()
            self._seen = 0
        for end in range(max(self._seen, NGRAM), len(tokens)):
            self._places.setdefault(tuple(tokens[end - NGRAM : end]), []).append(end)
        self._seen = len(tokens)
        places = self._places.get(tuple(tokens[-NGRAM:]))
        length = self._length.next() if places else 0
        if not places or not length:
            return []
        at = max(places[-_PLACES:], key=lambda place: (_agreeing(tokens, place), place))
        return list(tokens[at : at + min(length, most)])

    def learn(self, drafted: int, accepted: int) -> None:
        """See Drafter.learn."""
        self._length.learn(drafted, accepted)


def _agreeing(tokens: Sequence[int], place: int) -> int:
    """How many tokens before `place` are those at the end, up to _LOOKED_BACK."""
    most = min(_LOOKED_BACK, place)
    return next((n for n in range(most) if tokens[place - 1 - n] != tokens[len(tokens) - 1 - n]), most)
