"""The line in the chats' sidebar that tells of what is being downloaded; a press shows the page of downloads."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.core.download import DownloadProgress
from app.core.wording import counted
from app.ui.downloads.words import percent_words, status_words
from app.ui.fonts import code_font, text_font
from app.ui.theme import Appearance

_HEIGHT = 38
_INSET = 10
_BAR_HEIGHT = 3
_GAP = 8


class DownloadLine(QAbstractButton):
    """Hidden while nothing is fetched."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._fraction = 0.0
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self.update)
        self.hide()

    @property
    def percent(self) -> str:
        """How much of all is there."""
        return percent_words(self._fraction)

    def show_downloads(self, fetched: Sequence[DownloadProgress]) -> None:
        """Show what is fetched now: one by its name, several by their number."""
        if fetched:
            whole = sum(one.download.size_bytes for one in fetched)
            done = sum(one.download.done_bytes for one in fetched)
            self._fraction = min(done / whole, 1.0) if whole else 0.0
            self.setText(fetched[0].download.name if len(fetched) == 1 else counted(len(fetched), "download"))
            self.setAccessibleName(f"Downloading {self.text()}, {self.percent}")
            self.setToolTip("\n".join(f"{one.download.name}: {status_words(one)}" for one in fetched))
            self.update()
        self.setVisible(bool(fetched))

    def sizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = self._appearance.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.underMouse():
            painter.setBrush(QColor(tokens.sunken))
            painter.drawRoundedRect(self.rect(), tokens.r_s, tokens.r_s)
        inside = self.rect().adjusted(_INSET, 5, -_INSET, -9)
        painter.setFont(code_font(11))
        painter.setPen(QColor(tokens.text_2))
        painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.percent)
        inside.setRight(inside.right() - QFontMetrics(code_font(11)).horizontalAdvance(self.percent) - _GAP)
        font = text_font(12)
        painter.setFont(font)
        shown = QFontMetrics(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, inside.width())
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        bar = QRectF(_INSET, self.height() - 8, self.width() - 2 * _INSET, _BAR_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        for width, colour in ((1.0, tokens.line), (self._fraction, tokens.accent)):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(bar.x(), bar.y(), bar.width() * width, _BAR_HEIGHT), 1.5, 1.5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(tokens.accent))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), tokens.r_s, tokens.r_s)
