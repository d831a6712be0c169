"""Finding words in the whole conversation: looks through it a few milliseconds at a time, and marks what it finds."""

import time
from bisect import bisect_left
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.transcript.blocks.painted import Highlight, HighlightKind
from app.ui.transcript.markdown.content import reading_text
from app.ui.transcript.markdown.find import MOST_MATCHES, find_all
from app.ui.transcript.page import Page
from app.ui.transcript.places import Place, shifted

_SLICE_SECONDS = 0.006
_START = Place(0, 0, 0)
_PAUSE_MILLISECONDS = 200  # between two looks at an answer that grows


class Finding(QObject):
    """One search at a time. `changed` follows every change of what is found or of which one is the current."""

    changed = Signal()
    first_found = Signal()  # there is a current match now

    def __init__(self, page: Page, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._query = ""
        self._next_message = 0
        self._found: dict[int, list[tuple[int, int, int]]] = {}  # by message: block, start, end
        self._count = 0
        self._current: Place | None = None
        self._from = _START
        self._is_new = False  # whether nobody was shown the first match yet
        self._stale: set[int] = set()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._on_pause_passed)
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_looking)

    @property
    def query(self) -> str:
        """What is looked for; empty while nothing is."""
        return self._query

    @property
    def is_looking(self) -> bool:
        """Whether parts of the conversation were not looked through yet."""
        return self._timer.isActive()

    @property
    def count(self) -> int:
        """How many matches there are so far; MOST_MATCHES are enough."""
        return self._count

    @property
    def is_cut(self) -> bool:
        """Whether there may be more matches than were counted."""
        return self._count >= MOST_MATCHES or self.is_looking

    @property
    def is_up_to_date(self) -> bool:
        """Whether all of the conversation was looked through as it is now."""
        return not self.is_looking and not self._pause.isActive()

    @property
    def current(self) -> Place | None:
        """Where the current match begins."""
        return self._current

    @property
    def current_end(self) -> Place | None:
        """The place after the current match."""
        current = self._current
        if current is None:
            return None
        found = self._found.get(current.message, ())
        ends = (end for block, start, end in found if (block, start) == (current.block, current.character))
        return replace(current, character=next(ends, current.character))

    @property
    def number(self) -> int:
        """The current match's number, from 1; 0 while there is none."""
        places = self._places() if self._current is not None else []
        return places.index(self._current) + 1 if self._current in places else 0

    def look_for(self, query: str, start: Place) -> None:
        """Look for `query`; the first match at or after `start` becomes the current one. An empty query ends it."""
        self._query = query
        self._found.clear()
        self._stale.clear()
        self._count, self._next_message, self._current, self._from = 0, 0, None, start
        self._is_new = True
        self._timer.stop()
        self._pause.stop()
        if query:
            self._timer.start()
        self.changed.emit()

    def look_anew(self) -> None:
        """Another conversation is shown; nothing in it is the first match to go to."""
        if self._query:
            self.look_for(self._query, _START)
            self._is_new = False

    def look_again_in(self, message: int, *, soon: bool = False) -> None:
        """A message says something else now; `soon` is enough where it goes on changing."""
        if self._query:
            self._stale.add(message)
            if not soon:
                self._on_pause_passed()
            elif not self._pause.isActive():
                self._pause.start()

    def shift(self, first: int, by: int) -> None:
        """The messages from `first` on are counted anew: one came before them (1), or the one there is gone (-1)."""
        if not self._query:
            return
        if by < 0:
            self._count -= len(self._found.pop(first, ()))
            self._stale.discard(first)
        self._found = {m + by if m >= first else m: found for m, found in self._found.items()}
        self._stale = {m + by if m >= first else m for m in self._stale}
        if self._next_message > first:
            self._next_message += by
        self._current = self._current and shifted(self._current, first, by)
        self._from = shifted(self._from, first, by)
        self._settle_current()

    def step(self, by: int) -> Place | None:
        """Make the next (1) or the one before (-1) the current match, around the ends; None without any."""
        places = self._places()
        if not places:
            return None
        index = places.index(self._current) if self._current in places else -1 if by > 0 else 0
        self._current = places[(index + by) % len(places)]
        self.changed.emit()
        return self._current

    def highlights_of(self, message: int) -> dict[int, list[Highlight]]:
        """What is found in a message, by its blocks."""
        marks: dict[int, list[Highlight]] = {}
        for block, start, end in self._found.get(message, ()):
            is_current = self._current == Place(message, block, start)
            kind = HighlightKind.FOUND_CURRENT if is_current else HighlightKind.FOUND
            marks.setdefault(block, []).append(Highlight(start, end, kind))
        return marks

    def _places(self) -> list[Place]:
        return [Place(m, block, start) for m in sorted(self._found) for block, start, _ in self._found[m]]

    def _on_looking(self) -> None:
        deadline = time.monotonic() + _SLICE_SECONDS
        while self._next_message < self._page.message_count() and self._count < MOST_MATCHES:
            if time.monotonic() > deadline or not self._page.read_on(self._next_message, deadline):
                self.changed.emit()
                return
            self._look_through(self._next_message)
            self._next_message += 1
        self._timer.stop()
        self._settle_current()
        self.changed.emit()

    def _on_pause_passed(self) -> None:
        for message in sorted(self._stale):
            if message < min(self._next_message, self._page.message_count()) or not self._timer.isActive():
                self._look_through(message)
        self._stale.clear()
        self._settle_current()
        self.changed.emit()

    def _settle_current(self) -> None:
        """Let there be a current match while there are any: the one that was, or the next."""
        if self._timer.isActive():
            return
        places = self._places()
        if self._current not in places:
            self._from = self._current or self._from
            self._current = places[bisect_left(places, self._from) % len(places)] if places else None
        if self._current is not None and self._is_new:
            self._is_new = False
            self.first_found.emit()

    def _look_through(self, message: int) -> None:
        self._count -= len(self._found.pop(message, ()))
        texts = [reading_text(block) for block in self._page.blocks_of(message)]
        matches = find_all(texts, self._query, MOST_MATCHES - self._count)
        if matches:
            self._found[message] = [(match.text, match.start, match.end) for match in matches]
            self._count += len(matches)
