"""What is said of the models on this computer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core.library import ModelOrigin, Removal
from app.ui.chat.model_chooser import recent
from app.ui.library.adding import Chosen, refusal
from app.ui.library.shelf_words import (
    compared_words,
    duplicate_words,
    fact_words,
    found_words,
    remove_words,
    total_words,
    used_words,
)
from tests.ui.library.fake_library import INCLUDED, installed

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(hours=-3), "used today"),  # a clock that was set back
        (timedelta(minutes=1), "used today"),
        (timedelta(days=1), "used yesterday"),
        (timedelta(days=12), "used 12 days ago"),
        (timedelta(days=400), "used 19 Oct 2025"),
    ],
)
def test_when_a_model_was_used(ago: timedelta, words: str) -> None:
    assert used_words(NOW - ago, NOW) == words


def test_a_model_that_was_never_used() -> None:
    assert used_words(None, NOW) == "not used yet"


def test_what_is_unknown_of_a_model_is_left_out_or_said() -> None:
    assert fact_words(installed("Mine")) == "licence not known · downloaded"
    assert fact_words(INCLUDED) == "135 M · Apache-2.0 · 8k context · included"
    split = installed("Big", parameter_count=123_000_000_000, files=(Path("a"), Path("b")), origin=ModelOrigin.JAN)
    assert fact_words(split) == "123 B · licence not known · 2 files · Jan"


def test_what_all_take_together() -> None:
    assert total_words([]) == ""
    assert total_words([installed("A", 2.0), installed("B", 3.1), installed("C", is_missing=True)]) == "2 · 5.1 GB"


def test_nothing_of_other_applications() -> None:
    assert found_words([], [INCLUDED, installed("Mine")]).startswith("No models of Ollama, LM Studio, Jan")


def test_all_and_none_of_what_was_found_are_new() -> None:
    jan = installed("Jan's", origin=ModelOrigin.JAN)
    assert found_words([], [jan]) == "Found 1 model: 1 of Jan; all of them new. They are used where they lie."
    assert "none of them new" in found_words([jan], [jan])


def test_twins_are_named() -> None:
    first, second = installed("A"), installed("B", same_as=installed("A").path)
    assert duplicate_words(first, [first, second]) == ""
    assert duplicate_words(second, [second]) == f"The same file as {first.path}."
    assert compared_words([first, second]).startswith("1 model has the same content as another: 4.0 GB.")
    assert compared_words([first]) == "No model is on this computer twice."


def test_all_parts_go_to_the_trash() -> None:
    parts = (Path("a"), Path("b"), Path("c"))
    big = installed("Big", files=parts)
    assert remove_words(big, Removal(parts, (), big.size_bytes))[1].startswith("Its 3 files go to the trash")


@pytest.mark.parametrize(
    ("files", "projectors", "words"),
    [
        (1, 1, "Its file and its projector (mmproj), which no other model here uses, go to the trash"),
        (3, 2, "Its 3 files and its 2 projectors (mmproj), which no other model here uses, go to the trash"),
    ],
)
def test_a_projector_that_goes_along_is_told(files: int, projectors: int, words: str) -> None:
    model = installed("Seeing", files=(Path("a"),) * files)
    told = remove_words(model, Removal(model.files, (Path("mmproj-a.gguf"),) * projectors, 5_000_000_000))[1]
    assert told.startswith(words)
    assert "5.0 GB are free" in told


def test_the_header_offers_one_of_two_twins_and_the_other_when_that_is_gone() -> None:
    first, second = installed("A"), installed("B", same_as=installed("A").path)
    assert [model.name for model in recent([first, second])] == ["A"]
    gone = installed("A", is_missing=True)
    assert [model.name for model in recent([gone, second])] == ["B"]


def test_many_files_that_are_no_models_are_not_all_named() -> None:
    others = tuple(Path(f"{number}.txt") for number in range(5))
    assert refusal(Chosen((), (), 0, (), others)) == (
        "0.txt, 1.txt, 2.txt and 2 more files are no models. Models are files that end in .gguf."
    )
