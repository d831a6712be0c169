"""Words are found whatever their case, at their places in the text as it is."""

import pytest

from app.ui.transcript.markdown.find import MOST_MATCHES, Match, find_all


def found(texts: list[str], query: str) -> list[str]:
    return [texts[match.text][match.start : match.end] for match in find_all(texts, query)]


def test_matches_come_in_order_with_their_texts() -> None:
    assert find_all(["Retry, then retry.", "", "No RETRY here"], "retry") == (
        Match(0, 0, 5),
        Match(0, 12, 17),
        Match(2, 3, 8),
    )


def test_matches_do_not_overlap_nor_reach_into_the_next_text() -> None:
    assert find_all(["aaaaa"], "aa") == (Match(0, 0, 2), Match(0, 2, 4))
    assert find_all(["foo", "bar"], "foobar") == ()


@pytest.mark.parametrize("query", ["", "zzz", "aaaaaa"])
def test_what_is_not_there_is_not_found(query: str) -> None:
    assert find_all(["aaaaa", ""], query) == ()


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("die Straße endet", "STRASSE", ["Straße"]),
        ("die STRASSE endet", "straße", ["STRASSE"]),
        ("Straße, Tor", "tor", ["Tor"]),
        ("İstanbul and Ankara", "ankara", ["Ankara"]),
        ("ﬁne", "fine", ["ﬁne"]),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς", ["ΟΔΥΣΣΕΥΣ"]),
        ("cafe\u0301 ole\u0301", "CAFÉ", ["cafe\u0301"]),
        ("café olé", "ole\u0301", ["olé"]),
        ("İ" * 5 + "retry", "RETRY", ["retry"]),
        ("👩‍💻 types", "TYPES", ["types"]),
        ("x\ud800y Retry", "retry", ["Retry"]),
    ],
)
def test_places_stay_right_where_folding_changes_lengths(text: str, query: str, expected: list[str]) -> None:
    assert found([text], query) == expected


def test_half_a_letter_is_not_found() -> None:
    assert find_all(["Maße"], "mas") == ()
    assert find_all(["cafe\u0301"], "cafe") == ()


def test_places_stay_right_in_texts_too_long_for_care() -> None:
    text = "ßİe\u0301 " * 50_000 + "Retry STRASSE Straße"
    assert found([text], "retry") == ["Retry"]
    assert found([text], "STRAßE") == ["Straße"]
    assert found([text], "İ")[:2] == ["İ", "İ"]


def test_no_more_than_the_bound_are_counted() -> None:
    assert len(find_all(["a" * 5 * MOST_MATCHES], "a")) == MOST_MATCHES
    assert len(find_all(["aa", "aa"], "a", most=3)) == 3
