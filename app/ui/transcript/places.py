"""Places in a conversation, what is selected between two of them, and how the keyboard moves one; without Qt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Protocol

from app.ui.transcript.boundaries import next_boundary, next_word, previous_boundary, previous_word, word_at
from app.ui.transcript.markdown.content import Block, reading_text
from app.ui.transcript.markdown.part import Part


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Before a character of a block's reading_text; all three count from 0, in reading order."""

    message: int
    block: int
    character: int


class ReadTexts(Protocol):
    """What the messages say, as far as places need it. A message may be without blocks."""

    def message_count(self) -> int:
        """How many messages there are."""

    def block_count(self, message: int) -> int:
        """How many blocks a message has."""

    def text_of(self, message: int, block: int) -> str:
        """The reading_text of a block."""


class Lines(Protocol):
    """Where the lines of the messages lie; the view knows."""

    def x_of(self, place: Place) -> float:
        """How far right a place stands, in logical pixels."""

    def place_lines_away(self, place: Place, x: float, lines: int) -> Place:
        """The place next to `x`, `lines` lines further down (negative: up), in other blocks and messages too.

        Above the first line it is the start of everything, below the last its end.
        """

    def line_edges(self, place: Place) -> tuple[Place, Place]:
        """The first and the last place of the line that a place stands in."""


class Unit(Enum):
    """What a press of the mouse takes hold of: once a character, twice a word, three times a block."""

    CHARACTER = auto()
    WORD = auto()
    BLOCK = auto()


class Step(Enum):
    """How far a key moves the end of a selection."""

    CHARACTER = auto()
    WORD = auto()
    LINE = auto()
    LINE_EDGE = auto()
    BLOCK = auto()
    EVERYTHING = auto()


@dataclass(frozen=True, slots=True)
class Selection:
    """From where it was begun (`anchor`) to where it was taken (`focus`), in either order; both alike: nothing.

    `column` is how far right the focus wants to be while keys move it from line to line, None when it does not care.
    """

    anchor: Place
    focus: Place
    column: float | None = field(default=None, compare=False)

    @property
    def start(self) -> Place:
        """The first place."""
        return min(self.anchor, self.focus)

    @property
    def end(self) -> Place:
        """The place after the last character."""
        return max(self.anchor, self.focus)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        return self.anchor == self.focus

    def messages(self) -> range:
        """The messages that it touches."""
        return range(self.start.message, self.end.message + 1)

    def range_in(self, message: int, block: int, length: int) -> tuple[int, int] | None:
        """Start and end of what is selected of a block with `length` characters; None when the block is not touched.

        A block without any text is touched, with (0, 0), when the selection goes over it.
        """
        if self.is_empty or not (self.start.message, self.start.block) <= (message, block):
            return None
        if not (message, block) <= (self.end.message, self.end.block):
            return None
        first = self.start.character if (message, block) == (self.start.message, self.start.block) else 0
        last = self.end.character if (message, block) == (self.end.message, self.end.block) else length
        first, last = min(first, length), min(last, length)
        return (first, last) if first < last or length == 0 else None

    def parts_of(self, message: int, blocks: Sequence[Block]) -> tuple[Part, ...]:
        """What is selected of the message with these blocks."""
        if message not in self.messages():
            return ()
        first = self.start.block if message == self.start.message else 0
        last = self.end.block if message == self.end.message else len(blocks) - 1
        return tuple(self._parts(message, blocks, first, min(last, len(blocks) - 1)))

    def _parts(self, message: int, blocks: Sequence[Block], first: int, last: int) -> Iterator[Part]:
        for number in range(first, last + 1):
            part = self.range_in(message, number, len(reading_text(blocks[number])))
            if part is not None:
                yield Part(blocks[number], *part)

    def moved(self, step: Step, by: int, texts: ReadTexts, lines: Lines) -> "Selection":
        """The selection with its focus moved by so many steps (negative: backwards)."""
        focus, column = self.focus, None
        if step is Step.LINE:
            column = lines.x_of(focus) if self.column is None else self.column
            focus = lines.place_lines_away(focus, column, by)
        elif step is Step.LINE_EDGE:
            focus = lines.line_edges(focus)[by > 0]
        elif step is Step.EVERYTHING:
            focus = (last_place if by > 0 else first_place)(texts)
        else:
            for _ in range(abs(by)):
                focus = _STEPS[step, by > 0](focus, texts)
        return replace(self, focus=focus, column=column)

    def drawn_to(self, place: Place, unit: Unit, texts: ReadTexts) -> "Selection":
        """This selection, that a press of `unit` began, after the pointer was drawn to `place`: whole units of it.

        Give the selection of the press each time, not the result of the last call.
        """
        reached = selected_at(place, unit, texts)
        if reached.start < self.start:
            return Selection(self.end, reached.start)
        return Selection(self.start, max(self.end, reached.end))


def shifted(place: Place, first: int, by: int) -> Place:
    """A place when the messages from `first` on are counted otherwise by so many."""
    return replace(place, message=place.message + by) if place.message >= first else place


def selected_at(place: Place, unit: Unit, texts: ReadTexts) -> Selection:
    """What a press at a place selects."""
    if unit is Unit.CHARACTER:
        return Selection(place, place)
    text = texts.text_of(place.message, place.block)
    start, end = word_at(text, place.character) if unit is Unit.WORD else (0, len(text))
    return Selection(replace(place, character=start), replace(place, character=end))


def everything(texts: ReadTexts) -> Selection:
    """All of the conversation."""
    return Selection(first_place(texts), last_place(texts))


def first_place(texts: ReadTexts) -> Place:
    """The first place of the first message that says something."""
    return _next_block(Place(0, -1, 0), texts) or Place(0, 0, 0)


def last_place(texts: ReadTexts) -> Place:
    """The last place of the last message that says something."""
    return _previous_block(Place(texts.message_count(), 0, 0), texts) or Place(0, 0, 0)


def _next_block(place: Place, texts: ReadTexts) -> Place | None:
    """The start of the block after a place's; None after the last."""
    message, block = place.message, place.block + 1
    while message < texts.message_count():
        if block < texts.block_count(message):
            return Place(message, block, 0)
        message, block = message + 1, 0
    return None


def _previous_block(place: Place, texts: ReadTexts) -> Place | None:
    """The end of the block before a place's; None before the first."""
    message, block = place.message, place.block - 1
    while block < 0:
        message -= 1
        if message < 0:
            return None
        block = texts.block_count(message) - 1
    return Place(message, block, len(texts.text_of(message, block)))


def _character_on(place: Place, texts: ReadTexts) -> Place:
    text = texts.text_of(place.message, place.block)
    if place.character >= len(text):
        return _next_block(place, texts) or place
    return replace(place, character=next_boundary(text, place.character))


def _character_back(place: Place, texts: ReadTexts) -> Place:
    if place.character <= 0:
        return _previous_block(place, texts) or place
    text = texts.text_of(place.message, place.block)
    return replace(place, character=previous_boundary(text, place.character))


def _word_on(place: Place, texts: ReadTexts) -> Place:
    text = texts.text_of(place.message, place.block)
    if place.character >= len(text):
        return _next_block(place, texts) or place
    return replace(place, character=next_word(text, place.character))


def _word_back(place: Place, texts: ReadTexts) -> Place:
    if place.character <= 0:
        return _previous_block(place, texts) or place
    text = texts.text_of(place.message, place.block)
    return replace(place, character=previous_word(text, place.character))


def _block_on(place: Place, texts: ReadTexts) -> Place:
    length = len(texts.text_of(place.message, place.block))
    if place.character < length:
        return replace(place, character=length)
    further = _next_block(place, texts)
    return place if further is None else replace(further, character=len(texts.text_of(further.message, further.block)))


def _block_back(place: Place, texts: ReadTexts) -> Place:
    if place.character > 0:
        return replace(place, character=0)
    further = _previous_block(place, texts)
    return place if further is None else replace(further, character=0)


_STEPS = {
    (Step.CHARACTER, True): _character_on,
    (Step.CHARACTER, False): _character_back,
    (Step.WORD, True): _word_on,
    (Step.WORD, False): _word_back,
    (Step.BLOCK, True): _block_on,
    (Step.BLOCK, False): _block_back,
}
