"""Says what a larger model needs, and opens a file that is already on this computer."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.quantities import file_size
from app.ui.labels import hairline, text_label


@dataclass(frozen=True, slots=True)
class ModelExample:
    """A published file. `memory` says what it needs at a context of 8,192 tokens, as far as that was measured."""

    name: str
    quantization: str
    size_bytes: int
    memory: str


# Sizes are those of the published files; the memory of the 24B model was measured with llama.cpp's own allocation plan
# (14.9 GiB, KV cache in f16). For the others only the lower bound is certain: the whole file is held in memory.
EXAMPLES = (
    ModelExample("Qwen3 4B Instruct 2507", "Q4_K_M", 2_497_281_120, "more than the file"),
    ModelExample("Qwen3 8B", "Q4_K_M", 5_027_783_488, "more than the file"),
    ModelExample("Mistral Small 3 24B", "Q4_K_M", 14_333_908_672, "about 15 GiB"),
)


class LargerModelDialog(QDialog):
    """An explanation, three examples, and a button that opens a file."""

    open_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Use a larger model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 18)
        column.setSpacing(12)
        column.addWidget(text_label("Use a larger model", "title"))
        column.addWidget(
            text_label(
                "The included model is tiny, so that it starts at once on every computer. It often gets facts wrong. "
                "A larger one knows more and needs more memory and time for each word.",
                wraps=True,
            )
        )
        column.addWidget(
            text_label(
                "Inglenook opens any GGUF file that is on this computer. It does not download models yet: get the file "
                "with your browser, then open it here.",
                wraps=True,
            )
        )
        column.addLayout(_examples())
        column.addWidget(
            text_label(
                "GB is 10⁹ bytes, GiB is 2³⁰. A model that does not fit into memory is very slow or does not load.",
                "small",
                wraps=True,
            )
        )
        column.addSpacing(6)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        close = QPushButton("Close", self)
        close.clicked.connect(self.reject)
        self.open_button = QPushButton("Open a model file…", self)
        self.open_button.setProperty("kind", "go")
        self.open_button.setToolTip("Choose a GGUF file on this computer")
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self._on_open_clicked)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(close)
        row.addWidget(self.open_button)
        return row

    def _on_open_clicked(self) -> None:
        self.accept()
        self.open_requested.emit()


def _examples() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(7)
    grid.setColumnStretch(0, 1)
    for place, title in enumerate(("For example", "Precision", "File", "Memory, 8k context")):
        grid.addWidget(text_label(title, "tiny"), 0, place)
    for number, example in enumerate(EXAMPLES):
        row = 2 * number + 1
        grid.addWidget(hairline(), row, 0, 1, 4)
        cells = (example.name, example.quantization, file_size(example.size_bytes), example.memory)
        for place, text in enumerate(cells):
            grid.addWidget(text_label(text, "strong" if place == 0 else "quiet"), row + 1, place)
    return grid
