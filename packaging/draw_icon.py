"""Draws an SVG at one size and writes bare RGBA bytes; run by the environment's Python, which has Qt."""

import sys
from pathlib import Path


def draw(svg: Path, pixels: int, margin: float) -> bytes:
    """The picture as rows of straight RGBA, `pixels` wide and high; `margin` is the empty part of each side, 0 to 1."""
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(svg))
    if not renderer.isValid():
        raise SystemExit(f"{svg} is no SVG that Qt can draw.")
    image = QImage(pixels, pixels, QImage.Format.Format_RGBA8888_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = pixels * margin
    renderer.render(painter, QRectF(edge, edge, pixels - 2 * edge, pixels - 2 * edge))
    painter.end()
    straight = image.convertToFormat(QImage.Format.Format_RGBA8888)  # a name, because its bits live as long as it does
    return bytes(straight.constBits())


if __name__ == "__main__":
    picture, folder, margins, *sizes = sys.argv[1:]
    for size in sizes:
        (Path(folder) / f"{size}.rgba").write_bytes(draw(Path(picture), int(size), float(margins)))
