"""Paints an image that stands alone, or in its place a box that says what it is and where it would come from."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.ui.fonts import text_font
from app.ui.transcript.blocks.colours import highlight_colour, highlight_text_colour
from app.ui.transcript.blocks.image_cache import scaled_image
from app.ui.transcript.blocks.image_source import ImageSource, NoImage, image_source
from app.ui.transcript.blocks.painted import Highlight, HighlightKind, Look, PaintedBlock
from app.ui.transcript.markdown.content import Block, Image

_HIGHEST = 480
_PADDING = 12
_LINE = 20
_WORDS_PIXELS = 13
_ADDRESS_PIXELS = 12
_TOOLS_WIDTH = 140
_TOOLS_HEIGHT = 26
_LONGEST_SHOWN = 300  # characters of what is written in the box, before it is cut to its width
_FRAME = 3  # around an image that is marked
_FRAMED_FROM = 16  # logical pixels; less has no hairline around it


class ImageTools(QWidget):
    """The button beside an image that is not loaded; `link_activated` carries its address, for the user to confirm."""

    link_activated = Signal(QUrl)

    def __init__(self, address: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._address = QUrl(address)
        self.open = QToolButton(self)
        self.open.setText("Open in browser…")
        self.open.setProperty("kind", "act")
        self.open.setToolTip(f"Open {address[:_LONGEST_SHOWN]} in your browser")
        self.open.setAccessibleName("Open this image in your browser")
        self.open.setCursor(Qt.CursorShape.PointingHandCursor)
        self.open.clicked.connect(self._on_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch()
        row.addWidget(self.open)

    def _on_clicked(self) -> None:
        self.link_activated.emit(self._address)


class ImageBlock(PaintedBlock):
    """An image of this computer or of the message itself, still; nothing is fetched."""

    def __init__(self, block: Image, look: Look) -> None:
        super().__init__(block, look)
        self.image = block
        self._source = image_source(block.address)
        self._read: QImage | None = None
        self._shown_width = 0.0

    def lay_out(self, width: float) -> None:
        self.width = width
        if isinstance(self._source, ImageSource):
            scale = min(1.0, width / self._source.width, self.look.pixels(_HIGHEST) / self._source.height)
            self._shown_width = max(1.0, round(self._source.width * scale))
            self.height = max(1.0, round(self._source.height * scale))
        else:
            self.height = self._text_height + (self._tools_height if self._has_row_of_tools else 0)

    def paint(
        self,
        painter: QPainter,
        visible: QRectF,  # noqa: ARG002 (an image is painted whole)
        highlights: Sequence[Highlight] = (),
    ) -> None:
        mark = next((one.kind for one in reversed(highlights) if one.end > one.start), None)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        image = self._image()
        if image is not None:
            painter.drawImage(QRectF(0, 0, self._shown_width, self.height), image)
            if min(self._shown_width, self.height) >= _FRAMED_FROM:  # a white image has an edge, too
                self._paint_frame(painter, QColor(self.look.tokens.line), 1)
            if mark is not None:
                self._paint_frame(painter, highlight_colour(mark, self.look.tokens), self.look.pixels(_FRAME))
        else:
            self._paint_box(painter, mark)
        painter.restore()

    def update_block(self, block: Block) -> bool:
        if not isinstance(block, Image) or block.address != self.image.address:
            return False
        self.block = self.image = block
        return True

    def place_at(self, point: QPointF) -> int:
        return 0 if point.x() < self.rect_at(0).center().x() else self._length

    def rect_at(self, place: int) -> QRectF:
        width = self._shown_width if isinstance(self._source, ImageSource) else self.width
        left = width if place >= self._length else 0.0
        return QRectF(left, 0, max(1.0, width - left), self.height)

    def link_at(self, point: QPointF) -> str:
        return self.image.link if self.rect_at(0).contains(point) else ""

    def tooltip_at(self, point: QPointF) -> str:  # noqa: ARG002 (the same wherever on it)
        if isinstance(self._source, NoImage):
            return self._source.reason
        return self.image.description[:_LONGEST_SHOWN]

    def make_tools(self, parent: QWidget) -> ImageTools | None:
        if self.tools_rect().isEmpty():
            return None
        return ImageTools(self.image.address, parent)

    def tools_rect(self) -> QRectF:
        if not isinstance(self._source, NoImage) or not self._source.is_remote:
            return QRectF()
        width, height = min(self._tools_width, self.width), self._tools_height
        padding = self.look.pixels(_PADDING)
        top = self._text_height - padding / 2 if self._has_row_of_tools else (self.height - height) / 2
        return QRectF(self.width - width - padding / 2, top, width, height)

    def release(self) -> None:
        self._read = None

    @property
    def _length(self) -> int:
        return len(self.image.description or self.image.address)

    @property
    def _tools_width(self) -> float:
        return float(self.look.pixels(_TOOLS_WIDTH))

    @property
    def _tools_height(self) -> float:
        return float(self.look.pixels(_TOOLS_HEIGHT))

    @property
    def _has_row_of_tools(self) -> bool:
        """Whether the button stands below the words, for want of room beside them."""
        remote = isinstance(self._source, NoImage) and self._source.is_remote
        return remote and self.width < 3 * self._tools_width

    @property
    def _text_height(self) -> float:
        return float(2 * self.look.pixels(_LINE) + 2 * self.look.pixels(_PADDING))

    def _image(self) -> QImage | None:
        if self._read is None and isinstance(self._source, ImageSource):
            ratio = self.look.pixel_ratio
            wide = min(self._source.width, round(self._shown_width * ratio))
            high = min(self._source.height, round(self.height * ratio))
            self._read = scaled_image(self._source, max(1, wide), max(1, high))
            if self._read is None:
                self._source = NoImage("Image that cannot be read")
        return self._read

    def _paint_frame(self, painter: QPainter, colour: QColor, width: int) -> None:
        half = width / 2
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(half, half, self._shown_width - width, self.height - width))

    def _paint_box(self, painter: QPainter, mark: HighlightKind | None) -> None:
        tokens, padding, line = self.look.tokens, self.look.pixels(_PADDING), self.look.pixels(_LINE)
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(0.5, 0.5, self.width - 1, self.height - 1), tokens.r_m, tokens.r_m)
        room = self.width - 2 * padding
        if not self.tools_rect().isEmpty() and not self._has_row_of_tools:
            room -= self._tools_width
        first = self.image.description or (self._source.reason if isinstance(self._source, NoImage) else "")
        second = self._second_line()
        words = QRectF(padding, padding if second else padding + line / 2, room, line)
        self._write(painter, words, first, _WORDS_PIXELS, tokens.text, mark)
        self._write(painter, words.translated(0, line), second, _ADDRESS_PIXELS, tokens.text_2, None)

    def _second_line(self) -> str:
        if isinstance(self._source, ImageSource):
            return ""
        if self.image.address[:5].lower() == "data:":
            return self._source.reason if self.image.description else ""
        return self.image.address

    def _write(
        self, painter: QPainter, room: QRectF, text: str, pixels: int, colour: str, mark: HighlightKind | None
    ) -> None:
        font = text_font(self.look.pixels(pixels))
        metrics = QFontMetricsF(font)
        if len(text) > _LONGEST_SHOWN:
            text = f"{text[: _LONGEST_SHOWN // 2]}…{text[-_LONGEST_SHOWN // 2 :]}"
        shown = metrics.elidedText(" ".join(text.split()), Qt.TextElideMode.ElideMiddle, room.width())
        ink = QColor(colour)
        if mark is not None:
            painter.fillRect(
                QRectF(room.left(), room.top(), metrics.horizontalAdvance(shown), room.height()),
                highlight_colour(mark, self.look.tokens),
            )
            ink = highlight_text_colour(mark, self.look.tokens) or ink
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
