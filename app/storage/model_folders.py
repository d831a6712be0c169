"""Finds the model files in a folder, however deep, tangled or unreadable it is."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.file_names import grouped, is_model, is_projector
from app.core.library import ModelOrigin
from app.storage.library import FilesStamp

MOST_DEPTH = 32
_UNFINISHED = ".part"
_UNFINISHED_PREFIXES = ("incomplete-",)  # GPT4All's downloads end in .gguf from the start


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model that was found: its files, the opened one first, and what whoever put it there says of it.

    `where` is its path within the folder that was looked through, which may say the quantization. `known_sha256` is
    what the checksum of the first file should be; empty is not known.
    """

    files: tuple[Path, ...]
    origin: ModelOrigin
    where: str = ""
    name: str = ""
    repository: str = ""
    known_sha256: str = ""

    @property
    def path(self) -> Path:
        """The file that it is opened by."""
        return self.files[0]


def models_in(folder: Path, origin: ModelOrigin = ModelOrigin.ADDED) -> Iterator[FoundModel]:
    """The models below `folder`, the parts of a split one together; none of a folder that is not there.

    Follows links, each real folder once. What cannot be read is passed over. Left out are projectors, importance
    matrices, adapters and drafting heads by their names, and models of which a part is still being downloaded.
    """
    for files in _walk(folder):
        inside = {file.relative_to(folder).as_posix(): file for file in files if _is_finished(file.name)}
        for group in grouped(sorted(name for name in inside if is_model(name))):
            paths = tuple(inside[name] for name in group.paths)
            if group.complete or not _is_on_its_way(paths[0].parent, files):
                yield FoundModel(paths, origin, where=group.name)


def projectors_of(files: tuple[Path, ...], folder: Path) -> tuple[Path, ...]:
    """The projectors below `folder` that nothing needs once `files`, those of a model, are gone.

    None while another model lies there, or is on its way. Those behind a link out of the folder are somebody else's.
    """
    there = [file for found in _walk(folder) for file in found if file not in files]
    if any(is_model(file.name) or file.name.endswith(_UNFINISHED) for file in there):
        return ()
    inside = folder.resolve()
    return tuple(file for file in there if is_projector(file.name) and file.resolve().is_relative_to(inside))


def stamp_of(files: tuple[Path, ...]) -> FilesStamp:
    """The stamp of a model's files. Raises OSError when one cannot be reached."""
    statuses = [file.stat() for file in files]
    return FilesStamp(
        sum(status.st_size for status in statuses),
        max(status.st_mtime_ns for status in statuses),
        statuses[0].st_size,
        statuses[0].st_mtime_ns,
    )


def _walk(folder: Path) -> Iterator[list[Path]]:
    """The files of each folder below, links followed."""
    seen: set[tuple[int, int]] = set()
    left = [(folder, 0)]
    while left:
        here, depth = left.pop()
        try:
            status = here.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue  # a link back up, or to what was looked through already
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(here) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue  # unreadable, gone meanwhile, or no folder: its models are not found, and the rest is
        folders = [here / entry.name for entry in found if _is_folder(entry)]
        if depth < MOST_DEPTH:
            left += [(inner, depth + 1) for inner in reversed(folders)]
        yield [here / entry.name for entry in found if not _is_folder(entry)]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link that leads nowhere


def _is_finished(name: str) -> bool:
    return not name.startswith(_UNFINISHED_PREFIXES)


def _is_on_its_way(folder: Path, files: list[Path]) -> bool:
    return any(file.name.endswith(_UNFINISHED) for file in files if file.parent == folder)
