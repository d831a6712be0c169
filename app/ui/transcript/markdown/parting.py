"""Parts long running text where nothing is open, so that text which grows need not be read again from its start."""

import re
from collections.abc import Iterator

from app.ui.transcript.markdown.math_rule import MAX_LENGTH, closing_mark, find_math

PART = 512  # characters after which a part may end
MAX_PART = 4096  # and where it must
MAX_WEIGHT = 192  # marks in a part; a parser that looks for what closes each of them takes the square of their number
_BRACKET_WEIGHT = 4  # it looks for the ends of those several times

_NEXT = re.compile(r"(?<=\S) (?=\S)|\\.|`+|\$\$?|\*{1,64}|_{1,64}|~{1,64}|[\[\]()<@:&]", re.DOTALL)


def parts(text: str, start: int = 0) -> Iterator[str]:
    """The text from `start`, where a part begins, in parts; each says by itself what it says in the text.

    Where a part ends depends only on what stands up to there and one character more, so a text that grows keeps its
    parts. Text in which something stays open is parted all the same, for the sake of what reads it.
    """
    while not is_short(text, start):
        end = _part_end(text, start)
        if end < 0:
            break
        yield text[start:end]
        start = end
    yield text[start:]


def is_short(text: str, start: int = 0) -> bool:
    """Whether the text from `start` is one part for certain."""
    return len(text) - start <= PART and text.count("[", start) * _BRACKET_WEIGHT <= MAX_WEIGHT


def _part_end(text: str, start: int) -> int:
    """Where the part that starts here ends; -1 when the text ends before that is known."""
    limit = start + MAX_PART
    marks = _OpenMarks(text, limit)
    place, weight = start, 0
    last_space = last_rest = -1  # the last space, and the last where nothing is open
    while place < limit and (match := _NEXT.search(text, place, limit)):
        if match[0] != " ":
            weight += _weight(match[0])
            if weight > MAX_WEIGHT:
                limit = match.start()
                break
            place = marks.take(match[0], match.start())
            continue
        place = last_space = match.end()
        if not marks.are_open_at(place):
            last_rest = place
            if place - start > PART:
                return place
    if len(text) <= limit:
        return -1
    return next(end for end in (last_rest, last_space, limit, start + 1) if end > start)


def _weight(mark: str) -> int:
    if mark[0] == "`":
        return 1
    return _BRACKET_WEIGHT if mark == "[" else len(mark)


class _OpenMarks:
    """Which marks of emphasis, code, links and mathematics wait for their other half."""

    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._open: list[list[str | int]] = []
        self._open_until = -1  # where at the latest it is known what code or mathematics are

    def are_open_at(self, place: int) -> bool:
        """Whether what stands behind a place may change how what stands before it reads."""
        return bool(self._open) or place < self._open_until

    def take(self, mark: str, place: int) -> int:
        """Take the mark at a place; where to look on."""
        end = place + len(mark)
        match mark[0]:
            case "`":
                return self._after_code(mark, end)
            case "$" | "\\":
                return self._after_math(mark, place)
            case "[":
                self._open.append(["[", 1])
            case "]":
                self._close("[", 1)
                if self._text.startswith("(", end):
                    self._open.append(["(", 1])
                    end += 1
            case "(" | ")":
                if self._open and self._open[-1][0] == "(":
                    self._open.append(["(", 1]) if mark == "(" else self._open.pop()
            case _:
                self._take_emphasis(mark, place, end)
        return end

    def _after_code(self, mark: str, end: int) -> int:
        closing = re.compile(f"(?<!`){mark}(?!`)").search(self._text, end, self._limit)
        if closing is None:
            self._open_until = self._limit
            return end
        return closing.end()

    def _after_math(self, mark: str, place: int) -> int:
        closing = closing_mark(mark)
        if closing is None:
            return place + len(mark)
        if found := find_math(self._text, place, min(len(self._text), self._limit)):
            return found[2]
        end = place + len(mark)
        if self._text.find(closing, end, min(end + MAX_LENGTH, self._limit)) < 0:
            self._open_until = max(self._open_until, end + MAX_LENGTH + len(closing))
        return end

    def _take_emphasis(self, mark: str, place: int, end: int) -> None:
        before, after = self._text[place - 1 : place] or " ", self._text[end : end + 1] or " "
        may_open, may_close = not after.isspace(), not before.isspace()
        if mark[0] == "_" and before.isalnum() and after.isalnum():
            return
        count = self._close(mark[0], len(mark)) if may_close else len(mark)
        if may_open and count:
            self._open.append([mark[0], count])

    def _close(self, mark: str, count: int) -> int:
        """Close up to `count` of a mark, and what was opened within; how many had nothing to close."""
        while count and any(opened[0] == mark for opened in self._open):
            while self._open[-1][0] != mark:
                self._open.pop()
            waiting = int(self._open[-1][1])
            closed = min(waiting, count)
            count -= closed
            if waiting == closed:
                self._open.pop()
            else:
                self._open[-1][1] = waiting - closed
        return count
