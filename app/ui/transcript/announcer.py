"""Reads a growing answer out to assistive technology, sentence by sentence."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTextBoundaryFinder, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from app.ui.transcript.markdown.content import Block, Code, Heading, Paragraph, Table, reading_text

PAUSE_MS = 1_000
MOST_CHARACTERS = 1_000  # a second's; a voice needs a minute for them
_MOST_LOOKED_AT = 4_000


class SentenceAnnouncer(QObject):
    """Announces politely, at most once a second, what is finished; does nothing while nobody listens.

    `view` is the widget in whose name it speaks.
    """

    def __init__(self, view: QObject) -> None:
        super().__init__(view)
        self._view = view
        self._read: Callable[[], Sequence[Block]] | None = None
        self._passage = Passage()
        self._timer = QTimer(self)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._on_pause_passed)

    def begin(self, read: Callable[[], Sequence[Block]], already: Sequence[Block] = ()) -> None:
        """Start with what is written from now on in an answer; `read` gives its blocks so far, the last may grow.

        The sentences that are `already` there are not read out.
        """
        self._read = read
        self._passage = Passage()
        self._passage.skip(already)
        self._timer.start()

    def end(self) -> None:
        """Announce the rest of the answer: it is whole."""
        self._announce(is_whole=True)
        self.stop()

    def stop(self) -> None:
        """Say no more of the answer: it is written where nobody looks."""
        self._timer.stop()
        self._read = None

    def _on_pause_passed(self) -> None:
        self._announce(is_whole=False)

    def _announce(self, is_whole: bool) -> None:
        if self._read is None or not QAccessible.isActive():
            return
        if words := shortened(self._passage.take(self._read(), is_whole)):
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._view, words))


class Passage:
    """How far an answer has been read out."""

    def __init__(self) -> None:
        self._block = 0
        self._place = 0

    def skip(self, blocks: Sequence[Block]) -> None:
        """Leave out what is there already, but for the sentence that is being written: half of one says nothing."""
        if blocks:
            self._block = len(blocks) - 1
            self._place = _end_of_read(reading_text(blocks[-1])) if is_prose(blocks[-1]) else 0

    def take(self, blocks: Sequence[Block], is_whole: bool) -> str:
        """What is finished since the last time: all but the last block, and of that its whole sentences.

        With `is_whole` the last block is finished too.
        """
        said = []
        while self._block < len(blocks):
            is_last = self._block == len(blocks) - 1
            block = blocks[self._block]
            text = spoken(block, is_finished=is_whole or not is_last)
            new = text[self._place :] if is_prose(block) else text  # a line of text may have turned out to be a table
            if is_last and not is_whole:
                end = end_of_sentences(new)
                self._place += end
                said.append(new[:end])
                break
            said.append(new)
            self._block += 1
            self._place = 0
        return "\n".join(filter(None, map(str.strip, said)))


def is_prose(block: Block) -> bool:
    """Whether a block consists of sentences."""
    return isinstance(block, Paragraph | Heading)


def spoken(block: Block, is_finished: bool) -> str:
    """What is said of a block: its text, if that is prose; of anything else, once it is finished, what it is."""
    if not is_finished and not is_prose(block):
        return ""
    match block:
        case Code():
            lines = block.text.count("\n") + 1
            return f"{block.language or 'Code'}, {lines} {'line' if lines == 1 else 'lines'}."
        case Table():
            return f"Table of {len(block.header)} columns and {len(block.rows)} rows."
        case _:
            return reading_text(block)


def end_of_sentences(text: str) -> int:
    """How many characters from the beginning are whole sentences, as Unicode divides them (UAX #29).

    A sentence is whole when the next one has begun, or behind a break of line: "3." may become "3.14".
    """
    looked_at = text[:_MOST_LOOKED_AT]
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Sentence, looked_at)
    finder.toEnd()
    units = looked_at.encode("utf-16-le", "surrogatepass")
    while (position := finder.toPreviousBoundary()) > 0:
        before = units[: 2 * position].decode("utf-16-le", "surrogatepass")
        if looked_at[len(before) :].strip():
            return len(before)
    return len(looked_at) if len(text) > _MOST_LOOKED_AT else 0


def _end_of_read(text: str) -> int:
    """Where the reader of a text stopped: behind its last sentence, whether or not another follows."""
    return len(text) if text.rstrip().endswith((".", "!", "?", "…")) else end_of_sentences(text)


def shortened(words: str) -> str:
    """The beginning of what is too much to listen to."""
    if len(words) <= MOST_CHARACTERS:
        return words
    return words[:MOST_CHARACTERS].rsplit(" ", 1)[0] + " …"
