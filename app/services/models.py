"""Which model is in use: opened with what is known of it, so that it behaves at its best and harms nothing."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import CancelledError, ModelError, ModelFileError, NoModelError, StorageError
from app.core.fitting import Fitting
from app.core.generation import SamplingParameters
from app.core.machine import Device
from app.core.model import Backend, CatalogEntry, LoadedModel, LoadParameters, LoadStep, ModelInfo, SamplingSource
from app.core.model_file import FileFacts, TrialResult
from app.engine.base import Engine
from app.services.catalog import Catalog
from app.services.events import ModelLoading
from app.services.fitting import PlannerMaker, fitting_of, planned_load, planner_for, with_advice
from app.services.model_choice import hinted, load_parameters, load_values, sampling_parameters, sampling_values
from app.services.model_files import ModelFiles, resolved, trial_error
from app.storage.model_choices import ModelChoice, ModelChoiceStore

_log = logging.getLogger(__name__)

OnLoading = Callable[[ModelLoading], None]


@dataclass(frozen=True, slots=True)
class _InUse:
    """The model in use, what was asked for it and advised, the sampling recommended for it, and how it fits.

    `told` is what the engine said of it when it was loaded.
    """

    model: LoadedModel
    told: ModelInfo
    requested: LoadParameters
    advised: LoadParameters
    recommended: SamplingParameters
    fitting: Fitting | None = None


class ModelService:
    """Loads one model at a time into the engine; called on the engine's thread only.

    `planner` plans a file's load beforehand: what it advises are the defaults of a file for which nothing was chosen.
    `on_loaded` is told of each file that was loaded.
    """

    def __init__(
        self,
        engine: Engine,
        catalog: Catalog,
        files: ModelFiles,
        choices: ModelChoiceStore,
        planner: PlannerMaker | None = None,
        on_loaded: Callable[[Path], None] = lambda _: None,
    ) -> None:
        self._planner = planner
        self._on_loaded = on_loaded
        self._engine = engine
        self._catalog = catalog
        self._files = files
        self._choices = choices
        self._in_use: _InUse | None = None

    @property
    def current(self) -> LoadedModel | None:
        """The model in use; None when there is none, also when the engine gave it up because its file was changed."""
        in_use = self._in_use  # the window asks while the engine's thread may be loading another
        info = self._engine.model if in_use is not None else None  # the engine is not made to say that there is none
        if in_use is None or info is None:
            return None
        # A GPU that failed meanwhile was left, and the model runs elsewhere than when it was loaded.
        return in_use.model if info is in_use.told else replace(in_use.model, info=info)

    @property
    def requested(self) -> LoadParameters | None:
        """The load parameters that were asked for the model in use, with None and AUTO as they were."""
        in_use = self._in_use
        return in_use.requested if in_use is not None and self._engine.model is not None else None

    @property
    def recommended(self) -> SamplingParameters | None:
        """The sampling that suits the model in use, apart from what the user chose for it."""
        in_use = self._in_use
        return in_use.recommended if in_use is not None and self._engine.model is not None else None

    @property
    def fitting(self) -> Fitting | None:
        """What came of the plan for the model in use; None when there was none."""
        in_use = self._in_use
        return in_use.fitting if in_use is not None and self._engine.model is not None else None

    @property
    def included(self) -> CatalogEntry:
        """The model that comes with the application."""
        return self._catalog.included

    def devices(self) -> tuple[Device, ...]:
        """What a model can run on, with the memory that is free now; on any thread, see Engine.devices."""
        return self._engine.devices()

    def load(
        self,
        path: Path | None,
        cancel: CancelToken,
        on_progress: OnLoading,
        parameters: LoadParameters | None = None,
        sampling: SamplingParameters | None = None,
        *,
        force: bool = False,
    ) -> LoadedModel:
        """Check the file at `path` (None: the included model), try it once, and load it in place of the current one.

        Without `parameters` and `sampling` those that the user chose for the file before are taken. A file whose trial
        failed is refused until it changes, unless `force` tries it again. The current model is given up only when
        nothing speaks against the new one. Raises ModelFileError, ModelLoadError, ModelCheckError, CancelledError;
        `current` says what is loaded then.
        """
        chosen = self._catalog.included_path if path is None else path.expanduser().absolute()
        name = self._catalog.included.name if chosen == self._catalog.included_path else chosen.stem
        on_progress(ModelLoading(name, 0.0, LoadStep.CHECKING))
        facts, sha256, entry = self._recognise(chosen, cancel, _fractions(on_progress, name, LoadStep.CHECKING))
        name = entry.name if entry else name
        choice = self._choice(chosen)
        planner = planner_for(chosen, self._planner)
        advised = with_advice(LoadParameters(chosen), planner)
        if parameters is None and choice.load:
            parameters = load_parameters(chosen, choice.load, None)
        chosen_layers = parameters.gpu_layers if parameters else None
        parameters = requested = parameters or advised
        if entry is not None and parameters.chat_template is None:
            parameters = replace(parameters, chat_template=entry.chat_template)
        trying = _fractions(on_progress, name, LoadStep.TRYING)
        self._check_companions(parameters, cancel, on_progress, name, force)
        trial = self._trial(facts, parameters, cancel, trying, force)
        self._in_use = None
        loading = _fractions(on_progress, name, LoadStep.LOADING)
        loading(0.0)
        gpu_fault = trial.gpu_fault if _wants_gpu(parameters) else ""
        parameters = resolved(replace(parameters, backend=Backend.CPU) if gpu_fault else parameters, trial)
        planned = planned_load(planner, parameters, chosen_layers)
        info = told = self._engine.load(parameters, cancel, loading)
        if gpu_fault:
            info = replace(info, gpu_fault=gpu_fault)
        recommended, source = self._recommended(entry, facts)
        sampling = sampling or sampling_parameters(choice.sampling, recommended)
        model = LoadedModel(info, entry, sampling, source, sha256)
        self._in_use = _InUse(model, told, requested, advised, recommended, fitting_of(planned, info))
        _log.info("loaded %s: %s", name, _in_log(info))
        self._on_loaded(chosen)
        return model

    def change_parameters(
        self,
        cancel: CancelToken,
        on_progress: OnLoading,
        *,
        load: LoadParameters | None = None,
        sampling: SamplingParameters | None = None,
    ) -> LoadedModel:
        """Use other parameters with the model in use, and keep them for it; it is loaded anew when `load` differs.

        Raises NoModelError, StorageError (they are in use, but not kept), and what load() raises: they are not kept
        then, and after a ModelError the model is used as it was.
        """
        before = self._in_use
        if before is None or self.current is None:
            raise NoModelError
        path = before.requested.path
        wanted = sampling or before.model.sampling
        if load is not None and load != before.requested:
            try:
                again = load.backend is not before.requested.backend
                self.load(path, cancel, on_progress, replace(load, path=path), wanted, force=again)
            except ModelError:
                self._load_as_it_was(before, cancel, on_progress)
                raise
        in_use = self._in_use
        assert in_use is not None, "a load that did not raise has loaded"
        self._in_use = in_use = replace(in_use, model=replace(in_use.model, sampling=wanted))
        choice = ModelChoice(load_values(in_use.requested, in_use.advised), sampling_values(wanted, in_use.recommended))
        if choice.load or choice.sampling:
            self._choices.save(path, choice)
        else:
            self._choices.forget(path)
        return in_use.model

    def unload(self) -> None:
        """Give the model's memory back."""
        self._in_use = None
        self._engine.unload()

    def _load_as_it_was(self, before: _InUse, cancel: CancelToken, on_progress: OnLoading) -> None:
        if self.current is not None:
            return
        try:
            self.load(before.requested.path, cancel, on_progress, before.requested, before.model.sampling)
        except (ModelError, CancelledError) as error:
            _log.info("the model is not loaded as it was before either: %s", error.logged)

    def _recognise(
        self, path: Path, cancel: CancelToken, on_progress: Callable[[float], None]
    ) -> tuple[FileFacts, str, CatalogEntry | None]:
        included = path == self._catalog.included_path
        try:
            facts = self._files.examine(path)
        except ModelFileError as error:
            if not included or not path.is_file():
                raise
            raise self._damaged(path, error.sentence) from error
        sha256 = self._files.sha256(path, cancel, on_progress)
        entry = self._catalog.recognise(sha256)
        if included and entry is not self._catalog.included:
            raise self._damaged(path, f"its SHA-256 is {sha256}")
        return facts, sha256, entry

    def _damaged(self, path: Path, detail: str) -> ModelFileError:
        return ModelFileError(
            f"The included model is damaged: {path} is not the file that came with Inglenook. Install Inglenook "
            "again, or open another model.",
            detail,
        )

    def _check_companions(
        self, parameters: LoadParameters, cancel: CancelToken, on_progress: OnLoading, name: str, force: bool
    ) -> None:
        """Check what is loaded beside the model: adapters by their headers, a draft model as the model itself is.

        An adapter's checksum is worked out too, because saved states are told by it. Raises what load() raises.
        """
        for adapter in parameters.adapters:
            self._files.examine_adapter(adapter.path)
            self._files.sha256(adapter.path, cancel, _fractions(on_progress, name, LoadStep.CHECKING))
        if (draft := parameters.draft_model) is not None:
            trying = _fractions(on_progress, name, LoadStep.TRYING)
            self._trial(self._files.examine(draft), LoadParameters(draft), cancel, trying, force)

    def _trial(
        self,
        facts: FileFacts,
        parameters: LoadParameters,
        cancel: CancelToken,
        on_progress: Callable[[float], None],
        force: bool,
    ) -> TrialResult:
        """How the file's trial went, made now if need be. Raises ModelCheckError, ModelLoadError when it failed."""
        trial = self._files.remembered_trial(facts)
        untried = trial is not None and not trial.on_gpu and _wants_gpu(parameters) and self._files.trial_shares_memory
        trial = None if untried else trial
        remembered = trial is not None
        if trial is None or (force and (not trial.ok or trial.gpu_fault)):
            if self.current is not None and self._files.trial_shares_memory:
                self.unload()
            on_progress(0.0)
            remembered = False
            trial = self._files.try_out(facts, parameters, cancel)
            on_progress(1.0)
        if not trial.ok:
            raise trial_error(trial, facts.files[0], remembered)
        return trial

    def _recommended(self, entry: CatalogEntry | None, facts: FileFacts) -> tuple[SamplingParameters, SamplingSource]:
        known = entry or self._catalog.recommendation(facts)
        if known is not None:
            return known.sampling, SamplingSource.CATALOGUE
        if (hints := hinted(facts.sampling)) is not None:
            return hints, SamplingSource.FILE
        return SamplingParameters(), SamplingSource.DEFAULTS

    def _choice(self, path: Path) -> ModelChoice:
        try:
            return self._choices.get(path)
        except StorageError as error:
            _log.warning("what was chosen for %s is not known: %s (%s)", path, error, error.detail)
            return ModelChoice()


def _wants_gpu(parameters: LoadParameters) -> bool:
    return parameters.backend is not Backend.CPU and parameters.gpu_layers != 0


def _in_log(info: ModelInfo) -> ModelInfo:
    """Without the text of a chat template, which may be the user's own."""
    return replace(
        info, load=replace(info.load, chat_template=None if info.load.chat_template is None else "(its own)")
    )


def _fractions(on_progress: OnLoading, name: str, step: LoadStep) -> Callable[[float], None]:
    return lambda fraction: on_progress(ModelLoading(name, fraction, step))
