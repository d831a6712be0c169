"""Makes speed reports: the model is loaded with a context that is long enough, measured, and put back as it was."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import CancelledError, ModelFileError, ModelLoadError, NoModelError, StorageError
from app.core.model import LoadedModel, LoadParameters, ModelInfo
from app.core.shape import ModelShape
from app.core.speed import (
    DEFAULT_RUNS,
    LONG_RUN_SECONDS,
    STANDARD_TESTS,
    SpeedEngine,
    SpeedModel,
    SpeedReport,
    SpeedResult,
    SpeedSample,
    SpeedTest,
    context_for,
    estimated_seconds,
    result_of,
)
from app.engine.base import Engine
from app.services.models import ModelService
from app.services.speed_events import (
    SpeedEvent,
    SpeedModelLoading,
    SpeedReportDone,
    SpeedRunDone,
    SpeedTestDone,
    SpeedTestStarted,
)
from app.services.speed_text import as_json, report_from
from app.services.this_machine import describe_machine
from app.storage.speed_reports import SpeedReportStore

_log = logging.getLogger(__name__)

# Touches every weight once: a file that is mapped is read from the disk only then.
_WARM_UP = SpeedTest("warm_up", "Warm-up", 128, 4)


@dataclass(frozen=True, slots=True)
class EarlierReport:
    """A report that was made before, and when."""

    created_at: datetime
    report: SpeedReport


class SpeedService:
    """Runs speed tests on the model in use; run() is called on the engine's thread only."""

    def __init__(
        self,
        engine: Engine,
        models: ModelService,
        store: SpeedReportStore,
        shape_of: Callable[[Path], ModelShape] | None = None,
    ) -> None:
        self._engine = engine
        self._models = models
        self._store = store
        self._shape_of = shape_of

    @property
    def model(self) -> LoadedModel | None:
        """The model that would be measured; None when there is none."""
        return self._models.current

    @property
    def forgets_conversation(self) -> bool:
        """Whether a report now would cost the KV cache of a conversation."""
        return self._engine.cached_tokens > 0

    def lengthened_context(self, tests: Sequence[SpeedTest] = STANDARD_TESTS) -> int | None:
        """The context length that the model would be loaded with for `tests`; None when its own is long enough."""
        model = self._models.current
        if model is None:
            return None
        needed = context_for(tests, model.info.trained_context_length)
        return needed if needed > model.info.context_length else None

    def estimated_seconds(
        self,
        earlier: Sequence[SpeedReport],
        tests: Sequence[SpeedTest] = STANDARD_TESTS,
        runs: int = DEFAULT_RUNS,
    ) -> float | None:
        """How long `tests` will take, going by the first report of this model in `earlier`; None without one."""
        model = self._models.current
        if model is None:
            return None
        context = self.lengthened_context(tests) or model.info.context_length
        for report in earlier:
            if report.model.file_name == model.info.path.name:
                return estimated_seconds([test.fitted(context) for test in tests], runs, report.results)
        return None

    def earlier(self, limit: int = 50) -> list[EarlierReport]:
        """The stored reports, the newest first; what cannot be understood is left out. Raises StorageError."""
        found = []
        for kept in self._store.list(limit):
            report = report_from(kept.report)
            if report is not None:
                found.append(EarlierReport(kept.created_at, report))
        return found

    def run(
        self,
        tests: Sequence[SpeedTest],
        runs: int,
        cancel: CancelToken,
        *,
        repeats_long: bool = False,
        restores: bool = True,
    ) -> Iterator[SpeedEvent]:
        """Measure the model in use; the last event is the report.

        What does not fit into the context is scaled down. A test that takes longer than LONG_RUN_SECONDS is run once
        unless `repeats_long`. A cancelled token ends it with a report of what there is. With `restores` the model is
        loaded again as it was before, if it had to be loaded with a longer context. Raises NoModelError, ModelError,
        GenerationError.
        """
        model = self._models.current
        if model is None:
            raise NoModelError
        results: list[SpeedResult] = []
        complete = True
        try:
            yield from self._lengthen(model, tests, cancel)
            loaded = self._engine.model or model.info
            yield from self._measure_all(_Plan(tests, runs, repeats_long, loaded.context_length), results, cancel)
        except CancelledError:
            complete = False
            loaded = self._engine.model or model.info
        finally:
            self._put_back(model.info.load if restores else None)
        report = self._report(model, loaded, tuple(results))
        yield SpeedReportDone(report, complete, self._keep(report) if complete else None)

    def _lengthen(
        self, model: LoadedModel, tests: Sequence[SpeedTest], cancel: CancelToken
    ) -> Iterator[SpeedModelLoading]:
        """Load the model with a context that the tests fit into; where memory is too short, as it was."""
        context = self.lengthened_context(tests)
        if context is None:
            return
        yield SpeedModelLoading(context)
        try:
            self._load(replace(model.info.load, context_length=context), cancel)
        except ModelLoadError as error:
            _log.info("the speed tests are scaled to the model's own context: %s %s", error.sentence, error.detail)
            self._load(model.info.load, cancel)

    def _measure_all(self, plan: "_Plan", results: list[SpeedResult], cancel: CancelToken) -> Iterator[SpeedEvent]:
        self._engine.measure(_WARM_UP.fitted(plan.context_length), cancel)
        tests = plan.fitted_tests
        for number, test in enumerate(tests, 1):
            left = estimated_seconds(tests[number - 1 :], plan.runs, results)
            yield SpeedTestStarted(test, number, len(tests), left)
            samples: list[SpeedSample] = []
            results_before = tuple(results)
            while len(samples) < plan.runs_of(samples):
                samples.append(self._engine.measure(test, cancel))
                results[:] = [*results_before, result_of(test, samples)]
                yield SpeedRunDone(results[-1], plan.runs_of(samples))
            yield SpeedTestDone(results[-1])

    def _put_back(self, before: LoadParameters | None) -> None:
        """Leave the engine as it was, but for what its cache held."""
        loaded = self._engine.model
        if before is not None and (loaded is None or loaded.load != before):
            self._load(before, CancelToken())
        elif loaded is not None:
            self._engine.clear_cache()

    def _load(self, parameters: LoadParameters, cancel: CancelToken) -> None:
        self._engine.load(parameters, cancel, lambda _: None)

    def _report(self, model: LoadedModel, loaded: ModelInfo, results: tuple[SpeedResult, ...]) -> SpeedReport:
        from app.fit.work import active_bytes, active_weights, reading_weights

        name, _, version = loaded.engine_version.partition(" ")  # "llama-cpp-python 0.3.36, ggml …"
        shape = self._shape(loaded.path)
        return SpeedReport(
            machine=describe_machine(self._engine.devices()),
            model=SpeedModel(
                name=model.name,
                file_name=loaded.path.name,
                size_bytes=loaded.size_bytes,
                sha256=model.sha256,
                quantization=loaded.quantization,
                parameter_count=loaded.parameter_count,
                device=loaded.device,
                load=replace(
                    loaded.load,
                    path=Path(loaded.path.name),  # a report is shown to others: no folders, and no template's text
                    context_length=loaded.context_length,
                    chat_template=None,
                ),
                layer_count=loaded.layer_count,
                active_bytes=active_bytes(shape) if shape else 0,
                active_weights=round(active_weights(shape)) if shape else 0,
                reading_weights=round(reading_weights(shape)) if shape else 0,
            ),
            engine=SpeedEngine(name, version),
            results=results,
        )

    def _shape(self, path: Path) -> ModelShape | None:
        """What predictions are corrected by; without it a report is good all the same."""
        if self._shape_of is None:
            return None
        try:
            return self._shape_of(path)
        except ModelFileError as error:
            _log.info("the report of %s corrects no prediction: %s (%s)", path, error.sentence, error.detail)
            return None

    def _keep(self, report: SpeedReport) -> StorageError | None:
        try:
            self._store.add(report.model.name, report.model.sha256, as_json(report))
        except StorageError as error:
            _log.error("the speed report is not kept: %s (%s)", error.sentence, error.detail)
            return error
        return None


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which tests are run, how often, and in what context."""

    tests: Sequence[SpeedTest]
    runs: int
    repeats_long: bool
    context_length: int

    @property
    def fitted_tests(self) -> list[SpeedTest]:
        return [test.fitted(self.context_length) for test in self.tests]

    def runs_of(self, samples: Sequence[SpeedSample]) -> int:
        """How often a test is run in all, as far as its runs up to now tell."""
        long = any(sample.total_seconds > LONG_RUN_SECONDS for sample in samples)
        return len(samples) if long and not self.repeats_long else self.runs
