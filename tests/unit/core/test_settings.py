"""Stored values become settings only when their type is the declared one."""

from dataclasses import FrozenInstanceError, dataclass, fields

import pytest

from app.core import settings as module
from app.core.declared import declarations, declared
from app.core.settings import Settings, Theme, settings_from


def test_nothing_stored_means_the_defaults() -> None:
    assert settings_from({}) == Settings()
    assert Settings() == Settings(theme=Theme.SYSTEM, model_path="")


def test_every_setting_says_what_it_is() -> None:
    assert [d.name for d in declarations(Settings)] == [f.name for f in fields(Settings)]
    for declaration in declarations(Settings):
        assert declaration.title
        assert declaration.help.endswith(".")


def test_settings_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().theme = Theme.DARK  # type: ignore[misc]


@pytest.mark.parametrize("theme", list(Theme))
def test_a_stored_theme_is_read(theme: Theme) -> None:
    assert settings_from({"theme": theme.value}).theme is theme


@pytest.mark.parametrize("value", [None, "purple", "", 1, 1.5, True, [], ["dark"], {"theme": "dark"}])
def test_anything_else_is_no_theme(value: object) -> None:
    assert settings_from({"theme": value, "model_path": "kept"}) == Settings(model_path="kept")


@pytest.mark.parametrize("value", [None, 1, True, 1.5, [], {}])
def test_anything_but_text_is_no_path(value: object) -> None:
    assert settings_from({"theme": "dark", "model_path": value}) == Settings(theme=Theme.DARK)


def test_unknown_names_are_ignored() -> None:
    assert settings_from({"model_path": "x", "unknown": 1, "": None}) == Settings(model_path="x")


@dataclass(frozen=True, slots=True)
class _Numbers:
    whole: int = declared(4, "Whole", "A whole number.")
    real: float = declared(0.5, "Real", "A real number.")
    switch: bool = declared(False, "Switch", "On or off.")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("whole", 7, 7),
        ("whole", True, 4),
        ("whole", 7.0, 4),
        ("whole", "7", 4),
        ("real", 0.25, 0.25),
        ("real", 1, 1.0),
        ("real", True, 0.5),
        ("real", "1", 0.5),
        ("switch", True, True),
        ("switch", 1, False),
        ("switch", "true", False),
    ],
)
def test_numbers_and_switches_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object, expected: object
) -> None:
    monkeypatch.setattr(module, "Settings", _Numbers)
    read = getattr(settings_from({name: value}), name)
    assert read == expected
    assert type(read) is type(expected)
