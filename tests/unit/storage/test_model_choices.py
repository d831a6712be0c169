"""The parameters that a user chose for a model come back as they were chosen."""

from pathlib import Path

from app.storage.database import Database
from app.storage.machine import open_machine
from app.storage.model_choices import ModelChoice, ModelChoiceStore
from tests.unit.storage.conftest import NOW

CHOICE = ModelChoice({"context_length": 8192, "kv_cache_type": "q8_0"}, {"temperature": 0.5, "stop": ["###"]})


def test_a_choice_comes_back_after_a_restart(machine: Database, model_file: Path) -> None:
    ModelChoiceStore(machine).save(model_file, CHOICE)
    machine.close()
    again = open_machine(machine.path, NOW).database
    assert ModelChoiceStore(again).get(model_file) == CHOICE
    again.close()


def test_without_a_choice_nothing_is_set_apart(machine: Database, model_file: Path) -> None:
    assert ModelChoiceStore(machine).get(model_file) == ModelChoice({}, {})


def test_a_newer_choice_replaces_and_a_forgotten_one_is_gone(machine: Database, model_file: Path) -> None:
    choices = ModelChoiceStore(machine)
    choices.save(model_file, CHOICE)
    choices.save(model_file.with_name("other.gguf"), CHOICE)
    choices.save(model_file, ModelChoice(sampling={"top_k": 1}))
    assert choices.get(model_file) == ModelChoice({}, {"top_k": 1})
    choices.forget(model_file)
    choices.forget(model_file)
    assert choices.get(model_file) == ModelChoice()
    assert choices.get(model_file.with_name("other.gguf")) == CHOICE


def test_a_choice_that_cannot_be_read_is_none(machine: Database, model_file: Path) -> None:
    choices = ModelChoiceStore(machine)
    choices.save(model_file, CHOICE)
    with machine.transaction() as connection:
        connection.execute("UPDATE model_choices SET load = '{', sampling = '[1]'")
    assert choices.get(model_file) == ModelChoice()
