"""What a load will take: a bar for each device, the verdict, the expected speed, why, and what helps."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.memory import DeviceMemory, MemoryBudget
from app.core.model import LoadParameters
from app.core.plan import LoadPlan, Remedy, RemedyKind, Verdict
from app.ui.labels import text_label
from app.ui.memory_bar import MemoryBar
from app.ui.plan_words import speed_explanation, speed_words, verdict_kind, verdict_words
from app.ui.theme import Appearance

_PROCESSOR = "CPU"
_WAITING = "Working out what this takes…"


class DeviceRow(QWidget):
    """One device: what people call it, and its bar."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = text_label("", "small", self)
        self.bar = MemoryBar(appearance, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.title)
        column.addWidget(self.bar)

    def show_memory(self, memory: DeviceMemory, budget: MemoryBudget) -> None:
        """Show what a model takes of the device."""
        self.title.setText(budget.title or memory.device)
        self.bar.show_memory(memory, budget)


class DeviceRows(QWidget):
    """A row for each device that has a part of the model; one that is there already moves to its new figures."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._rows: dict[str, DeviceRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    @property
    def rows(self) -> list[DeviceRow]:
        """Those that are shown, from the top."""
        last = self._rows.get(_PROCESSOR)
        return [row for row in sorted(self._rows.values(), key=lambda row: row is last) if row.isVisibleTo(self)]

    def show_memory(self, devices: Sequence[DeviceMemory], budgets: Sequence[MemoryBudget]) -> None:
        """Show what a model takes of each of `devices`; those of which it takes nothing are left out."""
        by_device = {budget.device: budget for budget in budgets}
        shown = [device for device in devices if device.total_bytes > 0]
        for name, row in self._rows.items():
            row.setVisible(any(device.device == name for device in shown))
        for device in shown:
            if device.device not in self._rows:
                self._add(device.device)
            unknown = MemoryBudget(device.device, device.device, 0, 0, 0)
            self._rows[device.device].show_memory(device, by_device.get(device.device, unknown))
        self.setVisible(bool(shown))

    def _add(self, device: str) -> None:
        """Put a row in its place: the processor's is the last."""
        place = len(self._rows) - (_PROCESSOR in self._rows) if device != _PROCESSOR else len(self._rows)
        self._rows[device] = DeviceRow(self._appearance, self)
        self._column.insertWidget(place, self._rows[device])


class LoadPlanView(QFrame):
    """A card that follows the form. It never grows smaller, so that what is below it stays where it is."""

    remedy_chosen = Signal(Remedy)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("PlanCard")
        self.setAccessibleName("What this load takes")
        self.verdict = text_label("", "verdict-none", self)
        self.speed = text_label("", "figure-strong", self)
        self.advised = text_label("as advised for this computer", "small", self)
        self.reason = text_label("", "small", self, wraps=True)
        self.devices = DeviceRows(appearance, self)
        self.outcome = text_label("", "small", self, wraps=True)
        self.remedies: list[QPushButton] = []
        self._remedy_row = QHBoxLayout()
        self._remedy_row.setSpacing(8)
        self._remedy_row.addStretch()
        self._lay_out()
        self.show_waiting()
        self.show_outcome("")

    @property
    def words(self) -> str:
        """The verdict, the speed and the reason, as they stand."""
        labels = (self.verdict, self.speed, self.reason)
        return " ".join(label.text() for label in labels if label.isVisibleTo(self))

    def show_waiting(self) -> None:
        """Say that the plan is being made."""
        self._show_sentence(_WAITING)

    def show_unknown(self, why: str) -> None:
        """Say that nothing can be planned, and why."""
        self._show_sentence(f"Cannot tell: {why}")

    def show_outcome(self, words: str) -> None:
        """Say what came of the load before; empty hides it."""
        self.outcome.setText(words)
        self.outcome.setVisible(bool(words))

    def show_plan(self, plan: LoadPlan, parameters: LoadParameters, is_advised: bool) -> None:
        """Show what a load with `parameters` takes; `is_advised`: they are what the plan advises."""
        if plan.verdict is Verdict.UNKNOWN:
            self.show_unknown(plan.reason or "the file or this computer does not say enough.")
            self.devices.show_memory(plan.memory.devices, plan.budgets)
            return
        _restyle(self.verdict, verdict_kind(plan.verdict, plan.fits))
        self.verdict.setText(verdict_words(plan, parameters.context_length, parameters.gpu_layers))
        self.speed.setText(speed_words(plan.writing) or "speed not known")
        self.speed.setToolTip(speed_explanation(plan.writing))
        self.reason.setText(plan.reason)
        self.verdict.show()
        self.speed.show()
        self.reason.setVisible(bool(plan.reason))
        self.advised.setVisible(is_advised)
        self.devices.show_memory(plan.memory.devices, plan.budgets)
        self._show_remedies([remedy for remedy in plan.remedies if remedy.kind is not RemedyKind.SMALLER_PRECISION])
        self.setAccessibleDescription(self.words)

    def _show_sentence(self, sentence: str) -> None:
        for widget in (self.verdict, self.speed, self.advised, self.devices):
            widget.hide()
        self._show_remedies([])
        self.reason.setText(sentence)
        self.reason.show()
        self.setAccessibleDescription(sentence)

    def _show_remedies(self, remedies: Sequence[Remedy]) -> None:
        for button in self.remedies:
            self._remedy_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.remedies = [self._remedy_button(remedy) for remedy in remedies]
        for place, button in enumerate(self.remedies):
            self._remedy_row.insertWidget(place, button)

    def _remedy_button(self, remedy: Remedy) -> QPushButton:
        button = QPushButton(remedy.words, self)
        button.setProperty("kind", "remedy")
        button.setAutoDefault(False)
        button.setToolTip(f"{remedy.words}: changes the values below")
        button.clicked.connect(lambda: self.remedy_chosen.emit(remedy))
        return button

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.verdict)
        line.addWidget(self.speed)
        line.addStretch()
        line.addWidget(self.advised)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self.reason)
        column.addWidget(self.devices)
        column.addLayout(self._remedy_row)
        column.addWidget(self.outcome)
        column.addStretch()
        column.setAlignment(Qt.AlignmentFlag.AlignTop)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest and self.isVisible():
            self.setMinimumHeight(max(self.minimumHeight(), self.heightForWidth(self.width())))
        return handled


def _restyle(label: QLabel, kind: str) -> None:
    if label.property("kind") != kind:
        label.setProperty("kind", kind)
        label.style().polish(label)
