"""Draws what stands around code and tables: the rounded box, and the bar for scrolling sideways."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.ui.tokens import Tokens


def paint_box(painter: QPainter, area: QRectF, visible: QRectF, tokens: Tokens) -> None:
    """A rounded box with a hairline around it, of which only what is near `visible` is drawn: it may be very high."""
    # Where the box is cut off, its corners lie out of view.
    beyond = 4.0 * tokens.r_m
    seen = area.intersected(QRectF(area.left(), visible.top() - beyond, area.width(), visible.height() + 2 * beyond))
    if seen.isEmpty():
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens.line), 1))
    painter.setBrush(QColor(tokens.code))
    painter.drawRoundedRect(seen.adjusted(0.5, 0.5, -0.5, -0.5), tokens.r_m - 0.5, tokens.r_m - 0.5)
    painter.restore()


def paint_sideways_bar(painter: QPainter, handle: QRectF, tokens: Tokens) -> None:
    """The handle of a bar; nothing for an empty one."""
    if handle.isEmpty():
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.line))
    painter.drawRoundedRect(handle, handle.height() / 2, handle.height() / 2)
    painter.restore()
