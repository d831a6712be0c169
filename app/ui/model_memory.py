"""What the model in use takes of this computer: a bar for each device, and planned against actual."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.fitting import Fitting, fitting_words
from app.ui.labels import text_label
from app.ui.parameters.load_plan import DeviceRows
from app.ui.theme import Appearance


class ModelMemoryView(QWidget):
    """Shows what was taken; where the engine does not tell, what was planned."""

    def __init__(self, fitting: Fitting, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.devices = DeviceRows(appearance, self)
        self.line = text_label(fitting_words(fitting), "small", self, wraps=True)
        self.warnings = [text_label(warning, "small", self, wraps=True) for warning in fitting.warnings]
        planned = fitting.planned
        memory = fitting.actual or (planned.memory if planned is not None else None)
        self.devices.show_memory(memory.devices if memory else (), planned.budgets if planned else ())
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 4, 2, 0)
        column.setSpacing(8)
        column.addWidget(self.devices)
        column.addWidget(self.line)
        self.line.setVisible(bool(self.line.text()))
        for warning in self.warnings:
            column.addWidget(warning)
        column.addStretch()
