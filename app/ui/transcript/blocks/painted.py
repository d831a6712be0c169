"""What every painted block can do; the view knows only this."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from app.ui.tokens import Tokens
from app.ui.transcript.markdown.content import Block


class HighlightKind(Enum):
    """Why a piece of text is marked."""

    SELECTED = auto()
    FOUND = auto()
    FOUND_CURRENT = auto()


@dataclass(frozen=True, slots=True)
class Highlight:
    """The characters from `start` up to `end` (places in reading_text) are marked."""

    start: int
    end: int
    kind: HighlightKind


@dataclass(frozen=True, slots=True)
class Look:
    """What blocks are painted with: colours, the text's size as a factor (1.0: 14 px), device pixels per logical."""

    tokens: Tokens
    zoom: float = 1.0
    pixel_ratio: float = 1.0

    def pixels(self, size: float) -> int:
        """A size of the design in logical pixels at this zoom, at least 1."""
        return max(1, round(size * self.zoom))

    def quieter(self) -> "Look":
        """The same for text that stands back behind other text."""
        return _quieter(self)


@lru_cache(8)
def _quieter(look: Look) -> Look:
    return replace(look, tokens=replace(look.tokens, text=look.tokens.text_2))


class PaintedBlock:
    """One block as it is shown. All coordinates are logical pixels from the block's top left corner.

    Nothing is laid out before lay_out(). What is dear to keep (documents, images) is made when it is needed, and
    given back by release(); the height stays known.
    """

    def __init__(self, block: Block, look: Look) -> None:
        self.block = block
        self.look = look
        self.width = 0.0
        self.height = 0.0

    def lay_out(self, width: float) -> None:
        """Take `width`; sets width and height. Cheap when nothing has changed since."""
        raise NotImplementedError

    def paint(self, painter: QPainter, visible: QRectF, highlights: Sequence[Highlight] = ()) -> None:
        """Paint what lies in `visible`; the painter's origin is the block's corner."""
        raise NotImplementedError

    def is_settled(self) -> bool:
        """Whether laying out and painting once more shows the same; else the view does both soon, until it is."""
        return True

    def update_block(self, block: Block) -> bool:
        """Take a later state of the same block while it is written; False when another painter is needed for it.

        lay_out() must be called afterwards.
        """
        raise NotImplementedError

    def changed_from(self) -> float:
        """From which height on the last update_block() and lay_out() changed what is painted."""
        return 0.0

    def place_at(self, point: QPointF) -> int:
        """The place in reading_text next to a point, which may lie outside."""
        raise NotImplementedError

    def rect_at(self, place: int) -> QRectF:
        """Where the character at a place stands (at the end: where the next would), 1 px wide at least."""
        raise NotImplementedError

    def first_baseline(self) -> float | None:
        """The height of the line on which the first letters stand; None where there is no running text."""
        return None

    def link_at(self, point: QPointF) -> str:  # noqa: ARG002 (for those that override it)
        """The address of the link under a point; empty where there is none."""
        return ""

    def tooltip_at(self, point: QPointF) -> str:  # noqa: ARG002 (for those that override it)
        """What is told of the thing under a point beside a link's address; mostly empty."""
        return ""

    def scroll_by(self, pixels: float) -> bool:  # noqa: ARG002 (for those that override it)
        """Move the content sideways (positive: to what lies right); False when there is nothing to move."""
        return False

    def reveal(self, place: int) -> bool:  # noqa: ARG002 (for those that override it)
        """Scroll sideways until a place is in view; whether that moved anything."""
        return False

    def make_tools(self, parent: QWidget) -> QWidget | None:  # noqa: ARG002 (for those that override it)
        """Real buttons for this block, not yet shown; the view puts them at tools_rect() while the block is visible."""
        return None

    def tools_rect(self) -> QRectF:
        """Where the tools stand."""
        return QRectF()

    def release(self) -> None:
        """Give back what can be made again."""
