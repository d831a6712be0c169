"""Turns what the index remembers into what is shown of a model: with the catalogue's words and measured speeds."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.errors import StorageError
from app.core.library import InstalledModel, ModelOrigin, Soundness, Verification
from app.core.model_file import FileFacts
from app.services.catalog import Catalog
from app.services.speed_text import report_from
from app.storage.library import Hidden, IndexedModel
from app.storage.speed_reports import SpeedReportStore

_log = logging.getLogger(__name__)
_WRITING = "tg128"  # the speed test whose rate is what a user calls a model's speed
_MOST_REPORTS = 200


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the catalogue says of a file: the model's name, its licence, and the repository that has the file."""

    name: str
    license: str
    repository: str = ""


class LibraryFacts:
    """Knows the catalogue by checksums, and the speeds that were measured on this computer."""

    def __init__(self, catalog: Catalog, reports: SpeedReportStore) -> None:
        self._catalog = catalog
        self._reports = reports
        offered = {
            file.sha256: KnownFile(offer.name, offer.license, offer.repository)
            for offer in catalog.offers
            for file in offer.files
            if file.sha256
        }
        self._by_sha256 = offered | {entry.sha256: KnownFile(entry.name, entry.license) for entry in catalog.entries}

    @property
    def included_path(self) -> Path:
        """Where the included model lies."""
        return self._catalog.included_path

    def by_checksum(self, sha256: str) -> KnownFile | None:
        """The file of the catalogue with this SHA-256."""
        return self._by_sha256.get(sha256)

    def by_header(self, facts: FileFacts) -> KnownFile | None:
        """The model of the catalogue that a header names; its files are not told apart."""
        known = self._catalog.recommendation(facts)
        if known is None:
            return None
        offer = self._catalog.offer(known.id)
        return KnownFile(known.name, offer.license if offer else "")

    def expected(self, repository: str, file: Path, size_bytes: int) -> str:
        """The SHA-256 that the catalogue gives for a file of a repository; empty when it gives none."""
        for offer in self._catalog.offers:
            if offer.repository == repository:
                for known in offer.files:
                    if Path(known.name).name == file.name and known.size_bytes == size_bytes:
                        return known.sha256
        return ""

    def included(self) -> IndexedModel:
        """The included model, as it is known without a look at its file."""
        entry = self._catalog.included
        return IndexedModel(
            path=self.included_path,
            files=(self.included_path,),
            origin=ModelOrigin.INCLUDED,
            name=entry.name,
            known_sha256=(entry.sha256,),
        )

    def shown(self, models: Iterable[IndexedModel], default: Path | None) -> tuple[InstalledModel, ...]:
        """The listed ones as they are shown, the included one first; `default` is the user's choice."""
        speeds = self._speeds()
        listed = [model for model in models if model.hidden is Hidden.NO]
        shown = [self._shown(model, speeds, default or self.included_path) for model in listed]
        shown.sort(key=lambda m: (m.origin is not ModelOrigin.INCLUDED, m.name.casefold(), m.size_bytes, str(m.path)))
        return _with_duplicates(shown)

    def judged(self, model: IndexedModel, computed: Sequence[str]) -> Verification:
        """What the checksums of a model's files, in their order, say of it."""
        first = computed[0]
        expected = list(model.known_sha256)
        if not any(expected):
            expected = [self.expected(model.repository, model.path, model.stamp.size_bytes)]
        expected += [""] * (len(computed) - len(expected))
        for file, is_, should in zip(model.files, computed, expected, strict=False):
            if should and is_ != should:
                sentence = f"{file} is damaged or was changed: its checksum is not the known one. Get it again."
                return Verification(first, Soundness.DAMAGED, sentence)
        if all(expected) or (len(computed) == 1 and self.by_checksum(first)):
            return Verification(first, Soundness.SOUND, f"{model.path} is sound: its checksum is the known one.")
        sentence = f"Nobody has said what the checksum of {model.path} should be, so whether it is sound is not known."
        return Verification(first, Soundness.UNKNOWN, sentence)

    def _shown(self, model: IndexedModel, speeds: Mapping[str, float], default: Path) -> InstalledModel:
        is_included = model.origin is ModelOrigin.INCLUDED
        sha256 = model.computed_sha256 or (model.known_sha256[0] if model.known_sha256 else "")
        known = self._by_sha256.get(sha256)
        entry = self._catalog.included
        return InstalledModel(
            path=model.path,
            files=model.files,
            name=known.name if known else model.name,
            quantization=model.quantization,
            size_bytes=model.stamp.size_bytes or (entry.size_bytes if is_included else 0),
            origin=model.origin,
            architecture=model.architecture,
            parameter_count=model.parameter_count,
            context_length=model.context_length,
            license=(known.license if known else "") or model.license,
            repository=model.repository or (known.repository if known else ""),
            sha256=sha256,
            last_used=model.last_used,
            tokens_per_second=speeds.get(sha256),
            is_missing=model.is_missing,
            is_default=model.path == default,
            problem=model.problem,
        )

    def _speeds(self) -> dict[str, float]:
        """How fast each file wrote in its newest report, by its SHA-256."""
        speeds: dict[str, float] = {}
        try:
            kept = self._reports.list(_MOST_REPORTS)
        except StorageError as error:
            _log.info("the library is shown without speeds: %s (%s)", error.sentence, error.detail)
            return speeds
        for one in kept:
            if one.sha256 and one.sha256 not in speeds and (report := report_from(one.report)) is not None:
                rates = [result.rate.median for result in report.results if result.test.name == _WRITING]
                if rates:
                    speeds[one.sha256] = rates[0]
        return speeds


def _with_duplicates(models: list[InstalledModel]) -> tuple[InstalledModel, ...]:
    """With `same_as`: the first of those whose checksum and whole size are the same, among the files that are there."""
    first: dict[tuple[str, int], Path] = {}
    marked = []
    for model in models:
        same = None
        if model.sha256 and not model.is_missing:
            same = first.setdefault((model.sha256, model.size_bytes), model.path)
        marked.append(replace(model, same_as=same if same != model.path else None))
    return tuple(marked)
