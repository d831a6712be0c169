"""Opens hundreds of malformed files as the application does, in one process, and prints what came of each as JSON."""

import json
import os
import random
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.engine.guards.checker import LlamaModelChecker
from app.engine.llama import LlamaEngine
from app.services.models import ModelService
from app.storage.machine import open_machine
from tests.gguf_files import Layout, layout_of, text
from tests.included import INCLUDED_MODEL, model_service
from tests.trials import REPOSITORY, TRIAL_COMMAND

_HEADER_BYTES = 2 << 20
_U32, _F32, _STRING = 4, 6, 8


@dataclass(frozen=True)
class Case:
    """A bad file: `make` writes it into a folder and returns the path to open."""

    name: str
    make: Callable[[Path], Path]


class Cases:
    """Every case is made of the included model: by cutting it, by overwriting places in its header, by adding keys."""

    def __init__(self, copy: Path) -> None:
        self._copy = copy  # a whole copy of the model, in which bytes are overwritten and put back
        with INCLUDED_MODEL.open("rb") as file:
            self._header = file.read(_HEADER_BYTES)
        self._size = INCLUDED_MODEL.stat().st_size
        self._layout: Layout = layout_of(self._header)

    def __iter__(self) -> Iterator[Case]:
        yield from self._cut()
        yield from self._counts()
        yield from self._keys()
        yield from self._values()
        yield from self._tensors()
        yield from self._added()
        yield from self._random()

    def restore(self) -> None:
        """Give the copy its header back."""
        with self._copy.open("r+b") as file:
            file.write(self._header[: self._layout.data])

    def _cut(self) -> Iterator[Case]:
        """Truncated at every kind of place."""
        places = {f"byte {length}": length for length in (0, 1, 3, 4, 6, 8, 15, 16, 23, 24, 28, 32)}
        for place in self._layout.keys:
            places[f"the value of {place.key}"] = place.start
            places[f"the end of {place.key}"] = place.end - 1
        for entry in (self._layout.tensors[0], self._layout.tensors[-1]):
            for part in ("name_at", "count_at", "dimensions_at", "type_at", "offset_at"):
                places[f"{part} of {entry.name}"] = getattr(entry, part) + 1
        places |= {"the header's end": self._layout.end, "the data's start": self._layout.data}
        places |= {"half the data": self._size // 2, "the last byte": self._size - 1}
        for words, length in places.items():
            yield Case(f"cut at {words}", self._maker(self._header[:length], length))

    def _counts(self) -> Iterator[Case]:
        """The header's own numbers."""
        for version in (0, 1, 4, 0x03000000, 0xFFFFFFFF):
            yield self._patched(f"version {version}", 4, struct.pack("<I", version))
        for at, words in ((8, "tensors"), (16, "keys")):
            for count in (0, 1, 1 << 20, 1 << 40, (1 << 64) - 1):
                yield self._patched(f"{count} {words}", at, struct.pack("<Q", count))
        yield self._patched("the magic in lower case", 0, b"gguf")

    def _keys(self) -> Iterator[Case]:
        """Names and types of the keys."""
        for place in self._layout.keys:
            yield self._patched(f"an absurd name of {place.key}", place.name_at, struct.pack("<Q", 1 << 62))
            yield self._patched(f"an unknown type of {place.key}", place.kind_at, struct.pack("<I", 99))
        for place in self._layout.keys:
            if place.kind == 9:
                yield self._patched(f"a list of lists in {place.key}", place.start, struct.pack("<I", 9))
                yield self._patched(f"absurdly many {place.key}", place.start + 4, struct.pack("<Q", 1 << 60))
                yield self._patched(f"no {place.key}", place.start + 4, struct.pack("<Q", 0))
            elif place.kind == _STRING:
                yield self._patched(f"an absurd length of {place.key}", place.start, struct.pack("<Q", 1 << 62))

    def _values(self) -> Iterator[Case]:
        """The architecture's values, one by one, and of another type of the same length."""
        for place in self._layout.keys:
            if not place.key.startswith("llama.") or place.end - place.start != 4:
                continue
            numbers = [0, 0xFFFFFFFF] if place.kind == _U32 else [0x7FC00000, 0x7F800000, 0xFF800000]
            for number in numbers:
                yield self._patched(f"{place.key} is {number:#x}", place.start, struct.pack("<I", number))
            other = _F32 if place.kind == _U32 else _U32
            yield self._patched(f"{place.key} has the type {other}", place.kind_at, struct.pack("<I", other))
        layers = self._layout.key("llama.block_count").start
        for number in (1, 29, 31, 513):
            yield self._patched(f"{number} layers", layers, struct.pack("<I", number))
        architecture = self._layout.key("general.architecture").start
        yield self._patched("an unknown architecture", architecture + 8, b"xlama")
        yield self._patched("an unknown tokenizer", self._layout.key("tokenizer.ggml.model").start + 8, b"zzz2")
        tokens = self._layout.key("tokenizer.ggml.token_type").start
        yield self._patched("token types that are numbers with fractions", tokens, struct.pack("<I", _F32))
        # llama.cpp aborts at a token that occurs twice, and no look at the header's numbers can tell.
        yield self._patched("a token twice", self._header.index(b"<reponame>"), b"<file_sep>")
        yield self._patched("a template of zeros", self._layout.key("tokenizer.chat_template").start + 8, bytes(40))

    def _tensors(self) -> Iterator[Case]:
        """Entries of tensors."""
        entries = {entry.name: entry for entry in self._layout.tensors}
        for name in ("token_embd.weight", "blk.0.attn_norm.weight", "blk.7.ffn_down.weight", "output_norm.weight"):
            place = entries[name]
            for count in (0, 5, 0xFFFFFFFF):
                yield self._patched(f"{name} has {count} dimensions", place.count_at, struct.pack("<I", count))
            for size in (0, 1, 577, 1 << 40, (1 << 64) - 1):
                yield self._patched(f"{name} is {size} wide", place.dimensions_at, struct.pack("<Q", size))
            for kind in (1, 4, 30, 31, 99, 0xFFFFFFFF):
                yield self._patched(f"{name} has the type {kind}", place.type_at, struct.pack("<I", kind))
            for offset in (1, 31, 1 << 40, (1 << 64) - 32):
                yield self._patched(f"the data of {name} are at {offset}", place.offset_at, struct.pack("<Q", offset))
            yield self._patched(f"{name} has another name", place.name_at + 8, b"Z")

    def _added(self) -> Iterator[Case]:
        """Keys that a good file of another kind has: further files, an adapter, an alignment."""
        for number, count in ((0, 2), (1, 3), (0, 65535), (7, 3)):
            extra = text("split.no") + struct.pack("<IH", 2, number) + text("split.count")
            made = self._with_keys(2, extra + struct.pack("<IH", 2, count))
            yield Case(f"part {number} of {count} alone", self._maker(made, self._size, "model-00001-of-00002.gguf"))
            yield Case(f"part {number} of {count} by another name", self._maker(made, self._size))
        for number in (0, 3, 1 << 31):
            extra = text("general.alignment") + struct.pack("<II", _U32, number)
            yield Case(f"an alignment of {number}", self._maker(self._with_keys(1, extra), self._size))
        twice = text("llama.block_count") + struct.pack("<II", _U32, 30)
        yield Case("a key twice", self._maker(self._with_keys(1, twice), self._size))
        groups = text("llama.expert_count") + struct.pack("<II", _U32, 2000)
        yield Case("2000 experts", self._maker(self._with_keys(1, groups), self._size))
        scaling = text("llama.rope.scaling.type") + struct.pack("<I", _STRING) + text("odd")
        yield Case("an unknown scaling", self._maker(self._with_keys(1, scaling), self._size))

    def _random(self) -> Iterator[Case]:
        """Random bytes: as a whole file, after the magic, and over parts of the header."""
        chance = random.Random(20261123)
        for number in range(10):
            yield Case(f"noise {number}", self._maker(chance.randbytes(5000), 5000))
            yield Case(f"noise behind the magic {number}", self._maker(b"GGUF" + chance.randbytes(5000), 5004))
            counts = struct.pack("<IQQ", 3, chance.randrange(400), chance.randrange(40))
            yield Case(f"noise behind counts {number}", self._maker(b"GGUF" + counts + chance.randbytes(5000), 5024))
            at = chance.randrange(24, 1200)
            yield self._patched(f"noise at byte {at}", at, chance.randbytes(40))

    def _with_keys(self, count: int, extra: bytes) -> bytes:
        keys = struct.unpack_from("<Q", self._header, 16)[0] + count
        first = self._layout.keys[0].name_at
        return self._header[:16] + struct.pack("<Q", keys) + extra + self._header[first : self._layout.data]

    def _maker(self, data: bytes, size: int, name: str = "model.gguf") -> Callable[[Path], Path]:
        """A file of `size` bytes that begins with `data`; what lies behind is a hole and takes no room on the disk."""

        def make(folder: Path) -> Path:
            path = folder / name
            with path.open("wb") as file:
                file.write(data[:size])
                file.truncate(size)
            return path

        return make

    def _patched(self, name: str, at: int, data: bytes) -> Case:
        def make(_folder: Path) -> Path:
            with self._copy.open("r+b") as file:
                file.seek(at)
                file.write(data)
            return self._copy

        return Case(name, make)


def main() -> None:
    """Open every case in a folder (the first argument) that holds a copy of the model, and the good copy at the end."""
    folder = Path(sys.argv[1])
    cases = Cases(folder / "copy.gguf")
    machine = open_machine(folder / "machine.db", datetime.now(UTC)).database
    models = model_service(LlamaEngine(), machine, LlamaModelChecker(TRIAL_COMMAND, REPOSITORY, measure=False))
    for case in cases:
        path = case.make(folder)
        _tell(case.name, _opened(models, path))
        if path == folder / "copy.gguf":
            cases.restore()
        else:
            path.unlink()
    _tell("the good model", _opened(models, folder / "copy.gguf"))
    models.unload()
    machine.close()


def _opened(models: ModelService, path: Path) -> dict[str, str]:
    try:
        models.load(path, CancelToken(), lambda _: None)
    except InglenookError as error:
        return {"error": type(error).__name__, "sentence": error.sentence}
    return {"error": "", "sentence": ""}


def _tell(name: str, outcome: dict[str, str]) -> None:
    os.write(1, (json.dumps({"case": name, **outcome}) + "\n").encode())


if __name__ == "__main__":
    main()
