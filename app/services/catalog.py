"""What is known of models beyond their files: read from resources/catalog.json."""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from app.core.declared import read_declared
from app.core.generation import SamplingParameters
from app.core.model import CatalogEntry, Recommendation
from app.core.model_file import FileFacts

_T = TypeVar("_T")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9.]+")
_FILING_WORDS = frozenset({"models", "hf", "gguf"})
"""What folder names have in front or behind: converters take a model's name from its folder."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The entries, and which of them comes with the application (its file lies at `included_path`)."""

    entries: tuple[CatalogEntry, ...]
    included: CatalogEntry
    included_path: Path
    recommendations: tuple[Recommendation, ...]

    def recognise(self, sha256: str) -> CatalogEntry | None:
        """The entry of the file with this SHA-256, whatever its name is; None when it is not known."""
        return next((e for e in self.entries if e.sha256 == sha256), None)

    def recommendation(self, facts: FileFacts) -> Recommendation | None:
        """What is recommended for the model that a header names; None when it names none that is known.

        Every word of the name must be known, so a fine-tune, a base model, another size or release is none: nobody has
        said that the same figures suit it. A header that names another organisation is no match for the same reason.
        """
        return next((r for r in self.recommendations if _is_named(r, facts)), None)

    def name_of(self, path: Path) -> str:
        """The name of an entry whose file is called so, else the file's own: to call it something, not to trust it."""
        return next((e.name for e in self.entries if e.file_name == path.name), path.stem)


def read_catalog(path: Path, models: Path) -> Catalog:
    """The catalogue in `path`, which ships with us; `models` is the folder of the included model.

    Raises ValueError, which names the entry and the value, for one that does not hold to the schema: the fields of
    CatalogEntry and Recommendation.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    entries = _read_all(CatalogEntry, document, "models")
    recommendations = _read_all(Recommendation, document, "recommendations")
    included = next((e for e in entries if e.id == document.get("included")), None)
    if included is None:
        raise ValueError(f"The catalogue has no model {document.get('included')!r}, which it says is included.")
    return Catalog(entries, included, models / included.file_name, recommendations)


def _is_named(known: Recommendation, facts: FileFacts) -> bool:
    if facts.architecture and known.architecture not in ("", facts.architecture):
        return False
    if facts.layer_count and known.layer_count not in (0, facts.layer_count):
        return False
    makers = [_words(organization) for organization in known.organizations]
    if facts.organization and _words(facts.organization) not in makers:
        return False
    named = _words(f"{facts.name} {facts.basename} {facts.finetune} {facts.version}")
    wanted = frozenset(known.words)
    allowed = wanted.union(known.other_words, _FILING_WORDS, *makers)
    # The size label is only asked for what the name leaves out: converters also work it out from the weights, and that
    # has another number than the name (7.6B for a 7B, 32x2.4B for experts).
    return named <= allowed and wanted - named <= _words(facts.size_label)


def _words(text: str) -> frozenset[str]:
    """The words of a name in lower case, whatever stands between them: "Qwen2.5-7B_Chat" has qwen2.5, 7b, chat."""
    return frozenset(word.strip(".") for word in _BETWEEN_WORDS.split(text.lower())) - {""}


def _read_all(kind: type[_T], document: Mapping[str, Any], section: str) -> tuple[_T, ...]:
    found = document.get(section)
    if not isinstance(found, list):
        raise ValueError(f"The catalogue's {section!r} is no list.")
    read = tuple(_read(kind, raw, f"The catalogue's {section}[{number}]") for number, raw in enumerate(found))
    ids = [raw["id"] for raw in found]
    if len(set(ids)) < len(ids):
        raise ValueError(f"The catalogue's {section!r} has an id twice.")
    return read


def _read(kind: type[Any], raw: object, place: str) -> Any:
    if not isinstance(raw, dict):
        raise ValueError(f"{place} is no object.")
    hints = get_type_hints(kind)
    if unknown := raw.keys() - hints.keys():
        raise ValueError(f"{place} has what is not known: {', '.join(sorted(unknown))}.")
    if missing := [f.name for f in fields(kind) if f.default is MISSING and f.name not in raw]:
        raise ValueError(f"{place} lacks {', '.join(missing)}.")
    return kind(**{name: _value(hints[name], value, f"{place}.{name}") for name, value in raw.items()})


def _value(hint: Any, value: object, place: str) -> object:
    if hint is SamplingParameters:
        return _sampling(value, place)
    if hint == tuple[str, ...]:
        if not isinstance(value, list) or not value or not all(type(word) is str for word in value):
            raise ValueError(f"{place} must be a list of words, but it is {value!r}.")
        return tuple(value)
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    if type(value) not in kinds:
        raise ValueError(f"{place} must be {' or '.join(kind.__name__ for kind in kinds)}, but it is {value!r}.")
    return value


def _sampling(raw: object, place: str) -> SamplingParameters:
    """Unlike what users stored, what ships with us is refused when a value is not taken as it stands."""
    if not isinstance(raw, dict) or not raw:
        raise ValueError(f"{place} must hold at least one parameter, but it is {raw!r}.")
    read = read_declared(SamplingParameters, raw)
    for name, value in raw.items():
        if getattr(read, name, None) != value:
            raise ValueError(f"{place}.{name} cannot be {value!r}.")
    return read
