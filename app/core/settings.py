"""What the user may choose: each setting declared once, with its type, default, title and help."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum, StrEnum
from typing import Any


class Theme(StrEnum):
    """Which colours the window wears."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def setting(default: Any, title: str, help_text: str) -> Any:
    """Declare one setting of Settings."""
    return field(default=default, metadata={"title": title, "help": help_text})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the user can set. Values outside the declared type are replaced by the default when read."""

    theme: Theme = setting(Theme.SYSTEM, "Theme", "Light, dark, or as the system says.")
    model_path: str = setting("", "Model file", "The GGUF file to load at start; empty for the included model.")


def settings_from(values: Mapping[str, object]) -> Settings:
    """Settings from stored values: unknown names are ignored, values of the wrong type fall back to the default."""
    known = {
        declared.name: _accepted(values[declared.name], declared.default)
        for declared in fields(Settings)
        if declared.name in values
    }
    return Settings(**known)


def _accepted(value: object, default: Any) -> Any:
    """`value` as the type of `default`, or `default` when it is of another type."""
    kind = type(default)
    if isinstance(default, Enum):
        try:
            return kind(value)
        except ValueError:
            return default
    if kind is float and type(value) is int:
        return float(value)  # JSON written by hand says 1 for 1.0
    return value if type(value) is kind else default  # exactly: to isinstance, True is an int
