"""A model's text is made harmless before it is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ui.transcript.markdown.clean import Cleaner, clean


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x9b", "\ud800", "\u202e", "\u2066", "\ufdd0"])
def test_a_harmful_character_is_replaced(character: str) -> None:
    assert clean(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize("text", ["tab\there", "line\nline", "e\u0301", "👩\u200d👧", "א\u200fב", "中文"])
def test_harmless_text_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028", "\u2029"])
def test_every_line_end_becomes_the_same(end: str) -> None:
    assert clean(f"a{end}b{end}{end}") == "a\nb\n\n"


def test_a_line_end_in_two_pieces_is_one() -> None:
    cleaner = Cleaner()
    assert [cleaner.feed("a\r"), cleaner.feed("\nb\r"), cleaner.feed("c\r"), cleaner.finish()] == [
        "a",
        "\nb",
        "\nc",
        "\n",
    ]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.text("a\r\n\0\u202e", max_size=4), max_size=6))
def test_pieces_are_cleaned_as_the_whole(pieces: list[str]) -> None:
    cleaner = Cleaner()
    assert "".join([*map(cleaner.feed, pieces), cleaner.finish()]) == clean("".join(pieces))
