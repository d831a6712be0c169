"""The dialog of the sampling parameters: how the next token is drawn, from the next message on."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.core.generation import SamplingParameters
from app.core.model import SamplingSource
from app.ui.choices import words_of
from app.ui.parameters.dialog import ParameterDialog
from app.ui.parameters.form import ParameterForm, ParameterGroup

GROUPS = (
    ParameterGroup("Basics", ("temperature", "seed", "max_tokens")),
    ParameterGroup(
        "Truncation",
        ("top_k", "top_p", "min_p", "typical_p", "top_n_sigma", "xtc_probability", "xtc_threshold"),
    ),
    ParameterGroup(
        "Repetition",
        (
            "repeat_penalty",
            "presence_penalty",
            "frequency_penalty",
            "penalty_range",
            "dry_multiplier",
            "dry_base",
            "dry_allowed_length",
            "dry_range",
            "dry_breakers",
        ),
    ),
    ParameterGroup("Mirostat", ("mirostat", "mirostat_tau", "mirostat_eta")),
    ParameterGroup("Ending", ("stop", "logit_bias")),
)


class SamplingDialog(ParameterDialog):
    """`parameters_chosen` carries what stands in the form when Apply is pressed."""

    parameters_chosen = Signal(SamplingParameters)

    def __init__(
        self,
        name: str,
        sampling: SamplingParameters,
        recommended: SamplingParameters,
        source: SamplingSource,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            f"Sampling of {name}",
            "How the next token is drawn, from your next message on. "
            f"What is recommended for this model comes {words_of(source)}.",
            parent=parent,
        )
        self._recommended = recommended
        self.form = ParameterForm(SamplingParameters, GROUPS, self.body)
        self.form.show_values(sampling)
        self.content.addWidget(self.form)
        self.content.addStretch()
        self.form.focus_first()
        self.recommended_button = self.add_left_button("Back to recommended")
        self.recommended_button.clicked.connect(self._on_recommended_clicked)

    def apply(self) -> None:
        """Send off the parameters; raises InvalidParameterError."""
        self.parameters_chosen.emit(SamplingParameters(**self.form.values()))

    def _on_recommended_clicked(self) -> None:
        self.form.show_values(self._recommended)
        self.show_problem("")
