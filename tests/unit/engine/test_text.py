"""Bytes become characters only when they are whole, and stop strings never show."""

import random

import pytest

from app.engine.text import StopStrings, TextDecoder

TEXT = "Grüße, 世界! 👩‍👩‍👧 नमस्ते — done"


@pytest.mark.parametrize("seed", range(5))
def test_any_cut_of_the_bytes_gives_the_text(seed: int) -> None:
    cut = random.Random(seed)
    data, decoder, out = TEXT.encode(), TextDecoder(), ""
    while data:
        size = cut.randint(1, 3)
        piece, data = data[:size], data[size:]
        out += decoder.feed(piece)
        assert "\ufffd" not in out
    assert out + decoder.rest() == TEXT


def test_an_unfinished_character_becomes_the_replacement_at_the_end() -> None:
    decoder = TextDecoder()
    assert decoder.feed("é".encode()[:1]) == ""
    assert decoder.rest() == "\ufffd"


@pytest.mark.parametrize("seed", range(10))
def test_a_stop_string_is_found_across_any_cut(seed: int) -> None:
    cut = random.Random(seed)
    text, stops, out = "one two </en <end> three", StopStrings(["<end>", "</end>"]), ""
    while text and not stops.found:
        size = cut.randint(1, 4)
        piece, text = text[:size], text[size:]
        out += stops.feed(piece)
    assert stops.found
    assert out + stops.rest() == "one two </en "


def test_a_beginning_that_comes_to_nothing_is_given_back() -> None:
    stops = StopStrings(["STOP"])
    assert stops.feed("a ST") == "a "
    assert stops.feed("EP") == "STEP"
    assert stops.feed("ST") == ""
    assert stops.rest() == "ST"


def test_the_first_of_several_stop_strings_wins() -> None:
    stops = StopStrings(["world", "wo", ""])
    assert stops.feed("hello world") == "hello "
    assert stops.found
    assert stops.feed("more") == ""
