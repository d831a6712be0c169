"""Mathematics as images: TeX is drawn once for each size, colour and pixel ratio."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt, QTimer
from PySide6.QtGui import QImage, QPainter

from app.ui.transcript.blocks.math_drawing import MathDrawing, MathError, draw_math

_MOST_KEPT = 1_000
_MOST_BYTES = 32_000_000
_MOST_PIXELS = 4_000_000  # of one image
_MOST_EFFORT = 600  # between two turns of the event loop: about 40 ms
_EFFORT_OF_ANY = 20  # and one more for each character
_SIZE = 1.1  # the formulas' letters are smaller than Inter's of the same size


@dataclass(frozen=True, slots=True)
class MathImage:
    """A drawn formula; `ascent` is above its baseline and `descent` below, in logical pixels."""

    image: QImage
    width: float
    ascent: float
    descent: float

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.ascent + self.descent


@dataclass(frozen=True, slots=True)
class MathFailure:
    """Why a formula cannot be drawn, in a sentence; `is_for_now`: it can be when the event loop has turned."""

    reason: str
    is_for_now: bool = False


_NOT_YET = MathFailure("This formula is about to be drawn.", is_for_now=True)


class MathImages:
    """Formulas that were drawn, and those that cannot be; what was not asked for the longest is forgotten.

    Of many formulas at once only some are drawn, the others when the event loop has turned: each takes some
    milliseconds, and nothing else happens meanwhile.
    """

    def __init__(self, most_kept: int = _MOST_KEPT, most_bytes: int = _MOST_BYTES) -> None:
        self._most_kept = most_kept
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[str, float, str, bool, float], MathImage | MathFailure] = OrderedDict()
        self._effort_left = _MOST_EFFORT
        self._turn = QTimer(singleShot=True, interval=0)
        self._turn.timeout.connect(self._on_turned)
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def image(
        self, source: str, size: float, colour: str, is_displayed: bool = False, pixel_ratio: float = 1.0
    ) -> MathImage | MathFailure:
        """TeX drawn in `colour` for text of `size` logical pixels."""
        key = (source, size, colour, is_displayed, pixel_ratio)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        if self._effort_left <= 0:
            return _NOT_YET
        self._effort_left -= _EFFORT_OF_ANY + len(source)
        self._turn.start()
        made = _draw(source, size, colour, is_displayed, pixel_ratio)
        self._keep(key, made)
        return made

    def _keep(self, key: tuple[str, float, str, bool, float], made: MathImage | MathFailure) -> None:
        self._kept[key] = made
        self.bytes += _cost(key[0], made)
        while len(self._kept) > self._most_kept or self.bytes > self._most_bytes:
            (oldest, *_), dropped = self._kept.popitem(last=False)
            self.bytes -= _cost(oldest, dropped)

    def _on_turned(self) -> None:
        self._effort_left = _MOST_EFFORT


def math_image(
    source: str, size: float, colour: str, is_displayed: bool = False, pixel_ratio: float = 1.0
) -> MathImage | MathFailure:
    """TeX drawn in `colour` for text of `size` logical pixels; the whole application keeps what was drawn."""
    return _images().image(source, size, colour, is_displayed, pixel_ratio)


@cache
def _images() -> MathImages:
    return MathImages()


def _cost(source: str, made: MathImage | MathFailure) -> int:
    return len(source) + (made.image.sizeInBytes() if isinstance(made, MathImage) else 0)


def _draw(source: str, size: float, colour: str, is_displayed: bool, pixel_ratio: float) -> MathImage | MathFailure:
    try:
        drawing = draw_math(source, size * _SIZE, colour, is_displayed)
    except MathError as error:
        return MathFailure(str(error))
    image = _rendered(drawing, pixel_ratio)
    if image is None:
        return MathFailure("This formula is too large to be drawn.")
    return MathImage(image, drawing.width, drawing.ascent, drawing.descent)


def _rendered(drawing: MathDrawing, pixel_ratio: float) -> QImage | None:
    from PySide6.QtSvg import QSvgRenderer

    height = drawing.ascent + drawing.descent
    columns, rows = math.ceil(drawing.width * pixel_ratio), math.ceil(height * pixel_ratio)
    if columns * rows > _MOST_PIXELS:
        return None
    image = QImage(columns, rows, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(drawing.svg.encode()))
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, drawing.width * pixel_ratio, height * pixel_ratio))
    painter.end()
    image.setDevicePixelRatio(pixel_ratio)
    return image
