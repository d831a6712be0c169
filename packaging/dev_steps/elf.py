"""Reads from a Linux library which others it needs, and in which versions; the format is described in elf(5)."""

import struct
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"\x7fELF"
_LOAD, _DYNAMIC = 1, 2
_NEEDED, _STRTAB, _VERNEED, _VERNEEDNUM = 1, 5, 0x6FFFFFFE, 0x6FFFFFFF


@dataclass(frozen=True)
class Needs:
    """What one file asks the loader for: `libraries` by their names, `versions` as (library, version) pairs."""

    libraries: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]


def is_elf(path: Path) -> bool:
    """Whether the file is a library or program of Linux."""
    with path.open("rb") as file:
        return file.read(4) == _MAGIC


def needs(path: Path) -> Needs:
    """What the 64-bit little-endian file at `path` needs; nothing when it is linked to nothing.

    Raises ValueError for another kind of file.
    """
    data = path.read_bytes()
    if data[:6] != _MAGIC + b"\x02\x01":
        raise ValueError(f"{path} is not a 64-bit little-endian ELF file")
    segments = _segments(data)
    dynamic = next((segment for segment in segments if segment[0] == _DYNAMIC), None)
    if dynamic is None:
        return Needs((), ())
    entries = _dynamic(data, dynamic[1], dynamic[3])
    addresses = dict(entries)
    strings = _offset(segments, addresses[_STRTAB])

    def text(at: int) -> str:
        begin = strings + at
        return data[begin : data.index(b"\0", begin)].decode()

    libraries = tuple(text(value) for tag, value in entries if tag == _NEEDED)
    if _VERNEED not in addresses:
        return Needs(libraries, ())
    versions = []
    at = _offset(segments, addresses[_VERNEED])
    for _ in range(addresses[_VERNEEDNUM]):
        _, count, file, first, step = struct.unpack_from("<HHIII", data, at)
        entry = at + first
        for _ in range(count):
            _, _, _, name, following = struct.unpack_from("<IHHII", data, entry)
            versions.append((text(file), text(name)))
            entry += following
        at += step
    return Needs(libraries, tuple(versions))


def _segments(data: bytes) -> list[tuple[int, int, int, int]]:
    """The program headers: type, offset in the file, address in memory, size in the file."""
    (first,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    found = []
    for index in range(count):
        kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", data, first + index * size)
        found.append((kind, offset, address, length))
    return found


def _dynamic(data: bytes, offset: int, length: int) -> list[tuple[int, int]]:
    return list(struct.iter_unpack("<QQ", data[offset : offset + length - length % 16]))


def _offset(segments: list[tuple[int, int, int, int]], address: int) -> int:
    """Where in the file lies what will be at `address`."""
    for kind, offset, begin, length in segments:
        if kind == _LOAD and begin <= address < begin + length:
            return offset + address - begin
    raise ValueError(f"no part of the file is loaded to {address:#x}")
