"""Characters and words as people see them."""

from itertools import pairwise

import pytest

from app.ui.transcript.boundaries import next_boundary, next_word, previous_boundary, previous_word, word_at

FAMILY = "👩‍👩‍👧‍👦"
NORWAY, SWEDEN = "🇳🇴", "🇸🇪"


def characters(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text):
        end = next_boundary(text, at)
        found.append(text[at:end])
        at = end
    return found


@pytest.mark.parametrize(
    "expected",
    [
        ["a", "b"],
        ["e\u0301", "t"],
        [FAMILY, "!"],
        ["👍🏽", "👍"],
        [NORWAY, SWEDEN, "x"],
        ["\r\n", "\n", "a"],
        ["하", "나"],
        ["\u1112\u1161\u11ab", "a"],  # a syllable written in three
        ["नि", "म"],
    ],
)
def test_a_character_is_what_a_person_sees(expected: list[str]) -> None:
    text = "".join(expected)
    assert characters(text) == expected
    backwards, at = [], len(text)
    while at > 0:
        start = previous_boundary(text, at)
        backwards.append(text[start:at])
        at = start
    assert backwards[::-1] == expected


def test_nothing_moves_beyond_the_ends() -> None:
    assert next_boundary("ab", 2) == 2
    assert previous_boundary("ab", 0) == 0
    assert next_word("ab", 2) == 2
    assert previous_word("ab", 0) == 0
    assert word_at("", 0) == (0, 0)


def test_a_letter_under_countless_accents_is_cut() -> None:
    text = "e" + "\u0301" * 100_000
    assert 1 < next_boundary(text, 0) < 200
    assert len(text) - 200 < previous_boundary(text, len(text)) < len(text)


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("a retry, then", 4, "retry"),
        ("a retry, then", 7, "retry"),  # just behind it: the right half of its last letter
        ("a retry, then", 8, " "),
        ("don't stop", 3, "don't"),
        ("it’s", 0, "it’s"),
        ("costs 1,234.50 now", 9, "1,234.50"),
        ("time.sleep(5)", 6, "sleep"),
        ("some_name=1", 2, "some_name"),
        ("naïve cafe\u0301 x", 8, "cafe\u0301"),
        ("Привет, мир", 1, "Привет"),
        ("שלום עולם", 6, "עולם"),
        ("日本語", 1, "本"),
        ("a    b", 3, "    "),
        ("((x))", 0, "("),
        (f"x {FAMILY} y", 2, FAMILY),
        ("end", 3, "end"),
    ],
)
def test_a_double_click_takes_the_word(text: str, place: int, word: str) -> None:
    start, end = word_at(text, place)
    assert text[start:end] == word
    assert start <= place <= end


def test_words_are_gone_through_forwards_and_back() -> None:
    text = "wait, then retry() again"
    stops = [0]
    while stops[-1] < len(text):
        stops.append(next_word(text, stops[-1]))
    assert [text[a:b] for a, b in pairwise(stops)] == [
        "wait",
        ", ",
        "then ",
        "retry",
        "(",
        ") ",
        "again",
    ]
    back = [len(text)]
    while back[-1] > 0:
        back.append(previous_word(text, back[-1]))
    assert back[::-1] == stops


def test_a_word_of_a_megabyte_is_taken_in_part() -> None:
    start, end = word_at("x" * 1_000_000, 500_000)
    assert start < 500_000 < end
    assert end - start < 100_000
