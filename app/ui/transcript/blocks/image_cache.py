"""Images in the size in which they were shown, so that scrolling back to one need not read it again."""

from collections import OrderedDict
from functools import cache
from pathlib import Path

from PySide6.QtGui import QImage

from app.ui.transcript.blocks.image_source import ImageSource

_MOST_BYTES = 64_000_000

_Stamp = tuple[int, int]  # a file's time of change and size
_Key = tuple[ImageSource, _Stamp, int, int]


class ScaledImages:
    """Keeps what was read, up to so many bytes; what was not asked for the longest is forgotten."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[_Key, QImage] = OrderedDict()
        self.bytes = 0

    def image(self, source: ImageSource, width: int, height: int) -> QImage | None:
        """The image in a size in pixels; None when it cannot be read (any more)."""
        stamp = _stamp_of(source)
        if stamp is None:
            return None
        key = (source, stamp, width, height)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        made = source.read(width, height)
        if made is not None:
            self._keep(key, made)
        return made

    def _keep(self, key: _Key, made: QImage) -> None:
        self._kept[key] = made
        self.bytes += _cost(key, made)
        while self.bytes > self._most_bytes:
            self.bytes -= _cost(*self._kept.popitem(last=False))


def scaled_image(source: ImageSource, width: int, height: int) -> QImage | None:
    """ScaledImages.image() of those that the whole application keeps."""
    return _images().image(source, width, height)


@cache
def _images() -> ScaledImages:
    return ScaledImages()


def _cost(key: _Key, image: QImage) -> int:
    return len(key[0].data) + image.sizeInBytes()


def _stamp_of(source: ImageSource) -> _Stamp | None:
    """None for a file that is gone."""
    if not source.path:
        return 0, 0
    try:
        status = Path(source.path).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
