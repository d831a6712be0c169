"""What is known of models beyond their files: read from resources/catalog.json."""

import json
from dataclasses import dataclass
from pathlib import Path

from app.core.generation import SamplingParameters
from app.core.model import CatalogEntry


@dataclass(frozen=True, slots=True)
class Catalog:
    """The entries, and which of them comes with the application (its file lies at `included_path`)."""

    entries: tuple[CatalogEntry, ...]
    included: CatalogEntry
    included_path: Path

    def recognise(self, sha256: str) -> CatalogEntry | None:
        """The entry of the file with this SHA-256, whatever its name is; None when it is not known."""
        return next((e for e in self.entries if e.sha256 == sha256), None)

    def name_of(self, path: Path) -> str:
        """The name of an entry whose file is called so, else the file's own: to call it something, not to trust it."""
        return next((e.name for e in self.entries if e.file_name == path.name), path.stem)


def read_catalog(path: Path, models: Path) -> Catalog:
    """The catalogue in `path`, which ships with us; `models` is the folder of the included model."""
    document = json.loads(path.read_text(encoding="utf-8"))
    entries = tuple(
        CatalogEntry(**{**raw, "sampling": SamplingParameters(**raw["sampling"])}) for raw in document["models"]
    )
    included = next(e for e in entries if e.id == document["included"])
    return Catalog(entries, included, models / included.file_name)
