"""The card at the top of the library: what this computer is, and what a chosen file would take of its memory."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from app.core.machine import Device, Machine
from app.core.memory import DeviceMemory, MemoryBudget
from app.core.plan import FilePlan, ModelPlan
from app.core.plan_wording import context_words
from app.ui.elided_label import ElidedLabel
from app.ui.labels import text_label
from app.ui.library.plan_choices import PlanChoices
from app.ui.library.words import device_facts, uses_words
from app.ui.memory_bar import MemoryBar
from app.ui.theme import Appearance

_TITLES_WIDTH = 216


class DeviceView(QWidget):
    """One device: its name and facts, and its memory as a bar."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self.title.setProperty("kind", "strong")
        self.facts = text_label("", "small", self, wraps=True)
        self.uses = text_label("", "small", self, wraps=True)
        self.caption = ElidedLabel(self, Qt.TextElideMode.ElideMiddle)
        self.caption.setProperty("kind", "tiny")
        self.caption.hide()
        self.bar = MemoryBar(appearance, self)
        self._titles = QWidget(self)
        titles = QVBoxLayout(self._titles)
        titles.setContentsMargins(0, 0, 0, 0)
        titles.setSpacing(1)
        for label in (self.title, self.facts, self.uses):
            titles.addWidget(label)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self._titles, 0, Qt.AlignmentFlag.AlignVCenter)
        taken = QVBoxLayout()
        taken.setSpacing(2)
        taken.addStretch()
        taken.addWidget(self.caption)
        taken.addWidget(self.bar)
        taken.addStretch()
        self._box.addLayout(taken, 1)
        self.set_narrow(False)

    def set_narrow(self, narrow: bool) -> None:
        """Put the bar below the titles instead of beside them."""
        self._box.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._box.setSpacing(6 if narrow else 20)
        if narrow:
            self._titles.setMinimumWidth(0)
            self._titles.setMaximumWidth(16777215)
        else:
            self._titles.setFixedWidth(_TITLES_WIDTH)

    def show_device(self, device: Device, machine: Machine, budget: MemoryBudget | None) -> None:
        """Show what it is; its title is that of the budget, which is what people call it."""
        self.title.show_text((budget.title if budget else "") or device.description or device.name)
        self.facts.setText(device_facts(device, machine))
        self.facts.setToolTip("\n".join(filter(None, (device.bandwidth_source, machine.ram_limit))))
        self.uses.setText(uses_words(machine, device.name))
        self.uses.setVisible(bool(self.uses.text()))


class MachineCard(QFrame):
    """A bar for each GPU, or for the processor's memory where there is none."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._machine: Machine | None = None
        self._budgets: tuple[MemoryBudget, ...] = ()
        self._is_narrow = False
        self.views: dict[str, DeviceView] = {}
        self.setObjectName("MachineCard")
        self.doubts = text_label("", "warning", self, wraps=True)
        self.doubts.hide()
        self.backends = text_label("", "small", self, wraps=True)
        self.backends.hide()
        self.choices = PlanChoices(self)
        self._devices = QVBoxLayout()
        self._devices.setSpacing(12)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addLayout(self._devices)
        left.addWidget(self.backends)
        left.addWidget(self.doubts)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(17, 13, 17, 13)
        self._box.setSpacing(20)
        self._box.addLayout(left, 1)
        self._box.addWidget(self.choices, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_narrow(self, narrow: bool) -> None:
        """Put everything one below the other."""
        self._is_narrow = narrow
        self._box.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._box.setSpacing(10 if narrow else 20)
        self._box.setAlignment(self.choices, Qt.AlignmentFlag.AlignLeft if narrow else Qt.AlignmentFlag.AlignVCenter)
        self.choices.set_narrow(narrow)
        for view in self.views.values():
            view.set_narrow(narrow)

    def show_machine(self, machine: Machine, budgets: tuple[MemoryBudget, ...] = ()) -> None:
        """Show what the computer is and, as soon as that is known, how much of it a model may take."""
        if (machine, budgets) == (self._machine, self._budgets):
            return
        self._machine, self._budgets = machine, budgets
        devices = machine.gpus or tuple(filter(None, (machine.cpu,)))
        if list(self.views) != [device.name for device in devices]:
            self._make_views(devices)
        for device in devices:
            budget = self._budget(device.name)
            self.views[device.name].show_device(device, machine, budget)
            self.views[device.name].bar.setVisible(budget is not None)
        self.doubts.setText("\n".join(machine.doubts))
        self.doubts.setVisible(bool(machine.doubts))
        self._show_backends(machine)

    def _show_backends(self, machine: Machine) -> None:
        """Which backend computes on the GPU, or why none does; the rest is in the tooltip."""
        told = [machine.cpu.backend] if machine.cpu else []
        told += [
            note.name for note in machine.backends for doubt in machine.doubts if f"The {note.name} driver" in doubt
        ]
        self.backends.setText("\n".join(note.words for note in machine.backends if note.name not in told))
        self.backends.setToolTip("\n".join(note.words for note in machine.backends))
        self.backends.setVisible(bool(self.backends.text()))

    def show_file(self, model: ModelPlan | None, file: FilePlan | None) -> None:
        """Show what a file would take; None for none."""
        memory = file.memory if file else None
        for name, view in self.views.items():
            budget = self._budget(name)
            if budget is not None:
                view.bar.show_memory(memory.of(name) if memory else DeviceMemory(name, 0, 0, 0), budget)
            view.caption.show_text(_caption(model, file))
            view.caption.setVisible(name == next(iter(self.views)))  # said once is enough

    @property
    def caption(self) -> str:
        """Whose memory is shown."""
        return next((view.caption.text() for view in self.views.values()), "")

    def _budget(self, device: str) -> MemoryBudget | None:
        return next((budget for budget in self._budgets if budget.device == device), None)

    def _make_views(self, devices: tuple[Device, ...]) -> None:
        for view in self.views.values():
            self._devices.removeWidget(view)
            view.hide()
            view.deleteLater()
        self.views = {}
        for device in devices:
            view = DeviceView(self._appearance, self)
            view.set_narrow(self._is_narrow)
            self.views[device.name] = view
            self._devices.addWidget(view)


def _caption(model: ModelPlan | None, file: FilePlan | None) -> str:
    if model is None or file is None:
        return "No model is chosen"
    context = f" · {context_words(file.context_length)} context" if file.context_length else ""
    unknown = "" if file.memory else " · how much memory it takes is not known"
    return f"{model.name} · {file.file.quantization}{context}{unknown}"
