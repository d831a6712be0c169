"""Writes what made an answer as JSON and reads it back; names from other versions are ignored or get their default."""

import functools
import json
import types
import typing
from dataclasses import is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from app.core.errors import InvalidParameterError
from app.core.plain_json import plain
from app.core.provenance import Provenance
from app.storage.places import Places

_T = TypeVar("_T")


def provenance_to_json(provenance: Provenance, places: Places) -> str:
    """One line of ASCII without the seed; an infinite number becomes the text "-inf", as JSON has no number for it.

    The seed has a column of its own: without it, a conversation's answers mostly have one and the same text here.
    """
    unseeded = replace(provenance, sampling=replace(provenance.sampling, seed=None))
    values = plain(unseeded)
    load = values["load"]
    for holder, name in ((load, "path"), (load, "draft_model"), *((adapter, "path") for adapter in load["adapters"])):
        if holder[name] is not None:
            holder[name] = places.text(holder[name])
    return json.dumps(values, separators=(",", ":"))


def provenance_from_json(text: str, seed: int | None, places: Places) -> Provenance | None:
    """What provenance_to_json wrote; None when it cannot be read, which costs no more than the provenance."""
    unseeded = _unseeded(text, places)
    if unseeded is None or seed is None:
        return unseeded
    return replace(unseeded, sampling=replace(unseeded.sampling, seed=seed))


@functools.lru_cache(maxsize=32)
def _unseeded(text: str, places: Places) -> Provenance | None:
    try:
        return _read(Provenance, json.loads(text), places)
    except (ValueError, TypeError, KeyError, RecursionError, InvalidParameterError):
        return None


def _read(kind: type[_T], raw: Any, places: Places) -> _T:
    hashable: Any = kind  # a class is, which mypy does not see
    hints: dict[str, Any] = _hints(hashable)
    return kind(**{name: _converted(hints[name], raw[name], places) for name in hints if name in raw})


def _converted(hint: Any, value: Any, places: Places) -> Any:
    if isinstance(hint, type):
        if is_dataclass(hint):
            return _read(hint, value, places)
        # Enums, paths and floats written as text are made from what JSON has; the rest must already be what it says.
        if issubclass(hint, Path):
            return hint(places.resolved(value))
        if issubclass(hint, Enum | float):
            return hint(value)
        if type(value) is not hint:
            raise TypeError(f"{value!r} is no {hint.__name__}")
        return value
    choices = typing.get_args(hint)
    if isinstance(hint, types.UnionType):
        if value is None and types.NoneType in choices:
            return None
        fitting = [c for c in choices if type(value) is c] or [c for c in choices if c is not types.NoneType]
        return _converted(fitting[0], value, places)
    return tuple(_converted(choices[0], part, places) for part in value)


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
