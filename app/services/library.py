"""The models on this computer: found, added, verified, removed."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadFile
from app.core.errors import ModelFileError, StorageError
from app.core.file_names import grouped, is_model
from app.core.library import InstalledModel, ModelOrigin, Removal, Verification
from app.services.library_facts import LibraryFacts
from app.services.library_folders import LibraryFolders
from app.services.library_scan import LibraryScan
from app.services.model_files import ModelFiles
from app.storage.library import Hidden, IndexedModel, LibraryIndex
from app.storage.model_copy import copy_model
from app.storage.model_folders import FoundModel, projectors_of
from app.storage.reaching import is_folder
from app.storage.trash import to_trash

_log = logging.getLogger(__name__)
_MOST_WATCHED = 256  # each costs the system a watch, and some give a program few
OnProgress = Callable[[float], None]


class LibraryService:
    """Keeps an index of model files, so that they are listed at once; scan() brings it up to date.

    On any thread. `trash` moves files to the system's trash and returns the bytes that this frees.
    """

    def __init__(
        self,
        index: LibraryIndex,
        facts: LibraryFacts,
        files: ModelFiles,
        folders: LibraryFolders,
        trash: Callable[[Sequence[Path]], int] = to_trash,
    ) -> None:
        self._index = index
        self._facts = facts
        self._files = files
        self._folders = folders
        self._trash = trash
        self._scan = LibraryScan(index, files, facts)

    def models(self) -> tuple[InstalledModel, ...]:
        """All that are known, the included one first, the others by name; from the index alone. Raises StorageError."""
        known = self._index.all()
        if not any(model.path == self._facts.included_path for model in known):
            known = (self._facts.included(), *known)
        chosen = self._folders.settings().model_path
        return self._facts.shown(known, Path(chosen) if chosen else None)

    def scan(self, cancel: CancelToken) -> Iterator[int]:
        """Look through all folders and other applications' stores; yields how many were found so far.

        Only the headers of new and changed files are read. Raises StorageError, CancelledError.
        """
        yield from self._scan.run(chain((self._included(),), self._folders.found()), cancel)

    def folders(self) -> tuple[Path, ...]:
        """Where models are looked for, the folder of downloads first."""
        return self._folders.all()

    def folders_to_watch(self) -> tuple[Path, ...]:
        """The folders in which something new may appear: all that are there, with those that models lie in."""
        listed = [model.path.parent for model in self._index.all() if not model.is_missing]
        wanted = dict.fromkeys((*self.folders(), *self._folders.of_apps(), *listed))
        return tuple([folder for folder in wanted if is_folder(folder)][:_MOST_WATCHED])

    def add_folder(self, folder: Path) -> None:
        """Look in this folder too; scan() then finds what is in it. Raises InvalidParameterError, StorageError."""
        self._folders.add(folder)

    def forget_folder(self, folder: Path) -> None:
        """Look there no more; its files stay. The folder of downloads cannot be forgotten.

        Raises InvalidParameterError, StorageError.
        """
        self._folders.forget(folder)
        others = self.folders()
        self._index.forget(
            *(
                model.path
                for model in self._index.all()
                if model.path.is_relative_to(folder)
                and model.origin is ModelOrigin.ADDED
                and not model.kept
                and not any(model.path.is_relative_to(other) for other in others)
            )
        )

    def add(
        self, path: Path, cancel: CancelToken, *, copy: bool = False, on_progress: OnProgress = lambda _: None
    ) -> InstalledModel:
        """Add a .gguf in place, or a copy of it in the folder of downloads.

        Raises ModelFileError, DiskFullError, another StorageError, CancelledError.
        """
        path = path.expanduser().absolute()
        files = self._files.examine(path).files
        if copy and not path.is_relative_to(self.folders()[0]):
            copied = copy_model(files, self.folders()[0], cancel, on_progress)
            for target, sha256 in copied:
                self._files.remember_sha256(target, sha256)
            files = tuple(target for target, _ in copied)
        self._keep(files)
        return self._one(files[0])

    def verify(self, path: Path, cancel: CancelToken, on_progress: OnProgress = lambda _: None) -> Verification:
        """Work out the checksums of a model's files anew and hold them against what is known.

        Raises ModelFileError, StorageError, CancelledError.
        """
        model = self._known(path)
        computed: list[str] = []
        for number, file in enumerate(model.files):
            part = _part_of(on_progress, number, len(model.files))
            computed.append(self._files.sha256_anew(file, cancel, part))
        return self._facts.judged(model, computed)

    def find_duplicates(self, cancel: CancelToken, on_progress: OnProgress = lambda _: None) -> int:
        """Work out the checksums of the models that are as large as another, where they are not known; how many.

        models() then tells which are the same. Only at the user's wish: it reads these files from end to end. Raises
        StorageError, CancelledError.
        """
        there = [model for model in self._index.all() if model.hidden is Hidden.NO and not model.is_missing]
        sizes = [model.stamp.size_bytes for model in there]
        unknown = [model for model in there if sizes.count(model.stamp.size_bytes) > 1 and not model.computed_sha256]
        for number, model in enumerate(unknown):
            try:
                self._files.sha256(model.path, cancel, _part_of(on_progress, number, len(unknown)))
            except ModelFileError as error:
                _log.info("%s is not compared: %s (%s)", model.path, error.sentence, error.detail)
        return len(unknown)

    def removal(self, path: Path) -> Removal:
        """What remove() would move to the trash; nothing of a model that is only taken off the list.

        Raises StorageError.
        """
        model = self._known(path)
        if model.origin is ModelOrigin.INCLUDED or model.is_missing or self._is_of_another(model):
            return Removal((), (), 0)
        folder = _folder_of(model)
        projectors = projectors_of(model.files, folder) if folder is not None else ()
        return Removal(model.files, projectors, model.stamp.size_bytes + sum(map(_size, projectors)))

    def remove(self, path: Path) -> int:
        """Move a model's files to the system's trash, and the projectors that came with it and no other model needs;
        the bytes that will be free.

        Another application's model, or a missing one, is only taken off the list (0). Raises StorageError.
        """
        model = self._known(path)
        if model.origin is ModelOrigin.INCLUDED:
            raise StorageError(f"{model.name} comes with Inglenook, so it stays.")
        freed = 0
        if model.is_missing:
            self._index.forget(model.path)
        elif self._is_of_another(model):
            self._index.put(replace(model, hidden=Hidden.BY_USER, kept=False))
        else:
            removal = self.removal(path)
            freed = self._trash((*removal.files, *removal.projectors))
            self._index.forget(model.path)
        if self._folders.settings().model_path == str(model.path):
            self._folders.choose_model("")
        return freed

    def note_use(self, path: Path) -> None:
        """The model was loaded now; one that is not listed yet is, from now on. Never fails."""
        try:
            if not self._index.note_use(path):
                self._keep(self._files.examine(path).files)
                self._index.note_use(path)
        except (StorageError, ModelFileError) as error:
            _log.info("the use of %s is not noted: %s (%s)", path, error.sentence, error.detail)

    def note_download(self, download: Download) -> None:
        """A download is done: its model is listed, with what the hub said of it. Never fails."""
        names = {str(file.target): file for file in download.files if is_model(file.target.name)}
        try:
            for group in grouped(names):
                self._keep_download(download, tuple(names[name] for name in group.paths))
        except StorageError as error:
            _log.info("%s is found by the next scan: %s (%s)", download.model_path, error.sentence, error.detail)

    def choose_default(self, path: Path | None) -> None:
        """Load this one at the start; None is the included one. Raises StorageError."""
        self._folders.choose_model("" if path is None or path == self._facts.included_path else str(path))

    def _included(self) -> FoundModel:
        model = self._facts.included()
        return FoundModel(model.files, model.origin, model.path.name, model.name, "", model.known_sha256[0])

    def _keep(self, files: tuple[Path, ...]) -> None:
        """List a model whatever folder it lies in."""
        if files[0] == self._facts.included_path:
            self._scan.look_at(self._included(), self._index.get(files[0]))
            return
        origin = self._folders.app_of(files[0]) or ModelOrigin.ADDED
        before = self._index.get(files[0])
        if before is not None and before.hidden is Hidden.BY_USER:
            before = replace(before, hidden=Hidden.NO)
        listed = self._scan.look_at(FoundModel(files, before.origin if before else origin, files[0].name), before)
        if listed is not None:
            self._index.put(replace(listed, kept=True))

    def _keep_download(self, download: Download, parts: Sequence[DownloadFile]) -> None:
        files = tuple(part.target for part in parts)
        before = self._index.get(files[0])
        known = IndexedModel(
            files[0],
            files,
            ModelOrigin.DOWNLOADED,
            license=download.license,
            repository=download.repository,
            known_sha256=tuple(part.sha256 for part in parts),
            last_used=before.last_used if before else None,
        )
        self._index.put(known)
        where = f"{download.repository}/{parts[0].path}"
        self._scan.look_at(FoundModel(files, ModelOrigin.DOWNLOADED, where), known)

    def _one(self, path: Path) -> InstalledModel:
        for model in self.models():
            if model.path == path:
                return model
        raise ModelFileError(f"The model file {path} is gone again. Add it once more when it is there.")

    def _known(self, path: Path) -> IndexedModel:
        if (model := self._index.get(path)) is not None:
            return model
        if path == self._facts.included_path:
            return self._facts.included()
        raise StorageError(f"{path} is no model of the library. Add it first.")

    def _is_of_another(self, model: IndexedModel) -> bool:
        if model.origin is ModelOrigin.DOWNLOADED:
            return False
        return not model.origin.is_ours or self._folders.app_of(model.path) is not None


def _folder_of(model: IndexedModel) -> Path | None:
    """The folder of a downloaded model's repository, which holds nothing but what was fetched of that."""
    if model.origin is not ModelOrigin.DOWNLOADED:
        return None
    parts = tuple(model.repository.split("/"))
    return next((folder for folder in model.path.parents if folder.parts[-len(parts) :] == parts), None)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # gone meanwhile: removing it says so


def _part_of(on_progress: OnProgress, number: int, count: int) -> OnProgress:
    """Progress in one of `count` works of the same kind, as progress in all."""
    return lambda fraction: on_progress((number + fraction) / count)
