"""A long message is read a slice a turn, and says the same in the end."""

import time

from app.ui.transcript.markdown.stream_parser import parse_blocks
from app.ui.transcript.slow_reader import SlowReader

TEXT = "".join(f"# Part {number}\n\n- one `{number}`\n- two\n\n| a |\n|---|\n| {number} |\n\n" for number in range(400))


def read_in_turns(reader: SlowReader) -> int:
    """Read with no time at all, turn after turn; how many turns it took."""
    turns = 0
    while reader.is_behind:
        blocks = list(reader.blocks)
        first = reader.read(time.monotonic())
        assert list(reader.blocks[:first]) == blocks[:first], "what comes before stays as it is"
        turns += 1
    return turns


def test_a_turn_without_time_reads_one_slice() -> None:
    reader = SlowReader(TEXT)
    reader.read(0.0)
    assert reader.is_behind
    assert 0 < len(reader.blocks) < len(parse_blocks(TEXT)) / 2


def test_slices_say_the_same_as_the_whole() -> None:
    reader = SlowReader(TEXT)
    assert read_in_turns(reader) > 3
    reader.finish()
    assert tuple(reader.blocks) == parse_blocks(TEXT)


def test_without_a_time_all_is_read() -> None:
    reader = SlowReader(TEXT)
    reader.read(0.0)
    reader.add("The *end*")
    reader.read()
    assert not reader.is_behind
    reader.finish()
    assert tuple(reader.blocks) == parse_blocks(TEXT + "The *end*")


def test_text_may_be_added_while_some_waits() -> None:
    reader = SlowReader()
    assert not reader.is_behind
    for start in range(0, len(TEXT), 3000):
        reader.add(TEXT[start : start + 3000])
        reader.read(0.0)
    read_in_turns(reader)
    reader.finish()
    assert tuple(reader.blocks) == parse_blocks(TEXT)
