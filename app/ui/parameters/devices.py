"""The devices that a model can run on: a quiet line for each, and a choice of the GPUs among them."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.core.declared import Declaration
from app.core.machine import BackendNote, Device, DeviceKind
from app.core.model import Backend
from app.core.quantities import gigabytes
from app.ui.choices import words_of
from app.ui.parameters.editors import Editor
from app.ui.parameters.fields import ChoiceBox

_GPUS = (DeviceKind.GPU, DeviceKind.INTEGRATED_GPU)


def devices_in_words(devices: Sequence[Device]) -> str:
    """A line for each device: its name, what it is, and its memory."""
    return "\n".join(
        f"{_title(device)}, {gigabytes(device.total_bytes)} of memory, {gigabytes(device.free_bytes)} free"
        for device in devices
    )


def gpus_among(devices: Sequence[Device]) -> tuple[Device, ...]:
    """Those of which one can be the main device."""
    return tuple(device for device in devices if device.kind in _GPUS)


class DeviceEditor(Editor):
    """One of the GPUs by its name, or empty for all of them; a stored name that is not found stays as it is."""

    def __init__(self, declaration: Declaration, gpus: Sequence[Device], parent: QWidget | None = None) -> None:
        super().__init__(declaration, parent)
        self.box = ChoiceBox(self)
        self.box.addItem("All GPUs", "")
        for gpu in gpus:
            self.box.addItem(_title(gpu), gpu.name)
        self.hold(self.box)
        self.box.currentIndexChanged.connect(self.changed)

    def value(self) -> str:
        """The name; empty for all of them."""
        return str(self.box.currentData())

    def show_value(self, value: str) -> None:
        """Choose another."""
        if self.box.findData(value) < 0:
            self.box.addItem(f"{value} (not found)", value)
        self.box.setCurrentIndex(self.box.findData(value))


class BackendEditor(Editor):
    """What computes the model: auto, the processor, or a backend that reaches one of `gpus`, or that is shown later."""

    def __init__(self, declaration: Declaration, gpus: Sequence[Device], parent: QWidget | None = None) -> None:
        super().__init__(declaration, parent)
        self.box = ChoiceBox(self)
        for choice in (Backend.AUTO, Backend.CPU):
            self._add(choice)
        for gpu in gpus:
            self._add_named(gpu.backend)
        self.hold(self.box)
        self.box.currentIndexChanged.connect(self.changed)

    def value(self) -> Backend:
        """The chosen one."""
        return Backend(self.box.currentData())

    def show_value(self, value: Backend) -> None:
        """Choose another; one that is not found here stays as it is."""
        self._add(value, words_of(value) + " (not found)")
        self.box.setCurrentIndex(self.box.findData(value.value))

    def show_notes(self, notes: Sequence[BackendNote]) -> None:
        """Offer what else can be chosen on this computer, and say of each backend why it is used or not."""
        for note in notes:
            if note.can_be_chosen:
                self._add_named(note.name)
        if notes:
            self.box.setToolTip("\n".join(note.words for note in notes))

    def _add_named(self, name: str) -> None:
        choice = next((choice for choice in Backend if choice.value == name.lower()), None)
        if choice is not None:
            self._add(choice)

    def _add(self, choice: Backend, words: str = "") -> None:
        place = self.box.findData(choice.value)
        if place < 0:
            self.box.addItem(words or words_of(choice), choice.value)
        elif not words:
            self.box.setItemText(place, words_of(choice))


def _title(device: Device) -> str:
    return f"{device.name}: {device.description}" if device.description else device.name
