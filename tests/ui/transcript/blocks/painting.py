"""Blocks laid out and painted into images, for tests that look at them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.ui.tokens import LIGHT
from app.ui.transcript.blocks.make import painted_block
from app.ui.transcript.blocks.painted import Highlight, HighlightKind, Look, PaintedBlock
from app.ui.transcript.markdown.content import Block

WIDTH = 700.0


def laid_out(block: Block, width: float = WIDTH, look: Look | None = None) -> PaintedBlock:
    """A block's painter with all its formulas drawn."""
    painter = painted_block(block, look or Look(LIGHT))
    settle(painter, width)
    return painter


def settle(painter: PaintedBlock, width: float = WIDTH) -> None:
    """Lay a block out until everything in it is as it will be."""
    painter.lay_out(width)
    for _ in range(100):
        if painter.is_settled():
            return
        QApplication.processEvents()
        painter.lay_out(width)
    raise AssertionError("it is never settled")


def picture(painter: PaintedBlock, highlights: Sequence[Highlight] = (), ratio: float = 1.0) -> QImage:
    """All of a block on white."""
    image = QImage(round(painter.width * ratio), round(painter.height * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("white"))
    canvas = QPainter(image)
    painter.paint(canvas, QRectF(0, 0, painter.width, painter.height), highlights)
    canvas.end()
    return image


def changed_area(one: QImage, other: QImage) -> QRectF:
    """The smallest rectangle in which two images of the same size differ, in logical pixels; empty if they do not."""
    rows, columns = np.nonzero(_pixels(one) != _pixels(other))
    if not len(rows):
        return QRectF()
    left, right, top, bottom = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
    ratio = one.devicePixelRatio()
    return QRectF(left / ratio, top / ratio, (right - left) / ratio, (bottom - top) / ratio)


def colours_in(image: QImage, area: QRectF) -> set[str]:
    """The colours of all pixels within an area, #RRGGBB."""
    ratio = image.devicePixelRatio()
    inside = QRectF(area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio).toRect()
    inside = inside.intersected(image.rect())
    seen = _pixels(image)[inside.top() : inside.bottom() + 1, inside.left() : inside.right() + 1]
    return {f"#{int(colour) & 0xFFFFFF:06X}" for colour in np.unique(seen)}


def _pixels(image: QImage) -> npt.NDArray[np.uint32]:
    """Row by row, as 0xAARRGGBB."""
    plain = image.convertToFormat(QImage.Format.Format_ARGB32)
    return np.array(plain.constBits(), dtype=np.uint8).view(np.uint32).reshape(plain.height(), plain.width())


def marked(start: int, end: int, kind: HighlightKind = HighlightKind.SELECTED) -> tuple[Highlight]:
    """One highlight."""
    return (Highlight(start, end, kind),)
