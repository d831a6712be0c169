"""How resources/catalog.json is written: every entry holds just the fields of its type, with values as they stand."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from app.core.declared import read_declared
from app.core.generation import SamplingParameters
from app.core.offer import OfferedModel

_T = TypeVar("_T")


def read_section(kind: type[_T], document: Mapping[str, Any], section: str) -> tuple[_T, ...]:
    """The entries of a section. Raises ValueError, which names the entry and the value that does not fit."""
    found = document.get(section)
    if not isinstance(found, list):
        raise ValueError(f"The catalogue's {section!r} is no list.")
    read = tuple(_read(kind, raw, f"The catalogue's {section}[{number}]") for number, raw in enumerate(found))
    ids = [raw["id"] for raw in found]
    if len(set(ids)) < len(ids):
        raise ValueError(f"The catalogue's {section!r} has an id twice.")
    return read


def read_offers(document: Mapping[str, Any]) -> tuple[OfferedModel, ...]:
    """The section `offers`, in which sources are short codes that the section `sources` spells out.

    An offer's `source` gives the codes for each fact that has one, an outline's those for all of it. A size that is not
    `exact` comes from a list that rounds to a tenth of a GiB, below one GiB to a thousandth: it has half of that on
    top, so that the true size is never larger.
    """
    words = document.get("sources")
    if not isinstance(words, dict) or not all(type(word) is str for word in words.values()):
        raise ValueError("The catalogue's 'sources' must give a sentence for each code.")
    offers = document.get("offers")
    if not isinstance(offers, list):
        raise ValueError("The catalogue's 'offers' is no list.")
    spelt = [_spelt_out(raw, words, f"The catalogue's offers[{number}]") for number, raw in enumerate(offers)]
    return read_section(OfferedModel, {"offers": spelt}, "offers")


def _spelt_out(raw: object, words: Mapping[str, str], place: str) -> object:
    if not isinstance(raw, dict) or not isinstance(raw.get("source"), dict):
        raise ValueError(f"{place} must give the sources of its facts.")
    told = [f"{fact}: {_said(codes, words, f'{place}.source.{fact}')}" for fact, codes in raw["source"].items()]
    if unknown := raw["source"].keys() - raw.keys():
        raise ValueError(f"{place} has sources for what it does not say: {', '.join(sorted(unknown))}.")
    spelt = {**raw, "source": "; ".join(told)}
    if isinstance(outline := raw.get("outline"), dict) and "source" in outline:
        spelt["outline"] = {**outline, "source": _said(outline["source"], words, f"{place}.outline.source")}
    return spelt


def _said(codes: object, words: Mapping[str, str], place: str) -> str:
    if not isinstance(codes, list) or not codes or not all(type(code) is str and code in words for code in codes):
        raise ValueError(f"{place} must be codes of 'sources', but it is {codes!r}.")
    return "; ".join(words[code] for code in codes)


def _read(kind: Any, raw: object, place: str) -> Any:
    if not isinstance(raw, dict):
        raise ValueError(f"{place} is no object.")
    hints = _hints(kind)
    if unknown := raw.keys() - hints.keys():
        raise ValueError(f"{place} has what is not known: {', '.join(sorted(unknown))}.")
    if missing := [f.name for f in fields(kind) if f.default is MISSING and f.name not in raw]:
        raise ValueError(f"{place} lacks {', '.join(missing)}.")
    return kind(**{name: _value(hints[name], value, f"{place}.{name}") for name, value in raw.items()})


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, value: object, place: str) -> object:
    if hint is SamplingParameters:
        return _sampling(value, place)
    if get_origin(hint) is tuple:
        return _list(get_args(hint)[0], value, place)
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    if is_dataclass(kinds[0]) and not (value is None and NoneType in kinds):
        return _read(kinds[0], value, place)
    if type(value) not in kinds:
        raise ValueError(f"{place} must be {' or '.join(kind.__name__ for kind in kinds)}, but it is {value!r}.")
    return value


def _list(kind: Any, value: object, place: str) -> tuple[object, ...]:
    if is_dataclass(kind):
        if not isinstance(value, list) or not value:
            raise ValueError(f"{place} must be a list of objects, but it is {value!r}.")
        return tuple(_value(kind, one, f"{place}[{number}]") for number, one in enumerate(value))
    if not isinstance(value, list) or not value or not all(type(word) is str for word in value):
        raise ValueError(f"{place} must be a list of words, but it is {value!r}.")
    return tuple(value)


def _sampling(raw: object, place: str) -> SamplingParameters:
    """Unlike what users stored, what ships with us is refused when a value is not taken as it stands."""
    if not isinstance(raw, dict) or not raw:
        raise ValueError(f"{place} must hold at least one parameter, but it is {raw!r}.")
    read = read_declared(SamplingParameters, raw)
    for name, value in raw.items():
        if getattr(read, name, None) != value:
            raise ValueError(f"{place}.{name} cannot be {value!r}.")
    return read
