"""Brings the index of models up to date: what is new is read, what is gone is marked, the rest is left as it was."""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from app import __version__
from app.core.cancel import CancelToken
from app.core.errors import ModelFileError, NotAModelError
from app.core.file_names import quantization_of
from app.core.library import ModelOrigin
from app.services.library_facts import LibraryFacts
from app.services.model_files import ModelFiles
from app.storage.library import FilesStamp, Hidden, IndexedModel, LibraryIndex
from app.storage.model_folders import FoundModel, stamp_of

_log = logging.getLogger(__name__)
_MOST_NAME = 200
_PART = re.compile(r"-\d{5}-of-\d{5}$")


class LibraryScan:
    """Reads headers into the index."""

    def __init__(self, index: LibraryIndex, files: ModelFiles, facts: LibraryFacts) -> None:
        self._index = index
        self._files = files
        self._facts = facts

    def run(self, found: Iterable[FoundModel], cancel: CancelToken) -> Iterator[int]:
        """Put what was `found` into the index; yields how many there are so far. A file with two names counts once.

        Then what is no longer there is marked as missing. Raises StorageError, CancelledError.
        """
        known = {model.path: model for model in self._index.all()}
        seen: set[Path] = set()
        count = 0
        for one in found:
            cancel.raise_if_cancelled()
            real = one.path.resolve()
            if real in seen:
                continue
            seen.add(real)
            before = known.pop(one.path, None)
            listed = self.look_at(one, before)
            if listed is not None and listed.hidden is Hidden.NO:
                count += 1
                yield count
        for model in known.values():
            cancel.raise_if_cancelled()
            self._look_after(model, seen)

    def look_at(self, found: FoundModel, before: IndexedModel | None) -> IndexedModel | None:
        """Bring one model up to date; None when its files cannot be reached, which its sentence says next time.

        Raises StorageError.
        """
        try:
            stamp = stamp_of(found.files)
        except OSError as error:
            _log.info("the model file %s is passed over: %s", found.path, error)
            return None
        is_known = before is not None and (before.stamp, before.files) == (stamp, found.files)
        if is_known and before is not None and before.reader == __version__:
            if before.is_missing:
                self._index.mark(before.path, is_missing=False)
            return before
        model = self._read(found, stamp, before)
        self._index.put(model)
        return model

    def _read(self, found: FoundModel, stamp: FilesStamp, before: IndexedModel | None) -> IndexedModel:
        """What the header says, beside what was known before and does not come from it."""
        kept = before or IndexedModel(found.path, found.files, found.origin)
        known_sha256 = kept.known_sha256 or ((found.known_sha256,) if found.known_sha256 else ())
        origin = kept.origin if kept.origin is ModelOrigin.DOWNLOADED else found.origin
        hidden = Hidden.BY_USER if kept.hidden is Hidden.BY_USER else Hidden.NO
        model = replace(
            kept,
            files=found.files,
            stamp=stamp,
            reader=__version__,
            origin=origin,
            repository=kept.repository or found.repository,
            known_sha256=known_sha256,
            is_missing=False,
            hidden=hidden,
            problem="",
            name=found.name or _stem(found.path),
            quantization=quantization_of(found.where or found.path.name),
        )
        try:
            facts = self._files.examine(found.path)
        except NotAModelError as error:
            return replace(model, problem=error.sentence, hidden=hidden or Hidden.NO_MODEL)
        except ModelFileError as error:
            return replace(model, problem=error.sentence)
        recognised = self._facts.by_header(facts)
        return replace(
            model,
            name=found.name
            or (recognised.name if recognised else "")
            or facts.name.strip()[:_MOST_NAME]
            or _stem(found.path),
            quantization=model.quantization or facts.quantization,
            architecture=facts.architecture,
            parameter_count=facts.parameter_count,
            context_length=facts.context_length,
            license=(recognised.license if recognised else "") or facts.license or kept.license,
        )

    def _look_after(self, model: IndexedModel, seen: set[Path]) -> None:
        """A model that is in the index and was not found: gone, unplugged, or listed whatever folder it is in."""
        if model.path.resolve() in seen and not model.kept:
            self._index.forget(model.path)  # the same file is listed by another name
            return
        try:
            stamp_of(model.files)
        except PermissionError as error:
            _log.info("the model file %s is as it was: %s", model.path, error)
        except OSError:
            if not model.is_missing:
                self._index.mark(model.path, is_missing=True)
        else:
            self.look_at(_found(model), model)


def _found(model: IndexedModel) -> FoundModel:
    """A model of the index, as if it had been found where it is."""
    name = "" if model.origin.is_ours else model.name  # another application has given it
    return FoundModel(model.files, model.origin, model.path.name, name)


def _stem(path: Path) -> str:
    return _PART.sub("", path.stem)
