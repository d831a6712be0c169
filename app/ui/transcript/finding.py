"""Finding words in the whole conversation: looks through it a few milliseconds at a time, and marks what it finds."""

import time
from bisect import bisect_left

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.transcript.blocks.painted import Highlight, HighlightKind
from app.ui.transcript.markdown.find import MOST_MATCHES, find_all
from app.ui.transcript.page import Page
from app.ui.transcript.places import Place

_SLICE_SECONDS = 0.006


class Finding(QObject):
    """One search at a time. `changed` follows every change of what is found or of which one is the current."""

    changed = Signal()
    first_found = Signal()  # there is a current match now

    def __init__(self, page: Page, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._query = ""
        self._next_message = 0
        self._order: list[int] = []
        self._found: dict[int, list[tuple[int, int, int]]] = {}  # by message: block, start, end
        self._count = 0
        self._current: Place | None = None
        self._from = Place(0, 0, 0)
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
    def current(self) -> Place | None:
        """Where the current match begins."""
        return self._current

    @property
    def number(self) -> int:
        """The current match's number, from 1; 0 while there is none."""
        return self._places().index(self._current) + 1 if self._current is not None else 0

    def look_for(self, query: str, start: Place) -> None:
        """Look for `query`; the first match at or after `start` becomes the current one. An empty query ends it."""
        self._query = query
        self._found.clear()
        self._count, self._next_message, self._current, self._from = 0, 0, None, start
        self._timer.stop()
        if query:
            self._timer.start()
        self.changed.emit()

    def look_again(self) -> None:
        """The conversation says something else now."""
        if self._query:
            self.look_for(self._query, self._current or self._from)

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
        deadline = time.perf_counter() + _SLICE_SECONDS
        while self._next_message < self._page.message_count() and self._count < MOST_MATCHES:
            self._look_through(self._next_message)
            self._next_message += 1
            if time.perf_counter() > deadline:
                self.changed.emit()
                return
        self._timer.stop()
        if self._current is None and self._count:
            places = self._places()
            self._current = places[bisect_left(places, self._from) % len(places)]
            self.first_found.emit()
        self.changed.emit()

    def _look_through(self, message: int) -> None:
        texts = [self._page.text_of(message, block) for block in range(self._page.block_count(message))]
        matches = find_all(texts, self._query, MOST_MATCHES - self._count)
        if matches:
            self._found[message] = [(match.text, match.start, match.end) for match in matches]
            self._count += len(matches)
