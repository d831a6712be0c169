"""A message that comes in pieces is read as the whole is, and what is finished stays."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline

from app.ui.transcript.markdown import open_math, parting, piece, pieces, stream_parser
from app.ui.transcript.markdown.content import Block, Code, MathBlock, Paragraph, Span, Table, reading_text
from app.ui.transcript.markdown.stream_parser import StreamParser, parse_blocks
from tests.unit.ui.transcript.markdown.examples import examples

_SETTINGS = settings(derandomize=True, deadline=None, max_examples=60)
_EXAMPLES = sorted(examples().values())
_LINES = sorted({line for text in _EXAMPLES for line in text.split("\n")})
_MARKS = [
    *"*_`|~$[]()",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "a ",
    "- ",
    "> ",
    "1. ",
    "    ",
    "\t",
    "```",
    "---",
    "# ",
    "===",
    "$$",
]
_MARKS += ["[^1]", "[^1]: ", "[a]: /u\n", "\\[", "\\]", "\n\n", "| a |\n|---|\n"]
_messages = (
    st.lists(st.sampled_from(_EXAMPLES), min_size=1, max_size=3).map("\n\n".join)
    | st.lists(st.sampled_from(_LINES), min_size=1, max_size=7).map("\n".join)
    | st.lists(st.sampled_from(_MARKS), min_size=1, max_size=30).map("".join)
)


def _split(text: str, places: Sequence[int]) -> Iterator[str]:
    start = 0
    for place in sorted({min(place, len(text)) for place in places}):
        yield text[start:place]
        start = place
    yield text[start:]


def _streamed(texts: Iterator[str]) -> list[Block]:
    parser = StreamParser()
    for text in texts:
        parser.feed(text)
    parser.finish()
    return list(parser.blocks)


@pytest.mark.parametrize("name", sorted(examples()))
def test_every_split_in_two_reads_the_same(name: str) -> None:
    text = examples()[name]
    whole = list(parse_blocks(text))
    for place in range(1, len(text)):
        assert _streamed(iter((text[:place], text[place:]))) == whole


@_SETTINGS
@given(_messages, st.lists(st.integers(0, 300), max_size=12))
def test_random_splits_read_the_same(text: str, places: list[int]) -> None:
    assert _streamed(_split(text, places)) == list(parse_blocks(text))


@_SETTINGS
@given(_messages)
def test_single_characters_read_the_same(text: str) -> None:
    assert _streamed(iter(text)) == list(parse_blocks(text))


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is bounded is bounded to a few characters."""
    for module, name, value in (
        (stream_parser, "MAX_LINE", 20),
        (piece, "MAX_PIECE", 30),
        (piece, "MAX_PIECE_LINES", 4),
        (pieces, "MAX_DEPTH", 3),
        (parting, "PART", 12),
        (parting, "MAX_PART", 24),
        (open_math, "MAX_MATH", 20),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.mark.usefixtures("small_limits")
def test_what_is_bounded_reads_the_same_in_single_characters() -> None:
    for text in _EXAMPLES:
        assert _streamed(iter(text)) == list(parse_blocks(text))


@_SETTINGS
@given(_messages, st.lists(st.integers(0, 300), max_size=12))
def test_blocks_before_the_first_change_are_the_same_objects(text: str, places: list[int]) -> None:
    parser = StreamParser()
    before: list[Block] = []
    takes: list[Callable[[], int]] = [partial(parser.feed, part) for part in _split(text, places)]
    for take in (*takes, parser.finish):
        changed = take()
        assert changed <= len(before)
        assert all(was is block for was, block in zip(before[:changed], parser.blocks[:changed], strict=True))
        before = list(parser.blocks)


def test_finished_blocks_stay_the_same_objects_to_the_end() -> None:
    parser = StreamParser()
    parser.feed("# One\n\nTwo *words*.\n\n- a\n- b\n")
    first = list(parser.blocks)[:3]
    for character in "- c\n\n```\ncode\n```\nend":
        assert parser.feed(character) >= 3
    parser.finish()
    assert all(was is block for was, block in zip(first, parser.blocks, strict=False))


def test_nothing_new_changes_nothing() -> None:
    parser = StreamParser()
    parser.feed("a paragraph")
    assert parser.feed("") == 1


def test_open_code_grows_and_its_end_is_not_shown_as_code() -> None:
    parser = StreamParser()
    seen = []
    for text in ("```py", "\nx = 1\n", "y", "\n`", "``", "\nafter"):
        parser.feed(text)
        seen.append(parser.blocks[0])
    assert seen == [
        Code("py", "", True),
        Code("py", "x = 1", True),
        Code("py", "x = 1\ny", True),
        Code("py", "x = 1\ny", True),
        Code("py", "x = 1\ny", True),
        Code("py", "x = 1\ny"),
    ]


def test_mathematics_are_shown_as_source_until_they_end() -> None:
    parser = StreamParser()
    parser.feed("$$\nx +")
    assert parser.blocks == [Paragraph((Span("x +", code=True),))]
    parser.feed(" y\n$$")
    assert parser.blocks == [MathBlock("x + y")]


def test_a_table_grows_by_rows_that_stay() -> None:
    parser = StreamParser()
    parser.feed("| a |\n|---|\n| 1 |\n| 2")
    (before,) = parser.blocks
    parser.feed("2 |\n| 3 |\n")
    (after,) = parser.blocks
    assert isinstance(before, Table)
    assert isinstance(after, Table)
    assert after.rows[0] is before.rows[0]
    assert [reading_text(block) for block in (before, after)] == ["a\n1\n2", "a\n1\n22\n3"]


def test_a_link_that_is_defined_later_is_one_in_the_end() -> None:
    parser = StreamParser()
    parser.feed("See [it].\n\nMore.\n\n[it]: https://example.org\n")
    assert parser.blocks[0] == Paragraph((Span("See [it]."),))
    more = parser.blocks[1]
    assert parser.finish() == 0
    assert parser.blocks[0] == Paragraph((Span("See "), Span("it", link="https://example.org"), Span(".")))
    assert parser.blocks[1] is more


def test_half_a_definition_defines_nothing() -> None:
    parser = StreamParser()
    for character in "[it]: https://example.org/page\n\n[it]":
        parser.feed(character)
    parser.finish()
    assert parser.blocks == [Paragraph((Span("it", link="https://example.org/page"),))]


def test_a_line_that_is_too_long_becomes_blocks_that_say_all_of_it() -> None:
    line = "word " * 5000 + "end"
    parser = StreamParser()
    parser.feed(f"before\n\n{line}\n\nafter")
    parser.finish()
    assert len(parser.blocks) > 3
    assert " ".join(map(reading_text, parser.blocks)).split() == f"before {line} after".split()


class _Work:
    """Counts the characters that markdown-it is given to read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.characters = 0
        for owner in (ParserBlock, ParserInline):
            monkeypatch.setattr(owner, "parse", self._counted(owner.parse))

    def _counted(self, parse: Callable[..., object]) -> Callable[..., object]:
        def counted(parser: object, text: str, *rest: object) -> object:
            self.characters += len(text)
            return parse(parser, text, *rest)

        return counted


_LENGTH = 100_000
_LONG = {  # how it begins, and what is repeated
    "code": ("```\n", "some code here\n"),
    "table": ("| a | b |\n|---|---|\n", "| one | two |\n"),
    "list": ("", "- an item of it\n"),
    "nested list": ("1. outer\n", "   - an item of it\n"),
    "quote": ("", "> a line\n>\n"),
    "item": ("1. first\n\n", "   a paragraph\n\n"),
    "paragraph": ("", "some words and **more** "),
    "poem": ("", "a verse of it\n"),
    "word": ("", "word"),
    "brackets": ("", "["),
    "paragraphs": ("", "a paragraph\n\n"),
}


@pytest.mark.parametrize("kind", sorted(_LONG))
def test_a_feed_reads_a_bounded_part_of_the_message(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start, repeated = _LONG[kind]
    work = _Work(monkeypatch)
    parser = StreamParser()
    parser.feed(start + repeated * (_LENGTH // len(repeated)))
    assert work.characters <= 3 * _LENGTH
    work.characters = 0
    more = "some more words of it"
    for character in more:
        parser.feed(character)
    assert work.characters <= len(more) * (piece.MAX_PIECE + parting.MAX_PART)
