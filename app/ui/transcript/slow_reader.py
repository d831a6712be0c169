"""Reads a message's Markdown as far as one turn of the event loop has time for; the rest is read in the next ones."""

import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.ui.transcript.markdown.content import Block

if TYPE_CHECKING:
    from app.ui.transcript.markdown.stream_parser import StreamParser

_SLICE = 4_096  # characters that are read without a look at the clock
TURN_SECONDS = 0.02


class SlowReader:
    """A parser and what waits for it. `until` is a time of time.monotonic(); without one there is all the time."""

    def __init__(self, text: str = "") -> None:
        self._parser = _new_parser()
        self._waiting: deque[str] = deque([text] if text else [])
        self._place = 0  # how much of the first one was read

    @property
    def blocks(self) -> Sequence[Block]:
        """What was read so far."""
        return self._parser.blocks

    @property
    def is_behind(self) -> bool:
        """Whether something waits."""
        return bool(self._waiting)

    def add(self, text: str) -> None:
        """Let more text wait."""
        if text:
            self._waiting.append(text)

    def read(self, until: float | None = None) -> int:
        """Read a slice at least; the first block that is new or has changed (their number if none has)."""
        first = len(self.blocks)
        if until is None or sum(map(len, self._waiting)) <= _SLICE:
            self._waiting = deque([self._rest()])
            self._place = 0
        while self._waiting:
            text, start = self._waiting[0], self._place
            self._place = len(text) if until is None else start + _SLICE
            first = min(first, self._parser.feed(text[start : self._place]))
            if self._place >= len(text):
                self._waiting.popleft()
                self._place = 0
            if until is not None and time.monotonic() > until:
                break
        return first

    def _rest(self) -> str:
        return "".join(self._waiting)[self._place :]

    def finish(self) -> int:
        """Take the end of the message; as read(). Nothing may wait, and nothing may be added any more."""
        return self._parser.finish()


def end_of_turn() -> float:
    """Until when a turn that begins now may read."""
    return time.monotonic() + TURN_SECONDS


def _new_parser() -> "StreamParser":
    # Imported late: markdown-it takes longer to load than the window to be painted.
    from app.ui.transcript.markdown.stream_parser import StreamParser

    return StreamParser()
