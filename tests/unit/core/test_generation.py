"""Sampling parameters keep their bounds, and figures are worked out as llama-bench does."""

import pytest

from app.core.conversation import TITLE_LENGTH, title_from
from app.core.errors import InvalidParameterError
from app.core.generation import GenerationStatistics, SamplingParameters, StopReason
from app.core.wording import figures, stop_reason_note


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"temperature": -0.1}, "Temperature must be between 0 and 5, but it is -0.1"),
        ({"temperature": float("nan")}, "Temperature"),
        ({"top_k": -1}, "Top-k"),
        ({"top_p": 0.0}, "Top-p"),
        ({"min_p": 1.0}, "Min-p"),
        ({"repeat_penalty": 0.0}, "Repeat penalty"),
        ({"seed": -1}, "Seed"),
        ({"seed": 2**32}, "Seed"),
        ({"max_tokens": 0}, "Max tokens"),
    ],
)
def test_a_value_outside_its_bounds_is_named(changes: dict[str, float], words: str) -> None:
    with pytest.raises(InvalidParameterError, match=words):
        SamplingParameters(**changes)  # type: ignore[arg-type]


def test_rates_leave_out_reused_tokens_and_the_first_token() -> None:
    statistics = GenerationStatistics(
        prompt_tokens=1100,
        reused_tokens=100,
        completion_tokens=51,
        prompt_seconds=2.0,
        generation_seconds=1.0,
        time_to_first_token=2.1,
    )
    assert statistics.prompt_tokens_per_second == 500.0
    assert statistics.tokens_per_second == 50.0
    assert figures(statistics) == "50.0 tok/s  2.10 s to first token  51 tokens"


def test_one_token_has_no_rate() -> None:
    one = GenerationStatistics(10, 9, 1, 0.0, 0.0, 0.1)
    assert one.tokens_per_second == 0.0
    assert one.prompt_tokens_per_second == 0.0
    assert figures(one) == "0.10 s to first token  1 token"


def test_every_stop_reason_has_its_words() -> None:
    assert [reason for reason in StopReason if not stop_reason_note(reason)] == [StopReason.END_OF_TURN]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("  What is\tthis?  \nMore", "What is this?"),
        ("x" * 100, "x" * (TITLE_LENGTH - 1) + "…"),
        ("word " * 20, "word " * 10 + "word…"),
    ],
)
def test_a_title_is_the_first_line_shortened_at_a_word(text: str, title: str) -> None:
    assert title_from(text) == title
    assert len(title_from(text)) <= TITLE_LENGTH
