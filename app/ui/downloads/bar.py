"""A bar that shows how much of a download is there."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from app.core.download import DownloadState
from app.ui.theme import Appearance

_STEPS = 10_000


class DownloadBar(QProgressBar):
    """In the accent's colour while it grows, in a quiet one while it rests; `height` is in logical pixels."""

    def __init__(self, appearance: Appearance, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._state = DownloadState.WAITING
        self.setRange(0, _STEPS)
        self.setTextVisible(False)
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self.update)

    def show_fraction(self, done: float, state: DownloadState) -> None:
        """Show a part of the whole, from 0 to 1."""
        self.setValue(int(done * _STEPS))
        if state is not self._state:
            self._state = state
            self.update()

    def _colour(self) -> QColor:
        tokens = self._appearance.tokens
        by_state = {DownloadState.RUNNING: tokens.accent, DownloadState.FAILED: tokens.bad}
        return QColor(by_state.get(self._state, tokens.text_3))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.maximumHeight())

    def sizeHint(self) -> QSize:
        return QSize(160, self.maximumHeight())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = QPainterPath()
        whole = QRectF(self.rect())
        ground.addRoundedRect(whole, whole.height() / 2, whole.height() / 2)
        painter.fillPath(ground, QColor(self._appearance.tokens.sunken))
        painter.setClipPath(ground)
        whole.setWidth(whole.width() * self.value() / _STEPS)
        painter.fillRect(whole, self._colour())
