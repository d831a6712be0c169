"""The dialog of the load parameters, which are fixed while a model is loaded: Apply loads it again."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.machine import Device
from app.core.model import LoadParameters
from app.ui.parameters.companions import AdaptersEditor, DraftModelEditor
from app.ui.parameters.devices import DeviceEditor, devices_in_words, gpus_among
from app.ui.parameters.dialog import ParameterDialog
from app.ui.parameters.form import EditorMaker, FormSection, ParameterForm, ParameterGroup, explained

GROUPS = (
    ParameterGroup(
        "Context and memory",
        ("context_length", "kv_cache_type", "full_sliding_window", "mmap", "mlock"),
    ),
    ParameterGroup(
        "Processor and GPU",
        ("threads", "batch_tokens", "flash_attention", "speculation", "gpu_layers", "main_device", "device_split"),
    ),
    ParameterGroup("RoPE", ("rope_scaling", "rope_frequency_base", "rope_frequency_scale")),
)


class LoadingDialog(ParameterDialog):
    """`parameters_chosen` carries what stands in the form when Apply is pressed; `devices` are what it can run on."""

    parameters_chosen = Signal(LoadParameters)

    def __init__(
        self,
        name: str,
        asked: LoadParameters,
        outcome: LoadParameters | None = None,
        parent: QWidget | None = None,
        *,
        devices: Sequence[Device] = (),
    ) -> None:
        super().__init__(
            f"Loading {name}",
            "How the model is loaded. Apply loads it again; your conversations stay as they are.",
            "Apply and load again",
            parent,
        )
        self._asked = asked
        self.form = _form(devices, self.body)
        self.form.show_values(asked, outcome)
        self.adapters = AdaptersEditor(self.body)
        self.adapters.show_value(asked.adapters)
        self.draft = DraftModelEditor(self.body)
        self.draft.show_value(asked.draft_model)
        self.defaults_button = self.add_left_button("Back to defaults")
        self.defaults_button.clicked.connect(self._on_defaults_clicked)
        self.content.addWidget(self.form)
        self.content.addLayout(
            _section(
                "LoRA adapters",
                "Files that change how the model writes, each with a scale.",
                self.adapters,
            )
        )
        self.content.addLayout(
            _section(
                "Draft model",
                "A smaller model of the same vocabulary that drafts tokens ahead; the answer stays the same.",
                self.draft,
            )
        )
        self.content.addStretch()
        self.form.focus_first()

    def apply(self) -> None:
        """Send off the parameters; raises InvalidParameterError."""
        chosen = replace(self._asked, **self.form.values(), adapters=self.adapters.value, draft_model=self.draft.value)
        self.parameters_chosen.emit(chosen)

    def _on_defaults_clicked(self) -> None:
        defaults = LoadParameters(self._asked.path)
        self.form.show_values(defaults)
        self.adapters.show_value(defaults.adapters)
        self.draft.show_value(defaults.draft_model)
        self.show_problem("")


def _form(devices: Sequence[Device], parent: QWidget) -> ParameterForm:
    """The form for a computer with these devices: without a GPU, the main device can only be written."""
    groups = [replace(g, note=devices_in_words(devices)) if "threads" in g.names else g for g in GROUPS]
    gpus = gpus_among(devices)
    own: dict[str, EditorMaker] = {"main_device": lambda declared: DeviceEditor(declared, gpus)} if gpus else {}
    return ParameterForm(LoadParameters, groups, parent, own)


def _section(title: str, help_text: str, editor: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    column.addWidget(FormSection(title))
    column.addWidget(explained("", help_text))
    row = QHBoxLayout()
    row.addWidget(editor, 1)
    column.addLayout(row)
    column.setAlignment(Qt.AlignmentFlag.AlignTop)
    return column
