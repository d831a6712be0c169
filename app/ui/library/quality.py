"""How much of a model's quality a precision keeps: a bar and a word, with the figures where the pointer rests."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.plan import Quality
from app.ui.fonts import text_font
from app.ui.theme import Appearance

_BAR_WIDTH = 84
_BAR_HEIGHT = 8
_GAP = 9
_WELL_KEPT = 0.9  # below it the bar is amber
_NOT_KNOWN = "not known"


class QualityView(QWidget):
    """None is shown as not known, without a bar."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._quality: Quality | None = None
        self._font = text_font(11)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self.update)

    @property
    def words(self) -> str:
        """The word beside the bar."""
        return self._quality.word if self._quality else _NOT_KNOWN

    def show_quality(self, quality: Quality | None) -> None:
        """Show how much is kept."""
        self._quality = quality
        self.setToolTip(quality.figures if quality else "Nobody has measured what this precision loses.")
        self.setAccessibleName(f"Quality: {self.words}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        words = QFontMetrics(self._font).horizontalAdvance(self.words) + 2
        return QSize(_BAR_WIDTH + _GAP + words if self._quality else words, 18)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = self.rect()
        if self._quality is not None:
            self._paint_bar(painter, self._quality.share)
            inside.setLeft(_BAR_WIDTH + _GAP)
        painter.setPen(QColor(self._appearance.tokens.text_2))
        painter.setFont(self._font)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.words)

    def _paint_bar(self, painter: QPainter, share: float) -> None:
        tokens = self._appearance.tokens
        bar = QRectF(0, (self.height() - _BAR_HEIGHT) / 2, _BAR_WIDTH, _BAR_HEIGHT)
        whole = QPainterPath()
        whole.addRoundedRect(bar, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        painter.fillPath(whole, QColor(tokens.sunken))
        kept = QPainterPath()
        kept.addRect(bar.adjusted(0, 0, -bar.width() * (1 - min(1.0, max(0.0, share))), 0))
        painter.fillPath(whole.intersected(kept), QColor(tokens.good if share >= _WELL_KEPT else tokens.warn))
