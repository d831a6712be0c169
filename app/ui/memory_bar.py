"""A split bar that shows what a model takes of one device's memory: weights, KV cache, compute, and what is left."""

from dataclasses import astuple, dataclass

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.memory import DeviceMemory, MemoryBudget
from app.ui.fonts import code_font, text_font
from app.ui.memory_words import (
    GB,
    amount,
    exact_figures,
    excess,
    held_by_others,
    in_a_sentence,
    short_amount,
    taken_of_free,
)
from app.ui.motion import MotionPreference
from app.ui.theme import Appearance
from app.ui.tokens import Tokens

BAR_HEIGHT = 12
_MARK = 3  # how far the mark at the budget's end stands out above and below
_LINE = 16
_SWATCH = 8
_GAP = 15
_PIXELS = 11
_MILLISECONDS = 180
_NAMED_FROM = 5 * 10**7  # bytes: less is 0.0 GB
_LEAST_WIDTH = 160


@dataclass(frozen=True, slots=True)
class BarShares:
    """Parts of the bar's length, from 0 to 1. `limit` is where the room for a model ends, 2 where that is not known."""

    weights: float
    kv_cache: float
    compute: float
    limit: float
    others: float


@dataclass(frozen=True, slots=True)
class _Item:
    """One entry of the legend; `figure` is empty where the word says all."""

    word: str
    figure: str
    colour: str


class MemoryBar(QWidget):
    """The bar and, below it, its legend. What exceeds the room for a model is red, behind a mark where that ends."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._memory = DeviceMemory("", 0, 0, 0)
        self._budget = MemoryBudget("", "", 0, 0, 0)
        self._shown = self._from = self._to = BarShares(0, 0, 0, 2, 0)
        self._has_shown = False
        self._motion = MotionPreference(self)
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(_MILLISECONDS)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._on_moved)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        appearance.changed.connect(self.update)

    @property
    def shares(self) -> BarShares:
        """The parts of the bar as they are painted now; on the way to others while it moves."""
        return self._shown

    @property
    def is_moving(self) -> bool:
        """Whether the bar is on its way to what was shown last."""
        return self._animation.state() is QVariantAnimation.State.Running

    @property
    def legend(self) -> str:
        """The words below the bar."""
        items = [f"{item.word} {item.figure}".strip() for item in self._items()]
        return " · ".join(items) + (" … " if items else "") + taken_of_free(self._memory, self._budget)

    def show_memory(self, memory: DeviceMemory, budget: MemoryBudget) -> None:
        """Show what a model takes (nothing: all 0) of a device that has this budget."""
        self._memory, self._budget = memory, budget
        self.setAccessibleName(in_a_sentence(memory, budget))
        self.setToolTip(exact_figures(memory, budget))
        self._move_to(shares_of(memory, budget))
        self._has_shown = True
        self.updateGeometry()
        self.update()

    def _move_to(self, wanted: BarShares) -> None:
        self._animation.stop()
        moves = self._has_shown and self.isVisible() and not self._motion.is_reduced
        self._from, self._to = (self._shown if moves else wanted), wanted
        if moves and self._from != wanted:
            self._animation.start()
        else:
            self._shown = wanted

    def _on_moved(self, progress: float) -> None:
        pairs = zip(astuple(self._from), astuple(self._to), strict=True)
        self._shown = BarShares(*(before + (after - before) * progress for before, after in pairs))
        self.update()

    def _items(self) -> list[_Item]:
        memory, tokens = self._memory, self._appearance.tokens
        accent, softer, softest = accent_steps(tokens)
        taken, others, over = memory.total_bytes, held_by_others(self._budget), excess(memory, self._budget)
        items = []
        if taken > 0:
            items += [
                _Item("weights", short_amount(memory.weights_bytes, taken), accent),
                _Item("KV cache", short_amount(memory.kv_cache_bytes, taken), softer),
                _Item("compute", short_amount(memory.compute_bytes, taken), softest),
            ]
        if over:
            items.append(_Item("too much", short_amount(over, taken), tokens.bad))
        if others >= _NAMED_FROM:
            is_like_the_rest = (others >= GB) == (taken >= GB)  # else its figure needs a unit
            figure = short_amount(others, others) if is_like_the_rest or not taken else amount(others)
            items.append(_Item("in use", figure, tokens.line))
        return items

    def _rows(self, width: float) -> list[list[_Item]]:
        """The legend's entries line by line; the last line ends in what is taken of what is free."""
        rows: list[list[_Item]] = [[]]
        filled = 0.0
        for item in self._items():
            wide = _item_width(item) + _GAP
            if rows[-1] and filled + wide - _GAP > width:
                rows.append([])
                filled = 0.0
            rows[-1].append(item)
            filled += wide
        if rows[-1] and filled + _width(taken_of_free(self._memory, self._budget), _figure_font()) > width:
            rows.append([])
        return rows

    def _paint_bar(self, painter: QPainter) -> None:
        tokens, shown = self._appearance.tokens, self._shown
        bar = QRectF(0, _MARK, self.width(), BAR_HEIGHT)
        whole = QPainterPath()
        whole.addRoundedRect(bar, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
        painter.fillPath(whole, QColor(tokens.sunken))
        ends = (shown.weights, shown.weights + shown.kv_cache, shown.weights + shown.kv_cache + shown.compute)
        begin = 0.0
        for end, colour in zip(ends, accent_steps(tokens), strict=True):
            self._paint_part(painter, whole, begin, min(end, shown.limit), colour)
            begin = end
        self._paint_part(painter, whole, min(shown.limit, ends[-1]), ends[-1], tokens.bad)
        self._paint_part(painter, whole, 1 - shown.others, 1.0, tokens.line)
        if shown.limit < ends[-1]:
            left = max(0.0, self._on_pixel(shown.limit) - 1)
            painter.fillRect(QRectF(left, 0, 2, BAR_HEIGHT + 2 * _MARK), QColor(tokens.text))

    def _paint_part(self, painter: QPainter, whole: QPainterPath, begin: float, end: float, colour: str) -> None:
        left, right = self._on_pixel(begin), self._on_pixel(end)
        if right > left:
            part = QPainterPath()
            part.addRect(QRectF(left, _MARK, right - left, BAR_HEIGHT))
            painter.fillPath(whole.intersected(part), QColor(colour))

    def _on_pixel(self, share: float) -> float:
        """Where a part of the bar ends, on the border of one of the screen's own pixels."""
        ratio = self.devicePixelRatioF()
        return round(min(1.0, max(0.0, share)) * self.width() * ratio) / ratio

    def _paint_legend(self, painter: QPainter) -> None:
        tokens = self._appearance.tokens
        top = float(BAR_HEIGHT + 2 * _MARK + 2)
        for row in self._rows(self.width()):
            left = 0.0
            for item in row:
                left = _paint_item(painter, item, left, top, tokens) + _GAP
            top += _LINE
        is_over = excess(self._memory, self._budget) > 0
        painter.setPen(QColor(tokens.bad if is_over else tokens.text_2))
        painter.setFont(_figure_font())
        last = QRectF(0, top - _LINE, self.width(), _LINE)
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(last, align, taken_of_free(self._memory, self._budget))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return BAR_HEIGHT + 2 * _MARK + 2 + _LINE * len(self._rows(width))

    def sizeHint(self) -> QSize:
        return QSize(420, self.heightForWidth(420))

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_WIDTH, BAR_HEIGHT + 2 * _MARK + 2 + _LINE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bar(painter)
        self._paint_legend(painter)


def shares_of(memory: DeviceMemory, budget: MemoryBudget) -> BarShares:
    """The parts of a bar that is as long as the device's memory, or as what the model and others take where more."""
    others = held_by_others(budget)
    whole = max(budget.total_bytes, memory.total_bytes + others)
    if whole <= 0:
        return BarShares(0, 0, 0, 2, 0)
    return BarShares(
        weights=memory.weights_bytes / whole,
        kv_cache=memory.kv_cache_bytes / whole,
        compute=memory.compute_bytes / whole,
        limit=budget.usable_bytes / whole if budget.total_bytes > 0 else 2,
        others=others / whole,
    )


def accent_steps(tokens: Tokens) -> tuple[str, str, str]:
    """The accent and two softer steps of it, for weights, KV cache and compute."""
    return tokens.accent, _mixed(tokens.accent, tokens.surface, 0.42), _mixed(tokens.accent, tokens.surface, 0.67)


def _mixed(colour: str, other: str, share: float) -> str:
    one, two = QColor(colour), QColor(other)
    channels = zip((one.red(), one.green(), one.blue()), (two.red(), two.green(), two.blue()), strict=True)
    return QColor(*(round(a + (b - a) * share) for a, b in channels)).name()


def _word_font() -> QFont:
    return text_font(_PIXELS)


def _figure_font() -> QFont:
    return code_font(_PIXELS)


def _width(text: str, font: QFont) -> float:
    return QFontMetricsF(font).horizontalAdvance(text)


def _item_width(item: _Item) -> float:
    return _SWATCH + 5 + _width(item.word, _word_font()) + 5 + _width(item.figure, _figure_font())


def _paint_item(painter: QPainter, item: _Item, left: float, top: float, tokens: Tokens) -> float:
    """Paint one entry of the legend, and return where it ends."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(item.colour))
    painter.drawRoundedRect(QRectF(QPointF(left, top + (_LINE - _SWATCH) / 2), QSize(_SWATCH, _SWATCH)), 2, 2)
    painter.setPen(QColor(tokens.text_2))
    left += _SWATCH + 5
    for text, font in ((item.word, _word_font()), (item.figure, _figure_font())):
        painter.setFont(font)
        width = _width(text, font)
        painter.drawText(QRectF(left, top, width + 1, _LINE), Qt.AlignmentFlag.AlignVCenter, text)
        left += width + 5
    return left - 5
