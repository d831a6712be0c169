"""Where an image of a message may come from: a file of this computer or the message itself, never the network."""

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from PySide6.QtCore import QBuffer, QByteArray, QFile, QIODevice, QSize
from PySide6.QtGui import QImage, QImageReader

_LARGEST_FILE = 50_000_000  # bytes
_LONGEST_DATA = 2_000_000  # characters of base64
_MOST_PIXELS = {"jpeg": 24_000_000, "png": 5_000_000, "gif": 5_000_000, "webp": 5_000_000}  # about 100 ms each
_LONGEST_PATH = 4_096
_HEAD_BYTES = 12
_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,", re.IGNORECASE)
_REMOTE = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImageSource:
    """An image that can be shown: its size in pixels, and its bytes, in `data` or in the file at `path`."""

    kind: str
    width: int
    height: int
    path: str = ""
    data: bytes = b""

    def read(self, width: int, height: int) -> QImage | None:
        """The image (of an animation the first) in another size; None when it cannot be read (any more)."""
        with _Opened(self.path, self.data) as device:
            reader = _reader(device, self.kind)
            reader.setScaledSize(QSize(width, height))
            image = reader.read()
        return None if image.isNull() else image


@dataclass(frozen=True, slots=True)
class NoImage:
    """Why an address is not shown as an image, in a few words; `is_remote`: a browser can show it."""

    reason: str
    is_remote: bool = False


def image_source(address: str) -> ImageSource | NoImage:
    """What an address of a message leads to. Nothing is fetched, and of an image only its head is read."""
    if _REMOTE.match(address):
        return NoImage("Image from the internet, not loaded", is_remote=True)
    if address[:5].lower() == "data:":
        return _in_message(address)
    path = _local_path(address)
    if path is None:
        return NoImage("Image that is not shown here")
    try:
        # Markdown's parser writes blanks in addresses as %20.
        found = next((one for one in (path, Path(unquote(str(path)))) if one.is_file()), None)
        size = found.stat().st_size if found is not None else 0
    except (OSError, ValueError):
        found, size = None, 0
    if found is None:
        return NoImage("Image that is not on this computer")
    if size > _LARGEST_FILE:
        return NoImage(f"Image too large to be shown here ({_megabytes(size)})")
    return _looked_at(str(found), b"")


def _in_message(address: str) -> ImageSource | NoImage:
    head = _DATA.match(address)
    too_large = NoImage(f"Image in the message ({_megabytes(len(address) * 3 // 4)})")
    if head is None or len(address) - head.end() > _LONGEST_DATA:
        return too_large
    try:
        data = base64.b64decode(address[head.end() :].encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return NoImage("Image in the message that cannot be read")
    found = _looked_at("", data)
    return found if isinstance(found, ImageSource) else too_large


def _local_path(address: str) -> Path | None:
    """The absolute path that an address means; None for what is none, or may be on another computer."""
    if len(address) > _LONGEST_PATH or "\0" in address:
        return None
    if address[:5].lower() == "file:":
        address = address[5:]
        if address.startswith("//"):
            address = address[2:].removeprefix("localhost")
        if re.match("/[A-Za-z]:", address):
            address = address[1:]
    # Two slashes at the beginning lead to another computer on Windows.
    if address[:2].replace("\\", "/") == "//" or not Path(address).is_absolute():
        return None
    return Path(address)


def _looked_at(path: str, data: bytes) -> ImageSource | NoImage:
    unreadable = NoImage("Image that cannot be read")
    with _Opened(path, data) as device:
        kind = _kind_of(bytes(device.peek(_HEAD_BYTES).data())) if device.isOpen() else ""
        if not kind:
            return unreadable
        size = _reader(device, kind).size()
    if size.isEmpty():
        return unreadable
    if size.width() * size.height() > _MOST_PIXELS[kind]:
        return NoImage(f"Image too large to be shown here ({size.width():,} × {size.height():,})")
    return ImageSource(kind, size.width(), size.height(), path, data)


def _kind_of(head: bytes) -> str:
    """What an image's first bytes say; only these kinds are read, and SVG with its references is not among them."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    return ""


def _reader(device: QIODevice, kind: str) -> QImageReader:
    reader = QImageReader(device, QByteArray(kind.encode()))
    reader.setAutoDetectImageFormat(False)  # it would ask the readers of all kinds
    return reader


class _Opened:
    """A file or some bytes, open for reading; what cannot be opened is as if empty."""

    def __init__(self, path: str, data: bytes) -> None:
        self._device: QIODevice = QFile(path) if path else QBuffer()
        if isinstance(self._device, QBuffer):
            self._device.setData(QByteArray(data))

    def __enter__(self) -> QIODevice:
        self._device.open(QIODevice.OpenModeFlag.ReadOnly)
        return self._device

    def __exit__(self, *_error: object) -> None:
        self._device.close()


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB" if size >= 10_000_000 else f"{size / 1e6:.1f} MB"
