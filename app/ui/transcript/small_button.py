"""The small words on the page that are buttons: as wide as the word and the room between two of them."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from app.ui.transcript.blocks.painted import Look

WORDS_PIXELS = 11
HEIGHT = 20
_FOLD_PIXELS = 12
BETWEEN = 13  # pixels of the design between the words of two buttons that stand side by side


class SmallButton(QToolButton):
    """A word without a frame; `kind` is small or act. Half of `between` stands at either side of the word.

    It keeps the width of its first word when another takes its place for a moment, and follows the style sheet's size.
    """

    def __init__(
        self, word: str, name: str, parent: QWidget | None = None, *, kind: str = "small", between: int = BETWEEN
    ) -> None:
        super().__init__(parent)
        self._word = word
        self._between = between
        self.setText(word)
        self.setProperty("kind", kind)
        self.setProperty("tight", True)
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._fit()

    def _fit(self) -> None:
        self.ensurePolished()
        pixels = self.font().pixelSize()
        between = round(self._between * pixels / WORDS_PIXELS)
        self.setFixedSize(
            round(self.fontMetrics().horizontalAdvance(self._word)) + between, round(HEIGHT * pixels / WORDS_PIXELS)
        )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()


def zoomed_style_sheet(look: Look) -> str:
    """What makes the small widgets on the page as large as its text; empty at the design's own size."""
    if look.zoom == 1.0:
        return ""
    kinds = [f'QToolButton[kind="{kind}"]' for kind in ("small", "act")]
    kinds += [f'QLabel[kind="{kind}"]' for kind in ("figures", "tiny", "label")]
    return (
        f"{', '.join(kinds)} {{ font-size: {look.pixels(WORDS_PIXELS)}px; }}"
        f"#FoldButton {{ font-size: {look.pixels(_FOLD_PIXELS)}px; }}"
    )
