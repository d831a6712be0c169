"""Reads the header of a GGUF file from any source of byte ranges, with every count and length bounded beforehand.

The format is specified at https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from app.core.errors import ModelFileError
from app.engine.guards.gguf_bytes import HeaderBytes, HeaderError

ReadRange = Callable[[int, int], bytes]
"""(offset, length) gives the bytes there: fewer than `length` only at the end of the file."""

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_KEYS = 1 << 16
MAX_TENSORS = 1 << 17
MAX_KEY_BYTES = (1 << 16) - 1
MAX_STRING_BYTES = 1 << 26
MAX_ELEMENTS = 1 << 24
MAX_ALIGNMENT = 1 << 20
MAX_DIMENSIONS = 4
MAX_TENSOR_NAME_BYTES = 63
KEPT_STRING_BYTES = 1 << 20
KEPT_ELEMENTS = 1024
KEPT_STRINGS = 64
DEFAULT_ALIGNMENT = 32
_BIG_ENDIAN_MASK = 0xFFFF  # read in the wrong order, a small version has nothing in its lower half


class ValueType(IntEnum):
    """The types of a header's values, by their number in the file."""

    UINT8 = 0
    INT8 = 1
    UINT16 = 2
    INT16 = 3
    UINT32 = 4
    INT32 = 5
    FLOAT32 = 6
    BOOL = 7
    STRING = 8
    ARRAY = 9
    UINT64 = 10
    INT64 = 11
    FLOAT64 = 12


_FORMATS = {
    ValueType.UINT8: "B",
    ValueType.INT8: "b",
    ValueType.UINT16: "H",
    ValueType.INT16: "h",
    ValueType.UINT32: "I",
    ValueType.INT32: "i",
    ValueType.FLOAT32: "f",
    ValueType.BOOL: "?",
    ValueType.UINT64: "Q",
    ValueType.INT64: "q",
    ValueType.FLOAT64: "d",
}

Scalar = int | float | bool | str


@dataclass(frozen=True, slots=True)
class GgufArray:
    """An array of `count` elements; `values` is None when they are too many to keep."""

    element: ValueType
    count: int
    values: tuple[Scalar, ...] | None


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """Where one tensor lies: `offset` in bytes from the start of the data, `type` as a number of ggml_type."""

    name: str
    dimensions: tuple[int, ...]
    type: int
    offset: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """A whole header. A string of more than KEPT_STRING_BYTES is kept as an array of bytes without its values.

    `data_offset` is where the tensors' data begin, in bytes from the start of the file.
    """

    version: int
    metadata: dict[str, Scalar | GgufArray]
    tensors: tuple[GgufTensor, ...]
    data_offset: int
    alignment: int

    def text(self, key: str) -> str:
        """A string of the header; empty when there is none."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""

    def integer(self, key: str) -> int | None:
        """A whole number of the header; None when there is none."""
        value = self.metadata.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def own(self, key: str) -> str:
        """The key as the header's architecture has it: "block_count" becomes "llama.block_count"."""
        return f"{self.architecture}.{key}"

    @property
    def architecture(self) -> str:
        """For example "llama"; empty when the header does not say."""
        return self.text("general.architecture")

    @property
    def name(self) -> str:
        """The model's own name; empty when the header does not say."""
        return self.text("general.name")

    @property
    def context_length(self) -> int:
        """How many tokens it was trained on; 0 when the header does not say."""
        return self.integer(self.own("context_length")) or 0

    @property
    def block_count(self) -> int:
        """How many layers it has; 0 when the header does not say."""
        return self.integer(self.own("block_count")) or 0

    @property
    def chat_template(self) -> str:
        """Its Jinja template; empty when there is none."""
        return self.text("tokenizer.chat_template")

    @property
    def split_count(self) -> int:
        """How many files the model has; 1 unless the header says more."""
        return max(self.integer("split.count") or 1, 1)

    @property
    def sampling(self) -> tuple[tuple[str, int | float], ...]:
        """The header's hints (general.sampling.*) by the names of SamplingParameters; NaN is left out."""
        hints = ((ours, self.metadata.get(f"general.sampling.{key}")) for key, ours in _SAMPLING.items())
        found = [(n, v) for n, v in hints if isinstance(v, int | float) and not isinstance(v, bool) and v == v]
        if (mirostat := self.integer("general.sampling.mirostat")) is not None:
            found.append(("mirostat", int(mirostat == 2)))  # version 1 is not on offer
        return tuple(found)


_SAMPLING = {
    "temp": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "xtc_probability": "xtc_probability",
    "xtc_threshold": "xtc_threshold",
    "penalty_last_n": "penalty_range",
    "penalty_repeat": "repeat_penalty",
    "mirostat_tau": "mirostat_tau",
    "mirostat_eta": "mirostat_eta",
}


def read_header(source: Path | ReadRange, name: str = "") -> GgufHeader:
    """The header of a local file, or of one that `source` gives ranges of; `name` is its name in sentences.

    Raises ModelFileError with a sentence that says what is wrong and where.
    """
    if not isinstance(source, Path):
        return _read(source, name or "The model file")
    label = name or f"The model file {source}"
    try:
        with source.open("rb", buffering=0) as file:

            def read_range(offset: int, length: int) -> bytes:
                file.seek(offset)
                return file.read(length)

            return _read(read_range, label)
    except OSError as error:
        raise ModelFileError(f"{label} cannot be read: {error.strerror}.", str(error)) from error


def _read(source: ReadRange, label: str) -> GgufHeader:
    data = HeaderBytes(source)
    try:
        version, tensor_count, key_count = _counts(data)
        metadata = _metadata(data, key_count)
        alignment = _alignment(metadata)
        tensors = tuple(_tensor(data, number) for number in range(tensor_count))
    except HeaderError as error:
        raise ModelFileError(f"{label} {error}", f"at byte {data.position}") from error
    start = data.position if not tensors else -(-data.position // alignment) * alignment
    return GgufHeader(version, metadata, tensors, start, alignment)


def _counts(data: HeaderBytes) -> tuple[int, int, int]:
    """Version, number of tensors, number of keys."""
    if data.take(4, "its first four bytes") != MAGIC:
        raise HeaderError("is not a GGUF file. Choose a file that ends in .gguf.")
    version = data.number("I", "its version")
    if version and not version & _BIG_ENDIAN_MASK:
        raise HeaderError("was written for big-endian computers. Look for the usual, little-endian file of this model.")
    if version not in VERSIONS:
        if version == 1:
            raise HeaderError("has GGUF version 1, which is no longer read. Download a newer file of this model.")
        raise HeaderError(f"has GGUF version {version}, which is not known here. It may need a newer Inglenook.")
    tensor_count = data.count("Q", MAX_TENSORS, "its number of tensors")
    return version, tensor_count, data.count("Q", MAX_KEYS, "its number of keys")


def _metadata(data: HeaderBytes, count: int) -> dict[str, Scalar | GgufArray]:
    metadata: dict[str, Scalar | GgufArray] = {}
    for number in range(count):
        key = data.text(MAX_KEY_BYTES, f"the name of key {number}")
        if not key or key in metadata:
            fault = f"has the key {key!r} twice" if key else f"has a key without a name (number {number})"
            raise HeaderError(f"is damaged: its header {fault}. Download it again.")
        metadata[key] = _value(data, _type(data, f"the type of {key!r}"), key)
    return metadata


def _type(data: HeaderBytes, place: str) -> ValueType:
    number = data.number("I", place)
    try:
        return ValueType(number)
    except ValueError:
        raise HeaderError(f"is damaged: {place} is {number}, which does not exist. Download it again.") from None


def _value(data: HeaderBytes, kind: ValueType, key: str) -> Scalar | GgufArray:
    place = f"the value of {key!r}"
    if kind is ValueType.STRING:
        length = data.count("Q", MAX_STRING_BYTES, f"the length of {key!r}")
        if length > KEPT_STRING_BYTES:
            data.skip(length, place)
            return GgufArray(ValueType.UINT8, length, None)
        return data.take(length, place).decode("utf-8", "replace")
    if kind is not ValueType.ARRAY:
        number: int | float | bool = data.number(_FORMATS[kind], place)
        return number
    element = _type(data, f"the elements' type of {key!r}")
    if element is ValueType.ARRAY:
        raise HeaderError(f"is damaged: {key!r} is a list of lists. Download it again.")
    count = data.count("Q", MAX_ELEMENTS, f"the number of elements of {key!r}")
    return GgufArray(element, count, _elements(data, element, count, place))


def _elements(data: HeaderBytes, element: ValueType, count: int, place: str) -> tuple[Scalar, ...] | None:
    if element is ValueType.STRING:
        if count <= KEPT_STRINGS:
            return tuple(data.text(MAX_STRING_BYTES, place) for _ in range(count))
        data.skip_strings(count, MAX_STRING_BYTES, place)
        return None
    if count <= KEPT_ELEMENTS:
        return data.numbers(_FORMATS[element], count, place)
    data.skip_numbers(_FORMATS[element], count, place)
    return None


def _alignment(metadata: dict[str, Scalar | GgufArray]) -> int:
    alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    # A power of two has one bit: subtracting one leaves none of it. True would pass as 1, and 1 is allowed.
    if not isinstance(alignment, int) or not 0 < alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
        raise HeaderError(f"is damaged: its alignment ('general.alignment') is {alignment}. Download it again.")
    return alignment


def _tensor(data: HeaderBytes, number: int) -> GgufTensor:
    name = data.text(MAX_TENSOR_NAME_BYTES, f"the name of tensor {number}")
    place = f"the entry of tensor {name!r}"
    count = data.count("I", MAX_DIMENSIONS, f"the number of dimensions of tensor {name!r}")
    dimensions = data.numbers("Q", count, place)
    return GgufTensor(name, dimensions, data.number("I", place), data.number("Q", place))
