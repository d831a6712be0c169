"""Icons: one family of SVG outlines, tinted with a colour and drawn sharp at every device pixel ratio."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

APPLICATION_ICON = "inglenook"
ICON_PIXELS = 16
_RATIOS = (1, 2, 3)


def tinted_icon(resources: Path, name: str, colour: str, ember: str, size: int = ICON_PIXELS) -> QIcon:
    """The icon `name` of resources/icons in `colour`, for a size in logical pixels.

    `ember` is the colour of the flame in the brand's mark, the one drawing of two colours.
    """
    source = (resources / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    tinted = source.replace("currentColor", colour).replace('"ember"', f'"{ember}"')
    return _icon(tinted.encode(), [size * ratio for ratio in _RATIOS])


def application_icon(resources: Path) -> QIcon:
    """The icon of the window and the task bar."""
    source = (resources / "icons" / f"{APPLICATION_ICON}.svg").read_bytes()
    return _icon(source, [16, 32, 48, 64, 128, 256])


def _icon(source: bytes, pixel_sizes: list[int]) -> QIcon:
    # Pixmaps of several sizes rather than an icon engine of our own: Qt picks by size and pixel ratio, and an engine
    # written in Python could be collected while Qt still holds it.
    renderer = QSvgRenderer(QByteArray(source))
    icon = QIcon()
    for pixels in pixel_sizes:
        pixmap = QPixmap(pixels, pixels)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter, QRectF(0, 0, pixels, pixels))
        painter.end()
        icon.addPixmap(pixmap)
    return icon
