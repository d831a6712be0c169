"""Opens the dialogs about the model in use, and gives what is chosen in them to the loader.

Each is read from the disk when it is first opened: the window need not wait for them when it starts.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.errors import InglenookError
from app.core.fitting import fitting_words
from app.core.model import LoadParameters
from app.services.models import ModelService
from app.ui.file_choice import choose_file
from app.ui.model_loader import ModelLoader
from app.ui.parameters.planning import Planning
from app.ui.theme import Appearance

if TYPE_CHECKING:
    from app.ui.parameters.loading import LoadingDialog

_MODEL_FILES = "Models (*.gguf);;All files (*)"


class ModelDialogs(QObject):
    """`window` is what they open in front of. Without `planning` the load dialog says nothing of what fits."""

    file_chosen = Signal()

    def __init__(
        self,
        models: ModelService,
        loader: ModelLoader,
        resources: Path,
        appearance: Appearance,
        window: QWidget,
        planning: Planning | None = None,
    ) -> None:
        super().__init__(window)
        self._models = models
        self._loader = loader
        self._resources = resources
        self._appearance = appearance
        self._window = window
        self._planning = planning
        loader.refused.connect(self._on_refused)

    def show_open(self) -> None:
        """Ask for a model file, and load it."""
        choose_file(self._window, "Open a model file", self._on_file_chosen, _MODEL_FILES)

    def show_about(self) -> None:
        """Show what the model in use is, and its licence."""
        from app.ui.about_dialog import about_model
        from app.ui.model_memory import ModelMemoryView

        if self._loader.current is not None:
            fitting = self._models.fitting
            memory = ModelMemoryView(fitting, self._appearance) if fitting is not None else None
            about_model(self._loader.current, self._resources, self._window, memory).open()

    def show_loading(self) -> None:
        """Show how the model in use is loaded; Apply loads it again."""
        model = self._loader.current
        if model is not None:
            self._open_loading(model.name, self._models.requested or model.info.load, model.info.load)

    def show_sampling(self) -> None:
        """Show how the model in use draws its tokens; Apply counts from the next message on."""
        from app.ui.parameters.sampling import SamplingDialog

        model = self._loader.current
        if model is None:
            return
        recommended = self._models.recommended or model.sampling
        dialog = SamplingDialog(model.name, model.sampling, recommended, model.sampling_source, self._window)
        dialog.parameters_chosen.connect(self._loader.change_sampling)
        dialog.open()

    def _open_loading(self, name: str, asked: LoadParameters, outcome: LoadParameters | None) -> "LoadingDialog":
        from app.ui.parameters.load_plan import LoadPlanView
        from app.ui.parameters.loading import LoadingDialog

        plan = LoadPlanView(self._appearance) if self._planning is not None else None
        devices = self._models.devices()
        dialog = LoadingDialog(name, asked, outcome, self._window, devices=devices, plan=plan)
        dialog.parameters_chosen.connect(self._loader.change_loading)
        dialog.open()
        if plan is not None and self._planning is not None:
            fitting = self._models.fitting
            words = fitting_words(fitting) if fitting is not None else ""
            plan.show_outcome(f"As it is loaded now: {words[:1].lower()}{words[1:]}." if words else "")
            self._planning.begin(asked.path, dialog)
        return dialog

    def _on_file_chosen(self, file: str) -> None:
        self.file_chosen.emit()
        self._loader.load(Path(file))

    def _on_refused(self, parameters: LoadParameters, error: InglenookError) -> None:
        """What was chosen is not lost: it stands in the dialog again, below what is wrong with it."""
        model = self._loader.current
        self._open_loading(model.name if model else parameters.path.stem, parameters, None).show_problem(error.sentence)
