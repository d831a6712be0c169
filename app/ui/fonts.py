"""The two bundled type families, and the fonts that the window writes with."""

import logging
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

_log = logging.getLogger(__name__)

TEXT_FAMILY = "Inter"
CODE_FAMILY = "JetBrains Mono"
TEXT_PIXELS = 14
LINE_PIXELS = 22
CODE_PIXELS = 12
CODE_LINE_PIXELS = 19


def load_fonts(resources: Path) -> None:
    """Make the families known to Qt; a file that cannot be read leaves the system's own fonts in its place."""
    if {TEXT_FAMILY, CODE_FAMILY} <= set(QFontDatabase.families()):
        return
    for file in sorted((resources / "fonts").iterdir()):
        if QFontDatabase.addApplicationFont(str(file)) < 0:
            _log.warning("the font %s cannot be read", file)


def text_font(pixels: int = TEXT_PIXELS, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Inter at a size in logical pixels."""
    return _font([TEXT_FAMILY, "sans-serif"], pixels, weight)


def code_font(pixels: int = CODE_PIXELS, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """JetBrains Mono at a size in logical pixels."""
    font = _font([CODE_FAMILY, "monospace"], pixels, weight)
    font.setFixedPitch(True)
    return font


def _font(families: list[str], pixels: int, weight: QFont.Weight) -> QFont:
    font = QFont(families)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    # Without hinting, letters keep their own widths at every size and pixel ratio, as in the design.
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font
