"""Ollama keeps a manifest for each model, which names the blob that is its GGUF file."""

import re
from collections.abc import Iterator
from pathlib import Path

from app.core.hub_reference import HUB_HOSTS, is_repository_id
from app.core.library import ModelOrigin
from app.storage.model_folders import FoundModel
from app.storage.other_apps.texts import read_object
from app.storage.reaching import is_file

_OWN_HOST = "registry.ollama.ai"
_LIBRARY = "library"
_NEWEST = "latest"
_DIGEST = re.compile(r"sha256:(?P<hex>[0-9a-f]{64})")
_MODEL = "application/vnd.ollama.image.model"
_ADAPTER = "application/vnd.ollama.image.adapter"


def ollama_models(folder: Path) -> Iterator[FoundModel]:
    """The models of a folder with `manifests` and `blobs`, named as `ollama list` does.

    Left out are those that are more than one GGUF file: with an adapter they would be another model without it.
    """
    for manifest in _manifests(folder / "manifests"):
        digest = _digest(manifest)
        if digest is None:
            continue
        host, owner, name, tag = manifest.parts[-4:]
        repository = f"{owner}/{name}" if host in HUB_HOSTS and is_repository_id(f"{owner}/{name}") else ""
        for blob in (folder / "blobs" / f"sha256-{digest}", folder / "blobs" / f"sha256:{digest}"):
            if is_file(blob):
                called = _name(host, owner, name, tag)
                yield FoundModel((blob,), ModelOrigin.OLLAMA, called, called, repository, digest)
                break


def _manifests(folder: Path) -> list[Path]:
    """host/owner/name/tag; of two tags for one blob, "latest" says less and comes last."""
    found = (path for path in folder.glob("*/*/*/*") if is_file(path))
    return sorted(found, key=lambda path: (path.name == _NEWEST, path))


def _digest(manifest: Path) -> str | None:
    layers = read_object(manifest).get("layers")
    if not isinstance(layers, list):
        return None
    kinds = [(layer.get("mediaType"), layer.get("digest")) for layer in layers if isinstance(layer, dict)]
    models = [digest for kind, digest in kinds if kind == _MODEL]
    if len(models) != 1 or any(kind == _ADAPTER for kind, _ in kinds) or not isinstance(models[0], str):
        return None
    digest = _DIGEST.fullmatch(models[0])
    return digest["hex"] if digest else None


def _name(host: str, owner: str, name: str, tag: str) -> str:
    if host != _OWN_HOST:
        return f"{host}/{owner}/{name}:{tag}"
    return f"{name}:{tag}" if owner == _LIBRARY else f"{owner}/{name}:{tag}"
