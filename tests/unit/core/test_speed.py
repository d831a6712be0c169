"""What a speed test is in a context of any size, and what its runs come to."""

import pytest

from app.core.machine import Device, DeviceKind
from app.core.speed import (
    QUICK_TESTS,
    STANDARD_TESTS,
    SpeedMachine,
    SpeedSample,
    SpeedTest,
    Spread,
    context_for,
    estimated_seconds,
    rate_of,
    result_of,
)
from app.core.speed_wording import (
    duration_words,
    machine_words,
    range_words,
    rate_words,
    scaled_words,
    seconds_words,
    size_words,
)

BY_NAME = {test.name: test for test in STANDARD_TESTS}
PP, TG, CHAT = BY_NAME["pp512"], BY_NAME["tg128"], BY_NAME["multi_turn_chat"]


def test_the_standard_tests_have_their_names_and_sizes() -> None:
    sizes = {test.name: (test.prompt_tokens, test.completion_tokens, test.depth) for test in STANDARD_TESTS}
    assert sizes == {
        "pp512": (512, 0, 0),
        "tg128": (0, 128, 0),
        "pp512@d4096": (512, 0, 4096),
        "tg128@d4096": (0, 128, 4096),
        "quick_question": (500, 150, 0),
        "document_summary": (4000, 500, 0),
        "code_generation": (1000, 800, 0),
        "function_calling": (2000, 200, 0),
        "multi_turn_chat": (8000, 300, 0),
    }
    assert [test.name for test in QUICK_TESTS] == ["pp512", "tg128", "pp512@d4096", "tg128@d4096", "quick_question"]


@pytest.mark.parametrize("context_length", [64, 100, 512, 600, 2048, 4096, 8192])
def test_every_test_fits_into_every_context_and_says_when_it_was_scaled(context_length: int) -> None:
    for test in STANDARD_TESTS:
        fitted = test.fitted(context_length)
        assert fitted.needed_tokens <= context_length
        assert (fitted.scaled_from is None) == (fitted == test) == (test.needed_tokens <= context_length)
        assert bool(fitted.prompt_tokens) == bool(test.prompt_tokens)
        assert bool(fitted.completion_tokens) == bool(test.completion_tokens)
        assert bool(scaled_words(fitted)) == (fitted != test)


def test_depth_gives_way_before_what_is_measured() -> None:
    fitted = BY_NAME["pp512@d4096"].fitted(4096)
    assert (fitted.prompt_tokens, fitted.depth, fitted.scaled_from) == (512, 3584, (512, 0, 4096))


def test_a_task_keeps_its_proportions() -> None:
    fitted = CHAT.fitted(4150)
    assert (fitted.prompt_tokens, fitted.completion_tokens) == (4000, 150)
    assert scaled_words(fitted) == "scaled down to the context from 8,000 read, 300 written"


def test_the_context_is_as_long_as_the_longest_test_or_as_the_model_allows() -> None:
    assert context_for(STANDARD_TESTS, 131_072) == 8448
    assert context_for(STANDARD_TESTS, 8192) == 8192
    assert context_for([PP], 8192) == 512
    assert context_for(STANDARD_TESTS, 0) == 8448, "not known: llama.cpp decides"


def test_rates_are_llama_benchs() -> None:
    assert rate_of(PP, SpeedSample(2.0, 2.0, 0.0)) == 256
    assert rate_of(TG, SpeedSample(0.0, 0.5, 1.5)) == 64, "every decode counts, the first one too"
    task = SpeedTest("task", "Task", 500, 151, is_task=True)
    assert rate_of(task, SpeedSample(1.0, 1.1, 3.0)) == pytest.approx(50), "(n - 1) / (last - first)"


def test_a_result_is_the_median_with_its_spread() -> None:
    samples = [SpeedSample(s, s + 0.1, 2.0) for s in (3.0, 1.0, 1.5)]
    result = result_of(BY_NAME["quick_question"], samples)
    assert result.runs == 3
    assert result.first_token_seconds == pytest.approx(1.6)
    assert result.total_seconds == pytest.approx(3.6)
    assert result.rate.minimum <= result.rate.median <= result.rate.maximum
    bare = result_of(PP, samples)
    assert bare.first_token_seconds is None
    assert bare.rate == Spread(512 / 5.1, 512 / 3.6, 512 / 3.1)


def test_how_long_it_takes_is_worked_out_from_the_first_two_tests() -> None:
    reading = result_of(PP, [SpeedSample(1.0, 1.0, 0.0)])
    writing = result_of(TG, [SpeedSample(0.0, 0.0, 2.0)])
    assert estimated_seconds(STANDARD_TESTS, 3, [reading]) is None
    question = BY_NAME["quick_question"]
    once = 500 / 512 + 150 / 64
    assert estimated_seconds([question], 3, [reading, writing]) == pytest.approx(3 * once)
    deep = estimated_seconds([BY_NAME["pp512@d4096"], BY_NAME["tg128@d4096"]], 3, [reading, writing])
    assert deep == pytest.approx(3 * 1 + 3 * 2 + 8), "the depth is read once"
    assert estimated_seconds([CHAT], 3, [reading, writing]) == pytest.approx(8000 / 512 + 300 / 64), "long: run once"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (rate_words(8.253), "8.25"),
        (rate_words(71.84), "71.8"),
        (rate_words(1204.4), "1,204"),
        (range_words(Spread(8, 9, 10), 3), "8.00–10.0"),
        (range_words(Spread(8, 8, 8), 1), ""),
        (seconds_words(None), "–"),
        (seconds_words(0.0851), "85 ms"),
        (seconds_words(1.239), "1.24 s"),
        (seconds_words(59.9), "59.9 s"),
        (seconds_words(59.96), "1 min 00 s"),
        (seconds_words(125), "2 min 05 s"),
        (duration_words(20), "less than a minute"),
        (duration_words(70), "about 1 minute"),
        (duration_words(200), "about 3 minutes"),
        (duration_words(7300), "about 2 hours"),
        (size_words(PP), "512 read"),
        (size_words(BY_NAME["tg128@d4096"]), "128 written after 4,096"),
        (size_words(CHAT), "8,000 read, 300 written"),
    ],
)
def test_figures_are_put_into_words(words: str, expected: str) -> None:
    assert words == expected


def test_a_machine_names_its_processor_once_and_its_other_devices() -> None:
    devices = (
        Device("CPU", "Fast Processor", "CPU", DeviceKind.CPU, 8, 8),
        Device("CUDA0", "Fast Card", "CUDA", DeviceKind.GPU, 8, 8),
    )
    machine = SpeedMachine("Fast Processor", 8, 16_000_000_000, "Linux 6", devices)
    assert machine_words(machine) == "Fast Processor, 8 cores, 16.0 GB of memory, Fast Card, Linux 6"
