"""Makes GGUF files, good and bad, and says where each value of a header lies."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.engine.guards.gguf import ValueType

FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


def text(value: str) -> bytes:
    """A string as GGUF has it."""
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def value(kind: ValueType, content: Any) -> bytes:
    """A value with its type before it; for an array, `content` is (element type, values)."""
    return struct.pack("<I", kind) + _bare(kind, content)


def _bare(kind: ValueType, content: Any) -> bytes:
    if kind is ValueType.STRING:
        return text(content)
    if kind is ValueType.ARRAY:
        element, values = content
        head = struct.pack("<IQ", element, len(values))
        if element is ValueType.STRING:
            return head + b"".join(text(v) for v in values)
        return head + struct.pack(f"<{len(values)}{FORMATS[element]}", *values)
    return struct.pack(f"<{FORMATS[kind]}", content)


@dataclass
class Tensor:
    """A tensor's entry; `offset` None puts its data behind those before it."""

    name: str
    dimensions: Sequence[int]
    type: int = 0
    bytes: int = 0
    offset: int | None = None


@dataclass
class Header:
    """A header to be written: {key: (type, content)}, tensors, and numbers to lie about."""

    metadata: dict[str, tuple[ValueType, Any]] = field(default_factory=dict)
    tensors: list[Tensor] = field(default_factory=list)
    version: int = 3
    alignment: int = 32

    def to_bytes(self) -> bytes:
        """The header, filled up to where the data begin when there are tensors."""
        parts = [b"GGUF", struct.pack("<IQQ", self.version, len(self.tensors), len(self.metadata))]
        parts += [text(key) + value(kind, content) for key, (kind, content) in self.metadata.items()]
        expected = 0
        for tensor in self.tensors:
            offset = expected if tensor.offset is None else tensor.offset
            parts.append(text(tensor.name) + struct.pack("<I", len(tensor.dimensions)))
            parts.append(struct.pack(f"<{len(tensor.dimensions)}Q", *tensor.dimensions))
            parts.append(struct.pack("<IQ", tensor.type, offset))
            expected += -(-tensor.bytes // self.alignment) * self.alignment
        header = b"".join(parts)
        return header + bytes(-len(header) % self.alignment) if self.tensors else header

    def whole_size(self) -> int:
        """How many bytes the file has with all its data."""
        aligned = sum(-(-t.bytes // self.alignment) * self.alignment for t in self.tensors[:-1])
        return len(self.to_bytes()) + aligned + (self.tensors[-1].bytes if self.tensors else 0)


def small_model(**changes: tuple[ValueType, Any] | None) -> Header:
    """A header in the shape of a tiny llama; `changes` (with __ for .) replace keys, None leaves them out."""
    u32, f32 = ValueType.UINT32, ValueType.FLOAT32
    metadata: dict[str, tuple[ValueType, Any] | None] = {
        "general.architecture": (ValueType.STRING, "llama"),
        "llama.block_count": (u32, 2),
        "llama.context_length": (u32, 512),
        "llama.embedding_length": (u32, 64),
        "llama.feed_forward_length": (u32, 128),
        "llama.attention.head_count": (u32, 4),
        "llama.attention.head_count_kv": (u32, 2),
        "llama.attention.layer_norm_rms_epsilon": (f32, 1e-5),
        "tokenizer.ggml.model": (ValueType.STRING, "llama"),
        "tokenizer.ggml.tokens": (ValueType.ARRAY, (ValueType.STRING, ["<s>", "</s>", "a"])),
        "tokenizer.ggml.scores": (ValueType.ARRAY, (f32, [0.0, 0.0, 0.0])),
        "tokenizer.ggml.token_type": (ValueType.ARRAY, (ValueType.INT32, [3, 3, 1])),
    }
    metadata.update({key.replace("__", "."): change for key, change in changes.items()})
    tensors = [
        Tensor("token_embd.weight", (64, 3), 0, 768),
        Tensor("blk.0.attn_norm.weight", (64,), 0, 256),
        Tensor("blk.0.attn_q.weight", (64, 64), 8, 4352),
        Tensor("output_norm.weight", (64,), 0, 256),
    ]
    return Header({key: entry for key, entry in metadata.items() if entry is not None}, tensors)


@dataclass(frozen=True)
class KeyPlace:
    """Where a key lies in a file: its name, its type's number and the bytes of its value, from `start` to `end`."""

    key: str
    kind: int
    name_at: int
    kind_at: int
    start: int
    end: int


@dataclass(frozen=True)
class TensorPlace:
    """Where the parts of a tensor's entry lie in a file."""

    name: str
    name_at: int
    count_at: int
    dimensions_at: int
    type_at: int
    offset_at: int


@dataclass(frozen=True)
class Layout:
    """Where everything lies in a header that ends at `end`; `data` is where the tensors' data begin."""

    keys: tuple[KeyPlace, ...]
    tensors: tuple[TensorPlace, ...]
    end: int
    data: int

    def key(self, name: str) -> KeyPlace:
        """One key's place."""
        return next(k for k in self.keys if k.key == name)


def layout_of(data: bytes) -> Layout:
    """The places in a good header, found independently of the application's reader."""
    walk = _Walk(data)
    tensor_count, key_count = struct.unpack_from("<QQ", data, 8)
    walk.at = 24
    keys = []
    for _ in range(key_count):
        name_at = walk.at
        key = walk.text()
        kind_at = walk.at
        kind = walk.number("I")
        start = walk.at
        walk.skip_value(kind)
        keys.append(KeyPlace(key, kind, name_at, kind_at, start, walk.at))
    tensors = []
    for _ in range(tensor_count):
        name_at = walk.at
        name = walk.text()
        count_at = walk.at
        count = walk.number("I")
        walk.at += 8 * count
        tensors.append(TensorPlace(name, name_at, count_at, count_at + 4, walk.at, walk.at + 4))
        walk.at += 12
    return Layout(tuple(keys), tuple(tensors), walk.at, -(-walk.at // 32) * 32)


class _Walk:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self, form: str) -> int:
        found: int = struct.unpack_from(f"<{form}", self.data, self.at)[0]
        self.at += struct.calcsize(f"<{form}")
        return found

    def text(self) -> str:
        length = self.number("Q")
        self.at += length
        return self.data[self.at - length : self.at].decode()

    def skip_value(self, kind: int) -> None:
        if kind == ValueType.STRING:
            self.text()
        elif kind == ValueType.ARRAY:
            element, count = self.number("I"), self.number("Q")
            if element != ValueType.STRING:
                self.at += count * struct.calcsize(f"<{FORMATS[element]}")
                return
            for _ in range(count):
                length = self.number("Q")
                self.at += length
        else:
            self.at += struct.calcsize(f"<{FORMATS[kind]}")


def write_file(header: Header, path: Path, cut: int = 0) -> Path:
    """The header's file with empty data, shorter by `cut` bytes."""
    with path.open("wb") as file:
        file.write(header.to_bytes())
        file.truncate(header.whole_size() - cut)
    return path


def write_parts(folder: Path, count: int = 3) -> list[Path]:
    """A model in `count` files: one tensor in each but the last, which has the rest."""
    tensors = small_model().tensors
    paths = []
    for number in range(count):
        header = small_model() if number == 0 else Header()
        header.metadata["split.no"] = (ValueType.UINT16, number)
        header.metadata["split.count"] = (ValueType.UINT16, count)
        header.metadata["split.tensors.count"] = (ValueType.INT32, len(tensors))
        header.tensors = tensors[number : number + 1] if number < count - 1 else tensors[number:]
        paths.append(write_file(header, folder / f"model-{number + 1:05d}-of-{count:05d}.gguf"))
    return paths
