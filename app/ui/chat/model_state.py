"""The state of the model in use, and the dot that shows it."""

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.core.model import LoadStep
from app.ui.theme import Appearance


class ModelState(Enum):
    """How far the model has come."""

    NONE = auto()
    LOADING = auto()
    READY = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What the header says: `fraction` (0 to 1) of `step` while loading; `quantization` is empty while unknown."""

    state: ModelState
    name: str = ""
    quantization: str = ""
    fraction: float = 0.0
    step: LoadStep = LoadStep.LOADING

    @property
    def words(self) -> str:
        """The state in words; empty for no model and for one that is ready."""
        if self.state is ModelState.FAILED:
            return "could not be loaded"
        if self.state is not ModelState.LOADING:
            return ""
        if self.step is LoadStep.TRYING:
            return "trying it out"
        return f"{'checking the file' if self.step is LoadStep.CHECKING else 'loading'} {self.fraction:.0%}"


class StateDot(QWidget):
    """A dot: grey without a model, amber while one loads, green when it is ready, red when it failed."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.state = ModelState.NONE
        self.setFixedSize(8, 8)

    def colour(self) -> str:
        """The colour of the state in the theme in use."""
        tokens = self._appearance.tokens
        return {
            ModelState.NONE: tokens.text_3,
            ModelState.LOADING: tokens.warn,
            ModelState.READY: tokens.good,
            ModelState.FAILED: tokens.bad,
        }[self.state]

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colour()))
        painter.drawEllipse(self.rect())
