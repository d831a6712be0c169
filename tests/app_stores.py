"""Lays out the models of other applications as these applications do, and a library over made-up folders."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.library import InstalledModel
from app.engine.base import ModelChecker
from app.engine.guards.checker import LlamaModelChecker
from app.engine.guards.gguf import ValueType
from app.services.library import LibraryService
from app.services.library_facts import LibraryFacts
from app.services.library_folders import LibraryFolders, LibraryPlaces
from app.services.model_files import ModelFiles
from app.storage.database import Database
from app.storage.library import LibraryIndex
from app.storage.model_checks import ModelCheckStore
from app.storage.other_apps.locations import AppLocations
from app.storage.settings import SettingsStore
from app.storage.speed_reports import SpeedReportStore
from app.storage.trash import to_trash
from app.storage.verified import VerifiedFiles
from tests.gguf_files import small_model, write_file
from tests.included import catalog

COMMIT = "5ab33fa94d1d04e903623ae72c95d1696f09f9e8"
FILE_TYPE_Q4_K_M = 15


def model(path: Path, name: str = "", **changes: tuple[ValueType, object] | None) -> Path:
    """A small model's file, with folders made for it; `name` is the one in its header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if name:
        changes["general__name"] = (ValueType.STRING, name)
    return write_file(small_model(**changes), path)


def sha256(path: Path) -> str:
    """The checksum of a small file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lm_studio(
    home: Path, where: str = "bartowski/Llama-3.2-1B-Instruct-GGUF/Llama-3.2-1B-Instruct-Q4_K_M.gguf"
) -> Path:
    """A model and its projector below `home`/models."""
    made = model(home / "models" / where, "Llama 3.2 1B")
    model(made.parent / "mmproj-model-f16.gguf")
    (made.parent / "downloading_other-Q8_0.gguf.part").write_bytes(b"GGUF")
    return made


def ollama(folder: Path, tags: Sequence[str] = ("library/llama3.2/latest",), host: str = "registry.ollama.ai") -> Path:
    """One blob and a manifest for each of `tags`."""
    draft = model(folder / "blobs/draft", general__file_type=(ValueType.UINT32, FILE_TYPE_Q4_K_M))
    blob = draft.rename(folder / "blobs" / f"sha256-{sha256(draft)}")
    template = folder / "blobs" / f"sha256-{'1' * 64}"
    template.write_text("{{ .Prompt }}", encoding="utf-8")
    layers = [("model", blob.name), ("template", template.name)]
    for tag in tags:
        manifest = folder / "manifests" / host / tag
        manifest.parent.mkdir(parents=True, exist_ok=True)
        manifest.write_text(json.dumps(ollama_manifest(layers)), encoding="utf-8")
    return blob


def ollama_manifest(layers: Sequence[tuple[str, str]]) -> dict[str, object]:
    """A manifest with these layers, each a kind and the name of its blob."""
    return {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": "sha256:0", "size": 1},
        "layers": [
            {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": name.replace("-", ":", 1), "size": 1}
            for kind, name in layers
        ],
    }


def jan(data: Path, outside: Path | None = None) -> Path:
    """A model that Jan downloaded, with its projector, and one that was added to it from `outside`."""
    made = model(data / "llamacpp/models/unsloth/Qwen3-4B-Q4_K_M/model.gguf")
    model(made.parent / "mmproj.gguf")
    described = "name: Qwen3 4B\nmodel_path: llamacpp/models/unsloth/Qwen3-4B-Q4_K_M/model.gguf\nsize_bytes: 1\n"
    (made.parent / "model.yml").write_text(described + f"model_sha256: {sha256(made)}\n", encoding="utf-8")
    if outside is not None:
        folder = data / "llamacpp/models/imported"
        folder.mkdir(parents=True)
        (folder / "model.yml").write_text(f"model_path: '{outside}'\nname: \"Imported\"\n", encoding="utf-8")
    return made


def old_jan(data: Path) -> Path:
    """A model of the time when Jan described them in JSON."""
    made = model(data / "models/trinity-v1-7b/trinity-v1.Q4_K_M.gguf")
    text = json.dumps({"id": "trinity-v1-7b", "object": "model", "name": "Trinity 7B Q4", "format": "gguf"})
    (made.parent / "model.json").write_text(text, encoding="utf-8")
    return made


def gpt4all(folder: Path) -> Path:
    """A model, one on its way, and the file beside them."""
    made = model(folder / "Phi-3-mini-4k-instruct.Q4_0.gguf")
    (folder / "incomplete-Meta-Llama-3-8B-Instruct.Q4_0.gguf").write_bytes(b"GGUF half of it")
    (folder / "localdocs_v3.db").write_bytes(b"SQLite format 3\0")
    return made


def hugging_face(cache: Path, file: str = "SmolLM2-360M-Instruct-Q8_0.gguf", commit: str = COMMIT) -> Path:
    """A file of a repository as huggingface_hub keeps it: a link in a snapshot to a blob."""
    folder = cache / "models--bartowski--SmolLM2-360M-Instruct-GGUF"
    draft = model(folder / "blobs/draft", "SmolLM2 360M")
    blob = draft.rename(folder / "blobs" / sha256(draft))
    link = folder / "snapshots" / commit / file
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(blob, link.parent))
    (folder / "refs").mkdir(exist_ok=True)
    (folder / "refs/main").write_text(commit, encoding="utf-8")
    return link


def library(
    machine: Database,
    folder: Path,
    apps: AppLocations | None = None,
    checker: ModelChecker | None = None,
    trash: Callable[[Sequence[Path]], int] = to_trash,
) -> LibraryService:
    """A library with the real catalogue, its settings and its folder of downloads (models) in `folder`."""
    files = ModelFiles(checker or LlamaModelChecker((), folder), VerifiedFiles(machine), ModelCheckStore(machine))
    settings = SettingsStore(folder / "settings.json")
    places = LibraryPlaces(folder / "models", apps or AppLocations())
    facts = LibraryFacts(catalog(), SpeedReportStore(machine))
    return LibraryService(LibraryIndex(machine), facts, files, LibraryFolders(settings, places), trash)


def scanned(service: LibraryService) -> dict[str, InstalledModel]:
    """The models but the included one after a scan, by the names of their files."""
    for _ in service.scan(CancelToken()):
        pass
    return {one.path.name: one for one in service.models()[1:]}


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder with its size and time of change, to see that nothing was changed."""
    found = (path for path in folder.rglob("*") if not path.is_dir())
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in found}


def removed_for_good(files: Sequence[Path]) -> int:
    """In place of the trash: what it frees, and the files are gone."""
    freed = sum(file.stat().st_size for file in files)
    for file in files:
        shutil.move(file, file.with_name(file.name + ".trashed"))
    return freed
