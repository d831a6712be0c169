"""Proves a saved KV state whole and fitting before llama.cpp reads it: a damaged one would end the process."""

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.core.errors import StateFileError

SIDECAR_SUFFIX = ".json"  # storage/state_files removes both by this name
_FORMAT = 3
_BLOCK_BYTES = 1 << 20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NAMES = {
    "model": "the model's file",
    "model_size": "the model's size",
    "context_length": "the context length",
    "kv_cache_type": "the KV cache type",
    "flash_attention": "flash attention",
    "engine_version": "the engine's version",
    "adapters": "the LoRA adapters",
    "layout": "the cache's layout",
    "sealed": "whether it is encrypted",
}


@dataclass(frozen=True, slots=True)
class StateFacts:
    """What a state must have in common with the model and context that read it.

    `model` names what the files of the model and its adapters hold (see app.engine.contents), so that they may lie
    elsewhere meanwhile; where that is not known, the model's file with its time of change. `adapters` are
    (file, scale) in their order; `layout` is whatever else decides how the cache lies in memory, in the engine's own
    words; `sealed`, whether it is encrypted.
    """

    model: str
    model_size: int
    context_length: int
    kv_cache_type: str
    flash_attention: str
    engine_version: str
    adapters: tuple[tuple[str, float], ...] = ()
    layout: str = ""
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class StateSidecar:
    """What lies beside a state file: its length in bytes, its BLAKE2b checksum in hex, its tokens and its facts."""

    size: int
    checksum: str
    tokens: int
    facts: StateFacts


def sidecar_path(path: Path) -> Path:
    """Where the sidecar of the state file at `path` lies."""
    return path.with_name(path.name + SIDECAR_SUFFIX)


def write_with_sidecar(path: Path, write: Callable[[Path], None], facts: StateFacts, tokens: int = 0) -> None:
    """Let `write` fill a temporary file and put it with its sidecar at `path`, readable by this user only.

    `tokens` is only noted. `write` may raise StateFileError. Whenever the process ends, there is a pair that verified()
    accepts, or one that it refuses. Raises StateFileError (disk full, folder gone, nothing written); no temporary file
    is left then.
    """
    state = path.with_name(f".{path.name}.{os.getpid()}.part")
    note = sidecar_path(state)
    try:
        # Made here, so that the rights are ours from the first byte: llama.cpp opens it as the system's mask says.
        for made in (state, note):
            os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        write(state)
        size, checksum = _measured(state)
        if size == 0:
            raise StateFileError("The state of the conversation could not be saved: nothing was written.", str(path))
        sidecar = {"format": _FORMAT, **asdict(StateSidecar(size, checksum, tokens, facts))}
        note.write_text(json.dumps(sidecar), encoding="ascii")
        state.replace(path)
        note.replace(sidecar_path(path))
    except OSError as error:
        reason = "the disk is full" if error.errno in _FULL else error.strerror or type(error).__name__
        raise StateFileError(
            f"The state of the conversation could not be saved: {reason}.", f"{type(error).__name__}: {error}"
        ) from error
    finally:
        for left in (state, note):
            with contextlib.suppress(OSError):  # mostly gone already; otherwise the failure above says it
                left.unlink()


def verified(path: Path, facts: StateFacts, *, is_as_written: bool = False) -> StateSidecar:
    """The sidecar of the state file at `path`, once the file proved to be whole and to fit `facts`.

    Reads the whole file (about 1 ms for each MB), unless the caller knows that nobody has touched it since its checksum
    was taken (`is_as_written`). Raises StateFileError with the reason in words.
    """
    sidecar = _read_sidecar(path)
    for name, words in _NAMES.items():
        stored, wanted = getattr(sidecar.facts, name), getattr(facts, name)
        if stored != wanted:
            raise _refused(path, f"{words} is not what it was when it was saved", f"{stored!r} is not {wanted!r}")
    try:
        size = path.stat().st_size
        if size != sidecar.size:
            raise _refused(path, "it is cut short or changed", f"{size} bytes instead of {sidecar.size}")
        if not is_as_written and _measured(path) != (sidecar.size, sidecar.checksum):
            raise _refused(path, "it is damaged", "its checksum is not the one in the sidecar")
    except OSError as error:
        raise _refused(path, "it cannot be read", f"{type(error).__name__}: {error}") from error
    return sidecar


def _read_sidecar(path: Path) -> StateSidecar:
    try:
        raw: dict[str, Any] = json.loads(sidecar_path(path).read_text(encoding="ascii"))
        if raw["format"] != _FORMAT:
            raise _refused(path, "another version of Inglenook saved it", f"format {raw['format']!r}")
        facts = raw["facts"]
        facts["adapters"] = tuple((str(name), float(scale)) for name, scale in facts["adapters"])
        sidecar = StateSidecar(raw["size"], raw["checksum"], raw["tokens"], StateFacts(**facts))
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _refused(path, "what says what it is cannot be read", f"{type(error).__name__}: {error}") from error
    if type(sidecar.tokens) is not int or sidecar.tokens < 0 or type(sidecar.size) is not int:
        raise _refused(path, "what says what it is makes no sense", repr(sidecar))
    return sidecar


def _measured(path: Path) -> tuple[int, str]:
    """The length in bytes and the BLAKE2b checksum of a file."""
    digest = hashlib.blake2b()
    size = 0
    block = memoryview(bytearray(_BLOCK_BYTES))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(block):
            digest.update(block[:count])
            size += count
    return size, digest.hexdigest()


def _refused(path: Path, reason: str, detail: str) -> StateFileError:
    return StateFileError(f"The saved state {path.name} cannot be used: {reason}.", detail)
