"""Paints one row of the list of models on this computer."""

from datetime import UTC, datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.quantities import file_size
from app.ui.fonts import code_font, text_font
from app.ui.library.shelf_rows import ROW_ROLE, ShelfRow
from app.ui.library.shelf_words import fact_words, speed_words, used_words
from app.ui.theme import Appearance

Index = QModelIndex | QPersistentModelIndex
ACTIONS_HEIGHT = 36
EDGE = 16
TEXT_LEFT = EDGE + 50
_TOP = 11
_NAME, _LINE = 22, 18
_BOTTOM = 10
_TILE = 38
_COLUMNS = (84, 130, 128)  # size, speed, last used
_PILL_HEIGHT = 18
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class ShelfRowDelegate(QStyledItemDelegate):
    """A row is higher where a sentence stands in it, and where its buttons do: in the current one."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.is_narrow = False
        self.width = 400  # of the rows, which the view keeps up to date
        self.opened: QPersistentModelIndex | None = None
        self._name = text_font(15, QFont.Weight.DemiBold)
        self._tile_font = text_font(15, QFont.Weight.DemiBold)
        self._small = text_font(12)
        self._pill = text_font(11, QFont.Weight.Medium)
        self._tag = code_font(11, QFont.Weight.Medium)
        self._figure = code_font(12)
        self._path = code_font(11)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, ShelfRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, index)
        rect = option.rect
        columns = 0 if self.is_narrow else sum(_COLUMNS)
        inside = QRect(QPoint(rect.left() + TEXT_LEFT, rect.top() + _TOP), rect.bottomRight())
        inside.setRight(rect.right() - EDGE - columns)
        self._paint_tile(painter, rect, row)
        self._paint_name(painter, inside, row)
        lines = [fact_words(row.model)]
        if self.is_narrow:
            lines.insert(0, " · ".join(_figures(row)))
        else:
            self._paint_columns(painter, rect, row)
        top = inside.top() + _NAME
        for line in lines:
            self._line(painter, QRect(inside.left(), top, inside.width(), _LINE), line, self._small, "text_2")
            top += _LINE
        wide = QRect(inside.left(), top, rect.right() - EDGE - inside.left(), _LINE)
        self._line(painter, wide, str(row.model.path), self._path, "text_3", Qt.TextElideMode.ElideMiddle)
        if row.note:
            self._paint_note(painter, wide.translated(0, _LINE + 1), row)
        painter.restore()

    def actions_rect(self, rect: QRect) -> QRect:
        """Where the buttons stand in an opened row that fills `rect`."""
        top = rect.bottom() - ACTIONS_HEIGHT - 3
        return QRect(rect.left() + TEXT_LEFT, top, rect.width() - TEXT_LEFT - EDGE, ACTIONS_HEIGHT)

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, state = self._appearance.tokens, option.state
        ground = QRectF(option.rect).adjusted(4.5, 3.5, -4.5, -3.5)
        is_open = self.opened is not None and self.opened == index
        is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if is_open or is_hovered:
            colour = QColor(tokens.sunken)
            colour.setAlphaF(0.6 if is_open else 0.35)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(ground, tokens.r_m, tokens.r_m)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(tokens.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground, tokens.r_m, tokens.r_m)
        if index.row() > 0:
            painter.fillRect(option.rect.left(), option.rect.top(), option.rect.width(), 1, QColor(tokens.line))

    def _paint_tile(self, painter: QPainter, rect: QRect, row: ShelfRow) -> None:
        tokens, model = self._appearance.tokens, row.model
        ground, colour = tokens.sunken, tokens.text_2
        if model.problem or row.tone == "bad":
            ground, colour = tokens.bad_soft, tokens.bad
        elif model.is_missing:
            ground, colour = tokens.warn_soft, tokens.warn
        elif row.is_in_use:
            ground, colour = tokens.good_soft, tokens.good
        elif model.is_default:
            ground, colour = tokens.accent_soft, tokens.accent
        tile = QRectF(rect.left() + EDGE, rect.top() + _TOP + 2, _TILE, _TILE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(tile, tokens.r_m, tokens.r_m)
        painter.setPen(QColor(colour))
        painter.setFont(self._tile_font)
        letter = next((sign for sign in model.name if sign.isalnum()), "").upper()
        painter.drawText(tile, Qt.AlignmentFlag.AlignCenter, letter)

    def _paint_name(self, painter: QPainter, inside: QRect, row: ShelfRow) -> None:
        """The name gives way to what stands behind it: the precision and the pills."""
        tokens, model = self._appearance.tokens, row.model
        pills = [(model.quantization, self._tag, tokens.sunken, tokens.text_2)] if model.quantization else []
        if row.is_in_use:
            pills.append(("in use", self._pill, tokens.good_soft, tokens.good))
        if model.is_default:
            pills.append(("default", self._pill, tokens.accent_soft, tokens.accent))
        if model.is_missing:
            pills.append(("missing", self._pill, tokens.warn_soft, tokens.warn))
        elif model.same_as is not None:
            pills.append(("duplicate", self._pill, tokens.info_soft, tokens.info))
        widths = [QFontMetrics(font).horizontalAdvance(words) + 15 for words, font, *_ in pills]
        room = max(60, inside.width() - sum(widths) - 7 * len(widths))
        metrics = QFontMetrics(self._name)
        shown = metrics.elidedText(model.name, Qt.TextElideMode.ElideRight, room)
        place = QRect(inside.left(), inside.top(), room, _NAME)
        self._line(painter, place, shown, self._name, "text_3" if model.is_missing else "text")
        left = inside.left() + metrics.horizontalAdvance(shown) + 9
        for (words, font, ground, colour), width in zip(pills, widths, strict=True):
            pill = QRectF(left, inside.top() + (_NAME - _PILL_HEIGHT) / 2, width, _PILL_HEIGHT)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(pill, _PILL_HEIGHT / 2, _PILL_HEIGHT / 2)
            painter.setPen(QColor(colour))
            painter.setFont(font)
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)
            left += width + 7

    def _paint_columns(self, painter: QPainter, rect: QRect, row: ShelfRow) -> None:
        left = rect.right() - EDGE - sum(_COLUMNS)
        for words, width in zip(_figures(row), _COLUMNS, strict=True):
            place = QRect(left, rect.top() + _TOP, width, _NAME)
            is_figure = words[:1].isdigit()
            self._line(
                painter,
                place,
                words,
                self._figure if is_figure else self._small,
                "text" if is_figure else "text_3",
                align=Qt.AlignmentFlag.AlignRight,
            )
            left += width

    def _paint_note(self, painter: QPainter, place: QRect, row: ShelfRow) -> None:
        tokens = self._appearance.tokens
        colour = {"good": tokens.good, "warn": tokens.warn, "bad": tokens.bad}.get(row.tone, tokens.text_2)
        painter.setFont(self._small)
        painter.setPen(QColor(colour))
        place.setHeight(self._note_height(row, place.width()))
        painter.drawText(place, _WRAPPED, row.note)
        if row.fraction is not None:
            left = place.left() + QFontMetrics(self._small).horizontalAdvance(row.note) + 12
            bar = QRectF(left, place.top() + _LINE / 2 - 2, min(220, place.right() - left), 5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.line))
            painter.drawRoundedRect(bar, 2.5, 2.5)
            bar.setWidth(max(5.0, bar.width() * row.fraction))
            painter.setBrush(QColor(tokens.accent))
            painter.drawRoundedRect(bar, 2.5, 2.5)

    def _note_height(self, row: ShelfRow, width: int) -> int:
        """A sentence is never cut: what is wrong with a file must be read to its end."""
        if not row.note:
            return 0
        needed = QFontMetrics(self._small).boundingRect(QRect(0, 0, width, 10_000), _WRAPPED, row.note).height()
        return max(_LINE, needed + 2)

    def _line(
        self,
        painter: QPainter,
        place: QRect,
        words: str,
        font: QFont,
        colour: str,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(getattr(self._appearance.tokens, colour)))
        shown = QFontMetrics(font).elidedText(words, elide, place.width())
        painter.drawText(place, align | Qt.AlignmentFlag.AlignVCenter, shown)

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW_ROLE)
        height = _TOP + _NAME + (3 if self.is_narrow else 2) * _LINE + _BOTTOM
        if isinstance(row, ShelfRow):
            height += self._note_height(row, self.width - TEXT_LEFT - EDGE)
        is_open = self.opened is not None and self.opened == index
        return QSize(0, height + (ACTIONS_HEIGHT if is_open else 0))


def _figures(row: ShelfRow) -> tuple[str, str, str]:
    model = row.model
    return file_size(model.size_bytes), speed_words(model), used_words(model.last_used, datetime.now(UTC))
