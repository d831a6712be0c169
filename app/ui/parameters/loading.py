"""The dialog of the load parameters, which are fixed while a model is loaded: Apply loads it again."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.errors import InglenookError
from app.core.machine import Device
from app.core.model import FlashAttention, KvCacheType, LoadParameters
from app.core.plan import Remedy
from app.services.fitting import with_advice
from app.services.model_choice import advice_in
from app.services.planning import LoadPlanner
from app.ui.parameters.companions import AdaptersEditor, DraftModelEditor
from app.ui.parameters.devices import BackendEditor, DeviceEditor, devices_in_words, gpus_among
from app.ui.parameters.dialog import ParameterDialog
from app.ui.parameters.form import EditorMaker, FormSection, ParameterForm, ParameterGroup, explained
from app.ui.parameters.load_plan import LoadPlanView

_HEIGHT_WITH_PLAN = 760
_TITLE_BAR = 40
GROUPS = (
    ParameterGroup(
        "Context and memory",
        ("context_length", "kv_cache_type", "full_sliding_window", "mmap", "mlock"),
    ),
    ParameterGroup(
        "Processor and GPU",
        (
            "threads",
            "batch_tokens",
            "flash_attention",
            "speculation",
            "backend",
            "gpu_layers",
            "expert_layers_on_cpu",
            "main_device",
            "device_split",
        ),
    ),
    ParameterGroup("RoPE", ("rope_scaling", "rope_frequency_base", "rope_frequency_scale")),
)


class LoadingDialog(ParameterDialog):
    """`parameters_chosen` carries what stands in the form when Apply is pressed; `devices` are what it can run on.

    `plan` shows what the values in the form would take, once show_planner() was called; without it nothing is planned.
    """

    parameters_chosen = Signal(LoadParameters)

    def __init__(
        self,
        name: str,
        asked: LoadParameters,
        outcome: LoadParameters | None = None,
        parent: QWidget | None = None,
        *,
        devices: Sequence[Device] = (),
        plan: LoadPlanView | None = None,
    ) -> None:
        super().__init__(
            f"Loading {name}",
            "How the model is loaded. Apply loads it again; your conversations stay as they are.",
            "Apply and load again",
            parent,
        )
        self._asked = asked
        self._planner: LoadPlanner | None = None
        self._defaults = LoadParameters(asked.path)
        self._is_filling = False
        self.plan = plan
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
        if plan is not None:
            self.add_above(plan)
            self.resize(self.width(), min(_HEIGHT_WITH_PLAN, self.screen().availableSize().height() - _TITLE_BAR))
            plan.remedy_chosen.connect(self._on_remedy_chosen)
        for changed in (self.form.changed, self.adapters.changed, self.draft.changed):
            changed.connect(self._on_changed)

    def show_planner(self, planner: LoadPlanner) -> None:
        """Plan what stands in the form from now on; what it advises are the defaults."""
        self._planner = planner
        self._defaults = with_advice(self._defaults, planner)
        backend = self.form.editor("backend")
        if isinstance(backend, BackendEditor):
            backend.show_notes(planner.machine.backends)
        self.defaults_button.setToolTip("The values that are advised for this computer")
        self._on_changed()

    def show_no_plan(self, why: str) -> None:
        """Say that nothing can be planned, and why."""
        if self.plan is not None:
            self.plan.show_unknown(why)

    def apply(self) -> None:
        """Send off the parameters; raises InvalidParameterError."""
        self.parameters_chosen.emit(self._chosen())

    def _chosen(self) -> LoadParameters:
        return replace(self._asked, **self.form.values(), adapters=self.adapters.value, draft_model=self.draft.value)

    def _fill(self, values: LoadParameters) -> None:
        """Show other values, and plan them once all are in place."""
        self._is_filling = True
        self.form.show_values(values)
        self.adapters.show_value(values.adapters)
        self.draft.show_value(values.draft_model)
        self._is_filling = False
        self._on_changed()

    def _on_changed(self) -> None:
        if self.plan is None or self._planner is None or self._is_filling:
            return
        try:
            chosen = self._chosen()
            planned = self._planner.plan(chosen)
        except InglenookError as error:
            self.plan.show_unknown(error.sentence)
        else:
            self.plan.show_plan(planned, chosen, is_advised=advice_in(chosen) == advice_in(self._defaults))

    def _on_remedy_chosen(self, remedy: Remedy) -> None:
        chosen = self._chosen()
        is_quantized = remedy.kv_cache_type is not KvCacheType.F16
        off = is_quantized and chosen.flash_attention is FlashAttention.OFF  # which such a cache cannot do without
        self._fill(
            replace(
                chosen,
                context_length=remedy.context_length,
                kv_cache_type=remedy.kv_cache_type,
                flash_attention=FlashAttention.AUTO if off else chosen.flash_attention,
            )
        )

    def _on_defaults_clicked(self) -> None:
        self._fill(self._defaults)
        self.show_problem("")


def _form(devices: Sequence[Device], parent: QWidget) -> ParameterForm:
    """The form for a computer with these devices: without a GPU, the main device can only be written."""
    groups = [replace(g, note=devices_in_words(devices)) if "threads" in g.names else g for g in GROUPS]
    gpus = gpus_among(devices)
    own: dict[str, EditorMaker] = {"backend": lambda declared: BackendEditor(declared, gpus)}
    if gpus:
        own["main_device"] = lambda declared: DeviceEditor(declared, gpus)
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
