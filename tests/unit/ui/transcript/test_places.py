"""What is selected between two places, and where keys move the end of it."""

from dataclasses import dataclass, replace

from app.ui.transcript.markdown.content import Block, Code, Paragraph, Rule, Span, reading_text
from app.ui.transcript.markdown.export import plain_text
from app.ui.transcript.places import (
    Place,
    Selection,
    Step,
    Unit,
    everything,
    first_place,
    last_place,
    selected_at,
)


def paragraph(text: str) -> Paragraph:
    return Paragraph((Span(text),))


@dataclass
class Messages:
    """Messages whose lines are ten characters of ten pixels, without any empty space between blocks."""

    blocks: list[list[Block]]

    def message_count(self) -> int:
        return len(self.blocks)

    def block_count(self, message: int) -> int:
        return len(self.blocks[message])

    def text_of(self, message: int, block: int) -> str:
        return reading_text(self.blocks[message][block])

    def lines(self) -> list[Place]:
        return [
            Place(message, block, at)
            for message, blocks in enumerate(self.blocks)
            for block, content in enumerate(blocks)
            for at in range(0, max(1, len(reading_text(content))), 10)
        ]

    def line_of(self, place: Place) -> int:
        return max(number for number, start in enumerate(self.lines()) if start <= place)

    def x_of(self, place: Place) -> float:
        return 10.0 * (place.character - self.lines()[self.line_of(place)].character)

    def place_lines_away(self, place: Place, x: float, lines: int) -> Place:
        number = self.line_of(place) + lines
        if number < 0:
            return first_place(self)
        if number >= len(self.lines()):
            return last_place(self)
        start = self.lines()[number]
        length = len(self.text_of(start.message, start.block))
        return replace(start, character=min(length, start.character + round(x / 10)))

    def line_edges(self, place: Place) -> tuple[Place, Place]:
        start = self.lines()[self.line_of(place)]
        length = len(self.text_of(start.message, start.block))
        return start, replace(start, character=min(length, start.character + 10))


TALK = Messages(
    [
        [paragraph("How do I retry a call?")],
        [],
        [paragraph("Wait longer each time."), Rule(), Code("py", "import time")],
    ]
)


def said(selection: Selection) -> list[str]:
    return [plain_text(selection.parts_of(number, blocks)) for number, blocks in enumerate(TALK.blocks)]


def moved(selection: Selection, step: Step, by: int) -> Selection:
    return selection.moved(step, by, TALK, TALK)


def test_a_selection_reaches_over_blocks_and_messages_whichever_end_came_first() -> None:
    forwards = Selection(Place(0, 0, 9), Place(2, 2, 6))
    backwards = Selection(Place(2, 2, 6), Place(0, 0, 9))
    assert said(forwards) == said(backwards) == ["retry a call?", "", "Wait longer each time.\n\n---\n\nimport"]
    assert forwards.range_in(0, 0, 22) == (9, 22)
    assert forwards.range_in(2, 0, 22) == (0, 22)
    assert forwards.range_in(2, 1, 0) == (0, 0)
    assert forwards.range_in(2, 2, 11) == (0, 6)


def test_nothing_selected_touches_nothing() -> None:
    empty = Selection(Place(2, 0, 3), Place(2, 0, 3))
    assert empty.is_empty
    assert empty.range_in(2, 0, 22) is None
    assert said(empty) == ["", "", ""]


def test_a_block_at_whose_edge_the_selection_ends_is_not_touched() -> None:
    selection = Selection(Place(0, 0, 22), Place(2, 2, 0))
    assert selection.range_in(0, 0, 22) is None
    assert selection.range_in(2, 2, 11) is None
    assert said(selection) == ["", "", "Wait longer each time.\n\n---"]


def test_what_has_become_shorter_is_selected_to_its_end() -> None:
    assert Selection(Place(0, 0, 2), Place(0, 0, 40)).range_in(0, 0, 5) == (2, 5)
    assert Selection(Place(0, 0, 20), Place(0, 0, 40)).range_in(0, 0, 5) is None


def test_everything_begins_and_ends_with_what_is_said() -> None:
    assert everything(TALK) == Selection(Place(0, 0, 0), Place(2, 2, 11))
    assert everything(Messages([[], []])).is_empty
    assert everything(Messages([])).is_empty


def test_a_double_click_takes_a_word_and_a_triple_click_a_block() -> None:
    assert said(selected_at(Place(0, 0, 11), Unit.WORD, TALK)) == ["retry", "", ""]
    assert said(selected_at(Place(2, 0, 11), Unit.BLOCK, TALK)) == ["", "", "Wait longer each time."]
    assert selected_at(Place(0, 0, 11), Unit.CHARACTER, TALK).is_empty


def test_dragging_after_a_double_click_takes_whole_words_both_ways() -> None:
    word = selected_at(Place(0, 0, 11), Unit.WORD, TALK)
    assert said(word.drawn_to(Place(0, 0, 18), Unit.WORD, TALK)) == ["retry a call", "", ""]
    assert said(word.drawn_to(Place(0, 0, 5), Unit.WORD, TALK)) == ["do I retry", "", ""]
    assert said(word.drawn_to(Place(2, 0, 2), Unit.WORD, TALK)) == ["retry a call?", "", "Wait"]
    assert said(word.drawn_to(Place(0, 0, 10), Unit.WORD, TALK)) == ["retry", "", ""]


def test_dragging_takes_characters_and_blocks() -> None:
    start = selected_at(Place(2, 0, 5), Unit.CHARACTER, TALK)
    assert said(start.drawn_to(Place(2, 0, 11), Unit.CHARACTER, TALK)) == ["", "", "longer"]
    assert start.drawn_to(Place(2, 0, 0), Unit.CHARACTER, TALK) == Selection(Place(2, 0, 5), Place(2, 0, 0))
    block = selected_at(Place(2, 0, 5), Unit.BLOCK, TALK)
    assert said(block.drawn_to(Place(0, 0, 5), Unit.BLOCK, TALK)) == [
        "How do I retry a call?",
        "",
        "Wait longer each time.",
    ]


def test_shift_right_and_left_go_from_block_to_block() -> None:
    selection = Selection(Place(0, 0, 21), Place(0, 0, 21))
    assert moved(selection, Step.CHARACTER, 1).focus == Place(0, 0, 22)
    assert moved(selection, Step.CHARACTER, 2).focus == Place(2, 0, 0)
    back = Selection(Place(2, 2, 1), Place(2, 2, 1))
    assert [moved(back, Step.CHARACTER, -by).focus for by in (1, 2, 3)] == [
        Place(2, 2, 0),
        Place(2, 1, 0),
        Place(2, 0, 22),
    ]


def test_the_anchor_stays_and_the_ends_of_everything_hold() -> None:
    at_end = Selection(Place(0, 0, 3), Place(2, 2, 11))
    for step in (Step.CHARACTER, Step.WORD, Step.BLOCK):
        assert moved(at_end, step, 1) == at_end
    at_start = Selection(Place(2, 2, 3), Place(0, 0, 0))
    for step in (Step.CHARACTER, Step.WORD, Step.BLOCK):
        assert moved(at_start, step, -1) == at_start


def test_words_and_blocks_are_steps() -> None:
    selection = Selection(Place(0, 0, 0), Place(0, 0, 0))
    assert said(moved(selection, Step.WORD, 2)) == ["How do ", "", ""]
    assert said(moved(selection, Step.BLOCK, 1)) == ["How do I retry a call?", "", ""]
    assert moved(selection, Step.BLOCK, 2).focus == Place(2, 0, 22)
    assert moved(Selection(Place(2, 2, 0), Place(2, 2, 4)), Step.BLOCK, -2).focus == Place(2, 1, 0)
    assert moved(Selection(Place(2, 0, 4), Place(2, 0, 4)), Step.WORD, -2).focus == Place(0, 0, 22)


def test_going_from_line_to_line_remembers_how_far_right_it_was() -> None:
    selection = Selection(Place(0, 0, 18), Place(0, 0, 18))
    short = moved(selection, Step.LINE, 1)
    assert short.focus == Place(0, 0, 22)
    assert moved(short, Step.LINE, 1).focus == Place(2, 0, 8)
    assert moved(moved(short, Step.CHARACTER, -1), Step.LINE, 1).focus == Place(2, 0, 1)
    assert moved(selection, Step.LINE, -5).focus == Place(0, 0, 0)


def test_the_edges_of_lines_and_of_everything() -> None:
    selection = Selection(Place(2, 0, 13), Place(2, 0, 13))
    assert moved(selection, Step.LINE_EDGE, 1).focus == Place(2, 0, 20)
    assert moved(selection, Step.LINE_EDGE, -1).focus == Place(2, 0, 10)
    assert moved(selection, Step.EVERYTHING, 1).focus == Place(2, 2, 11)
    assert moved(selection, Step.EVERYTHING, -1).focus == Place(0, 0, 0)
