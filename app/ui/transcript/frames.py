"""What stands around a block: the bars of quotes, the markers of lists, and the room that both take."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.ui.fonts import LINE_PIXELS, TEXT_PIXELS, text_font
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.markdown.content import (
    BULLET,
    Block,
    Code,
    Container,
    ContainerKind,
    Containers,
    Heading,
    Image,
    MathBlock,
    Paragraph,
    Rule,
    Table,
)
from app.ui.transcript.markdown.direction import runs_leftward

_STEP = {ContainerKind.QUOTE: 14, ContainerKind.ITEM: 22, ContainerKind.FOOTNOTE: 22}
_NARROWEST = 200  # what deep nesting leaves to the text, in pixels of the design
_MARKER_GAP = 5
_MARKER_ROOM = 60  # that a marker may have at most; a longer one is cut
_OVERHANG = 18  # how far a list's long numbers may stand out to the left, so that its text keeps one edge
_SHORT_MARKER = 2  # characters that need no measuring
_BOX = 12
_PARAGRAPH = 9
_BOXED = 12
_RULE = 14
_FOOTNOTES = 24
_FOOTNOTES_LINE = 64
_HEADING_ABOVE = 18
_HEADING_BELOW = 7


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The containers of the blocks before and after one, empty at the ends of a message, and the gaps to them.

    `baseline` is the height in the block on which the letters of its first line stand, None where it has none.
    """

    before: Containers
    after: Containers
    gap_above: float
    gap_below: float
    baseline: float | None


def step_of(container: Container, look: Look) -> int:
    """How far a container moves what is in it to the right, in logical pixels."""
    step = look.pixels(_STEP[container.kind])
    if len(container.marker) <= _SHORT_MARKER:
        return step
    overhang = look.pixels(_OVERHANG) if container.kind is ContainerKind.ITEM else 0
    width = min(_marker_width(container.marker, look.pixels(TEXT_PIXELS)), look.pixels(_MARKER_ROOM))
    return max(step, round(width) + look.pixels(_MARKER_GAP) - overhang)


@lru_cache(256)
def _marker_width(marker: str, pixels: int) -> float:
    return QFontMetricsF(text_font(pixels)).horizontalAdvance(marker)


def indent_of(containers: Containers, look: Look, width: float) -> float:
    """How far from its side a block in `containers` begins, in a column of `width` logical pixels."""
    most, indent = max(0.0, width - look.pixels(_NARROWEST)), 0.0
    for container in containers:
        if indent >= most:
            return most
        indent += step_of(container, look)
    return min(indent, most)


def is_leftward(block: Block) -> bool:
    """Whether a block's text runs from right to left: its containers stand at the right then."""
    if not isinstance(block, Paragraph | Heading):
        return False
    return runs_leftward(span.text for span in block.spans if not span.math)


def look_in(block: Block, look: Look) -> Look:
    """What a block is painted with: a quote's text is quieter."""
    is_quoted = any(container.kind is ContainerKind.QUOTE for container in block.containers)
    return look.quieter() if is_quoted and not isinstance(block, Code) else look


def gap_between(above: Block | None, below: Block, look: Look) -> float:
    """The logical pixels between two blocks; none above the first."""
    if above is None:
        return 0.0
    if _is_first_footnote(above.containers, below.containers):
        return look.pixels(_FOOTNOTES)
    if isinstance(below, Heading):
        return look.pixels(_HEADING_ABOVE)
    if isinstance(above, Heading):
        return look.pixels(_HEADING_BELOW)
    item = _new_item(above, below)
    if item is not None and not _is_boxed(above) and not _is_boxed(below):
        return look.pixels(_PARAGRAPH) if item.is_loose else 0.0
    if isinstance(above, Rule) or isinstance(below, Rule):
        return look.pixels(_RULE)
    return look.pixels(_BOXED if _is_boxed(above) or _is_boxed(below) else _PARAGRAPH)


def _new_item(above: Block, below: Block) -> Container | None:
    """The item that begins with `below` in a list that was there before, or right below its item's own text."""
    pairs = enumerate(zip(above.containers, below.containers, strict=False))
    most = min(len(above.containers), len(below.containers))
    shared = next((depth for depth, (one, other) in pairs if one != other), most)
    begun = below.containers[shared:]
    if not begun or begun[0].kind is not ContainerKind.ITEM:
        return None
    if len(above.containers) > shared and above.containers[shared].kind is ContainerKind.ITEM:
        return begun[0]
    return begun[0] if shared and above.containers[shared - 1].kind is ContainerKind.ITEM else None


def _is_boxed(block: Block) -> bool:
    return isinstance(block, Code | Table | MathBlock | Image)


def _is_first_footnote(above: Containers, below: Containers) -> bool:
    is_footnote = bool(below) and below[0].kind is ContainerKind.FOOTNOTE
    return is_footnote and not (above and above[0].kind is ContainerKind.FOOTNOTE)


def paint_frames(painter: QPainter, block: Block, around: Surroundings, area: QRectF, look: Look) -> None:
    """Paint the containers' bars and markers beside a block, whose text begins at the top of `area`.

    `area` is as wide as the column.
    """
    if around.gap_above and _is_first_footnote(around.before, block.containers):
        line = QRectF(area.left(), round(area.top() - around.gap_above / 2), look.pixels(_FOOTNOTES_LINE), 1)
        painter.fillRect(line, QColor(look.tokens.line))
    leftward = is_leftward(block)
    x = area.left()
    limit = area.left() + indent_of(block.containers, look, area.width())
    for container in block.containers:
        step = min(step_of(container, look), limit - x)
        if step <= 0:
            return
        room = QRectF(x, area.top(), step, area.height())
        if leftward:
            room.moveRight(area.left() + area.right() - x)
        if container.kind is ContainerKind.QUOTE:
            _paint_bar(painter, container, around, room, look, leftward)
        elif container not in around.before:
            baseline = _baseline(look) if around.baseline is None else around.baseline
            _paint_marker(painter, container, room, room.top() + round(baseline), look_in(block, look), leftward)
        x += step


def _paint_bar(
    painter: QPainter, quote: Container, around: Surroundings, room: QRectF, look: Look, leftward: bool
) -> None:
    """A bar bridges the gap to a neighbour in the same quote."""
    width = look.pixels(2)
    left = room.right() - width if leftward else room.left()
    top = room.top() - (around.gap_above / 2 if quote in around.before else 0)
    bottom = room.bottom() + (around.gap_below / 2 if quote in around.after else 0)
    painter.fillRect(QRectF(left, top, width, bottom - top), QColor(look.tokens.line))


def _paint_marker(
    painter: QPainter, container: Container, room: QRectF, baseline: float, look: Look, leftward: bool
) -> None:
    gap = look.pixels(_MARKER_GAP)
    font = text_font(look.pixels(TEXT_PIXELS))
    metrics = QFontMetricsF(font)
    middle = baseline - metrics.capHeight() / 2
    if container.checked is not None:
        _paint_box(painter, container.checked, _beside(room, gap, look.pixels(_BOX), middle, leftward), look)
    elif container.marker == BULLET:  # the font's own is too small to be seen beside text
        size = look.pixels(5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.tokens.text_2))
        painter.drawEllipse(_beside(room, gap + size / 3, size, middle, leftward))
        painter.restore()
    else:
        painter.setPen(QColor(look.tokens.text_2 if container.kind is ContainerKind.FOOTNOTE else look.tokens.text))
        painter.setFont(font)
        marker = metrics.elidedText(container.marker, Qt.TextElideMode.ElideRight, look.pixels(_MARKER_ROOM))
        area = _beside(room, gap, metrics.horizontalAdvance(marker), middle, leftward)
        painter.drawText(QPointF(area.left(), baseline), marker)


def _beside(room: QRectF, gap: float, width: float, middle: float, leftward: bool) -> QRectF:
    """A square of `width` around the height `middle`, at the side of `room` where the text is."""
    left = room.left() + gap if leftward else room.right() - gap - width
    return QRectF(left, middle - width / 2, width, width)


def _baseline(look: Look) -> float:
    """Where the letters of a line of running text would stand."""
    metrics = QFontMetricsF(text_font(look.pixels(TEXT_PIXELS)))
    return (look.pixels(LINE_PIXELS) - metrics.height()) / 2 + metrics.ascent()


def _paint_box(painter: QPainter, checked: bool, box: QRectF, look: Look) -> None:
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
