"""Checks the table of tensors in a header: known types, sound dimensions, and data that lie where they must."""

from app.engine.guards.gguf import GgufHeader, GgufTensor
from app.engine.guards.gguf_bytes import HeaderError
from app.engine.guards.tensor_types import BLOCKS, F32

_MAX_BYTES = 1 << 48


def check_tensors(header: GgufHeader, size_bytes: int) -> None:
    """Check every tensor of one file of `size_bytes`. Raises HeaderError."""
    names: set[str] = set()
    expected = end = 0
    for tensor in header.tensors:
        if not tensor.name or tensor.name in names:
            raise _damaged(f"it has the tensor {tensor.name!r} twice" if tensor.name else "a tensor has no name")
        names.add(tensor.name)
        length = _length(tensor)
        if tensor.offset != expected:
            fault = f"the data of tensor '{tensor.name}' lie at {tensor.offset:,} where {expected:,} is expected"
            raise _damaged(fault)
        end = expected + length
        expected = -(-end // header.alignment) * header.alignment
    whole = header.data_offset + end
    if header.tensors and whole > size_bytes:
        raise HeaderError(f"is incomplete: it has {size_bytes:,} of {whole:,} bytes. Download it again.")


def _length(tensor: GgufTensor) -> int:
    """The bytes of its data."""
    if tensor.type not in BLOCKS:
        fault = f"tensor '{tensor.name}' has the type {tensor.type}, which is not known here"
        raise HeaderError(f"cannot be loaded: {fault}. It may need a newer Inglenook.")
    numbers, size = BLOCKS[tensor.type]
    dimensions = tensor.dimensions or (1,)
    elements = 1
    for dimension in dimensions:
        elements *= dimension
    if not 0 < elements <= _MAX_BYTES or dimensions[0] % numbers:
        shape = " x ".join(f"{dimension:,}" for dimension in dimensions)
        raise _damaged(f"tensor '{tensor.name}' cannot have the dimensions {shape}")
    # llama.cpp multiplies by norms in F32 only, and aborts in the first step with any other type.
    if len(dimensions) == 1 and tensor.name.endswith(("norm.weight", "norm.bias")) and tensor.type != F32:
        raise _damaged(f"tensor '{tensor.name}' must be F32")
    return elements // numbers * size


def _damaged(fault: str) -> HeaderError:
    return HeaderError(f"is damaged: {fault}. Download it again.")
