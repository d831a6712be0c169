"""On what a speed report was measured: the model, the machine and the engine, each in a line."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.core.speed import SpeedReport
from app.core.speed_wording import engine_words, machine_words, model_words


class ReportFacts(QWidget):
    """Hidden while there is no report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        self._values: list[QLabel] = []
        for row, name in enumerate(("Model", "Machine", "Engine")):
            caption, value = QLabel(name, self), QLabel(self)
            caption.setProperty("kind", "tiny")
            value.setProperty("kind", "small")
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(caption, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
            self._values.append(value)
        self.hide()

    @property
    def words(self) -> list[str]:
        """The lines."""
        return [value.text() for value in self._values]

    def show_report(self, report: SpeedReport | None) -> None:
        """Show what this report was measured on; None hides it."""
        self.setVisible(report is not None)
        if report is not None:
            lines = (model_words(report.model), machine_words(report.machine), engine_words(report.engine))
            for value, line in zip(self._values, lines, strict=True):
                value.setText(line)
