"""What is known of models beyond their files: read from resources/catalog.json."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from app.core.model import CatalogEntry, Recommendation
from app.core.model_file import FileFacts
from app.core.offer import OfferedModel
from app.services.catalog_schema import read_offers, read_section

_BETWEEN_WORDS = re.compile(r"[^a-z0-9.]+")
_FILING_WORDS = frozenset({"models", "hf", "gguf"})
"""What folder names have in front or behind: converters take a model's name from its folder."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The entries, and which of them comes with the application (its file lies at `included_path`).

    `offers` are the models there are to choose from.
    """

    entries: tuple[CatalogEntry, ...]
    included: CatalogEntry
    included_path: Path
    recommendations: tuple[Recommendation, ...]
    offers: tuple[OfferedModel, ...] = ()

    def recognise(self, sha256: str) -> CatalogEntry | None:
        """The entry of the file with this SHA-256, whatever its name is; None when it is not known."""
        return next((e for e in self.entries if e.sha256 == sha256), None)

    def recommendation(self, facts: FileFacts) -> Recommendation | None:
        """What is recommended for the model that a header names; None when it names none that is known.

        Every word of the name must be known, so a fine-tune, a base model, another size or release is none: nobody has
        said that the same figures suit it. A header that names another organisation is no match for the same reason.
        """
        return next((r for r in self.recommendations if _is_named(r, facts)), None)

    def offer(self, called: str) -> OfferedModel | None:
        """The model that somebody calls so: by its id, its repository ("owner/name"), or words of its name.

        Case and what stands between the words do not matter. The model whose name has the fewest words beside those is
        meant; None when two are as close ("DeepSeek R1") or none has them all.
        """
        wanted = called.strip().lower()
        if exact := next((o for o in self.offers if wanted in (o.id.lower(), o.repository.lower())), None):
            return exact
        words = _words(called)
        named = [(_words(o.name), o) for o in self.offers if words and words <= _words(f"{o.name} {o.id}")]
        nearest = min((len(name - words) for name, _ in named), default=0)
        found = [offer for name, offer in named if len(name - words) == nearest]
        return found[0] if len(found) == 1 else None

    def name_of(self, path: Path) -> str:
        """The name of an entry whose file is called so, else the file's own: to call it something, not to trust it."""
        return next((e.name for e in self.entries if e.file_name == path.name), path.stem)


def read_catalog(path: Path, models: Path) -> Catalog:
    """The catalogue in `path`, which ships with us; `models` is the folder of the included model.

    Raises ValueError, which names the entry and the value, for one that does not hold to the schema: the fields of
    CatalogEntry, Recommendation and OfferedModel.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    entries = read_section(CatalogEntry, document, "models")
    recommendations = read_section(Recommendation, document, "recommendations")
    included = next((e for e in entries if e.id == document.get("included")), None)
    if included is None:
        raise ValueError(f"The catalogue has no model {document.get('included')!r}, which it says is included.")
    return Catalog(entries, included, models / included.file_name, recommendations, read_offers(document))


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
