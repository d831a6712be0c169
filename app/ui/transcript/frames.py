"""What stands around a block: the bars of quotes, the markers of lists, and the room that both take."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.ui.fonts import LINE_PIXELS, text_font
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.markdown.content import (
    Block,
    Code,
    Container,
    ContainerKind,
    Containers,
    Heading,
    Image,
    MathBlock,
    Rule,
    Table,
)

_STEP = {ContainerKind.QUOTE: 14, ContainerKind.ITEM: 22, ContainerKind.FOOTNOTE: 22}
_NARROWEST = 200  # what deep nesting leaves to the text, in pixels of the design
_MARKER_GAP = 5
_BOX = 12
_PARAGRAPH = 9
_BOXED = 12
_RULE = 14
_LOOSE = 6
_HEADING_ABOVE = 18
_HEADING_BELOW = 7


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The containers of the blocks before and after one; empty at the ends of a message."""

    before: Containers = ()
    after: Containers = ()


def step_of(container: Container, look: Look) -> int:
    """How far a container moves what is in it to the right, in logical pixels."""
    return look.pixels(_STEP[container.kind])


def indent_of(containers: Containers, look: Look, width: float) -> float:
    """How far from the left a block in `containers` begins, in a column of `width` logical pixels."""
    wanted = sum(step_of(container, look) for container in containers)
    return float(min(wanted, max(0.0, width - look.pixels(_NARROWEST))))


def gap_between(above: Block | None, below: Block, look: Look) -> float:
    """The logical pixels between two blocks; none above the first."""
    if above is None:
        return 0.0
    if isinstance(below, Heading):
        return look.pixels(_HEADING_ABOVE)
    if isinstance(above, Heading):
        return look.pixels(_HEADING_BELOW)
    item = _new_item(above, below)
    if item is not None and not _is_boxed(above) and not _is_boxed(below):
        return look.pixels(_LOOSE) if item.is_loose else 0.0
    if isinstance(above, Rule) or isinstance(below, Rule):
        return look.pixels(_RULE)
    return look.pixels(_BOXED if _is_boxed(above) or _is_boxed(below) else _PARAGRAPH)


def _new_item(above: Block, below: Block) -> Container | None:
    """The item that begins with `below` in a list that was there before, or right below its item's own text."""
    begun = [c for c in below.containers if c not in above.containers]
    if not begun or begun[0].kind is not ContainerKind.ITEM:
        return None
    shared = len(below.containers) - len(begun)
    if len(above.containers) > shared and above.containers[shared].kind is ContainerKind.ITEM:
        return begun[0]
    return begun[0] if shared and above.containers[shared - 1].kind is ContainerKind.ITEM else None


def _is_boxed(block: Block) -> bool:
    return isinstance(block, Code | Table | MathBlock | Image)


def paint_frames(
    painter: QPainter, block: Block, around: Surroundings, area: QRectF, look: Look, above: float, below: float
) -> None:
    """Paint the containers' bars and markers beside a block, whose text begins at the top of `area`.

    `area` is as wide as the column; `above` and `below` are half the gaps to the neighbours, which bars bridge where
    the neighbour stands in the same quote.
    """
    x = area.left()
    limit = area.left() + indent_of(block.containers, look, area.width())
    for container in block.containers:
        step = min(step_of(container, look), limit - x)
        if step <= 0:
            return
        if container.kind is ContainerKind.QUOTE:
            top = area.top() - (above if container in around.before else 0)
            bottom = area.bottom() + (below if container in around.after else 0)
            painter.fillRect(QRectF(x, top, look.pixels(2), bottom - top), QColor(look.tokens.line))
        elif container not in around.before:
            _paint_marker(painter, container, QRectF(x, area.top(), step, look.pixels(LINE_PIXELS)), look)
        x += step


def _paint_marker(painter: QPainter, container: Container, area: QRectF, look: Look) -> None:
    if container.checked is not None:
        _paint_box(painter, container.checked, area, look)
        return
    painter.setPen(QColor(look.tokens.text_2 if container.kind is ContainerKind.FOOTNOTE else look.tokens.text))
    font = text_font(look.pixels(14))
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    right = area.right() - look.pixels(_MARKER_GAP)
    if container.marker == "•":  # the font's own is too small to be seen beside text
        radius = look.pixels(5) / 2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.tokens.text_2))
        painter.drawEllipse(QPointF(right - look.pixels(4), area.center().y()), radius, radius)
        painter.restore()
        return
    width = metrics.horizontalAdvance(container.marker)
    baseline = area.top() + (area.height() + metrics.capHeight()) / 2
    painter.drawText(QPointF(right - width, baseline), container.marker)


def _paint_box(painter: QPainter, checked: bool, area: QRectF, look: Look) -> None:
    size = look.pixels(_BOX)
    box = QRectF(area.right() - look.pixels(_MARKER_GAP) - size, area.center().y() - size / 2, size, size)
    tokens = look.tokens
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens.accent if checked else tokens.text_3), 1.2))
    painter.setBrush(QColor(tokens.accent) if checked else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 3, 3)
    if checked:
        painter.setPen(QPen(QColor(tokens.on_accent), 1.5))
        painter.drawPolyline(_tick(box))
    painter.restore()


def _tick(box: QRectF) -> Sequence[QPointF]:
    size = box.width()
    points = ((0.24, 0.52), (0.43, 0.71), (0.77, 0.31))
    return [QPointF(box.left() + x * size, box.top() + y * size) for x, y in points]
