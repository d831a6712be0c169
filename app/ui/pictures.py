"""Pictures of widgets as they look on screen, at any pixel ratio."""

from pathlib import Path

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

RATIOS = (1, 2)


def picture(widget: QWidget, ratio: int) -> QPixmap:
    """The widget painted anew with `ratio` device pixels for each logical one."""
    pixmap = QPixmap(widget.size() * ratio)
    pixmap.setDevicePixelRatio(ratio)
    widget.render(pixmap)
    return pixmap


def save_pictures(widget: QWidget, folder: Path, name: str) -> list[Path]:
    """Write `name`.png and `name`@2x.png, as Qt names them; the paths that could be written."""
    paths = [(ratio, folder / (f"{name}.png" if ratio == 1 else f"{name}@{ratio}x.png")) for ratio in RATIOS]
    return [path for ratio, path in paths if picture(widget, ratio).save(str(path))]
