"""Drafts come from where the text went on as it does now, and are as long as they were right."""

from app.core.cancel import CancelToken
from app.engine.drafting import NGRAM, DraftLength, PromptLookup

LONGEST = 16


def test_what_followed_the_same_tokens_before_is_drafted() -> None:
    text = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4]
    assert PromptLookup(LONGEST).draft(text, LONGEST, CancelToken()) == [5, 6, 7, 8]


def test_nothing_is_drafted_where_nothing_repeats() -> None:
    assert PromptLookup(LONGEST).draft(list(range(100)), LONGEST, CancelToken()) == []
    assert PromptLookup(LONGEST).draft([1] * (NGRAM - 1), LONGEST, CancelToken()) == []


def test_the_place_with_the_longer_agreement_is_taken() -> None:
    line = [20, 1, 2, 3, 4]
    text = [*[10, *line[1:]], 50, 51, *[20, *line[1:]], 60, 61, *[10, *line[1:]], 50, 51, 99, *[20, *line[1:]]]
    assert PromptLookup(LONGEST).draft(text, 2, CancelToken()) == [60, 61]


def test_no_more_is_drafted_than_there_is_room_for() -> None:
    assert PromptLookup(LONGEST).draft([1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4], 1, CancelToken()) == [5]


def test_a_text_that_became_shorter_is_read_anew() -> None:
    lookup = PromptLookup(LONGEST)
    lookup.draft([*range(200), 1, 2, 3, 4], LONGEST, CancelToken())
    assert lookup.draft([7, 8, 9, 10, 11, 7, 8, 9, 10], LONGEST, CancelToken()) == [11, 7, 8, 9]


def test_a_draft_grows_while_it_is_right_and_shrinks_when_it_is_wrong() -> None:
    length = DraftLength(LONGEST)
    assert length.next() == 4
    length.learn(4, 4)
    assert length.next() == 8
    length.learn(8, 8)
    length.learn(16, 16)
    assert length.next() == LONGEST
    length.learn(16, 5)
    assert length.next() == 6
    length.learn(6, 0)
    rests = [length.next() for _ in range(20)]
    assert rests.count(0) > 3
    assert rests[-1] == 2
