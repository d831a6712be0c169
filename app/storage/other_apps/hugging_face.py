"""The cache of huggingface_hub keeps each revision of a repository as a folder of links to blobs."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.core.hub_reference import is_repository_id
from app.core.library import ModelOrigin
from app.storage.model_folders import FoundModel, models_in
from app.storage.other_apps.texts import read_text

_PREFIX = "models--"
_SHA256 = re.compile(r"[0-9a-f]{64}")


def hugging_face_models(cache: Path) -> Iterator[FoundModel]:
    """The models of a hub cache (models--owner--name/snapshots/commit/file), the current revision's first.

    A large file's blob is called by its SHA-256; a small one's by Git's object id, which is shorter.
    """
    for folder in sorted(cache.glob(f"{_PREFIX}*--*")):
        repository = folder.name.removeprefix(_PREFIX).replace("--", "/", 1)
        if not is_repository_id(repository):
            continue
        current = read_text(folder / "refs/main").strip()
        snapshots = sorted(folder.glob("snapshots/*"), key=lambda path: (path.name != current, path.name))
        for snapshot in snapshots:
            for found in models_in(snapshot, ModelOrigin.HUGGING_FACE):
                yield replace(found, repository=repository, known_sha256=_blob_sha256(found.path))


def _blob_sha256(path: Path) -> str:
    name = path.resolve().name
    return name if _SHA256.fullmatch(name) else ""
