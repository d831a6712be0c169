"""A scripted engine for speed reports: a model trained on a long context, with runs as slow as a test wants them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from app.core.cancel import CancelToken
from app.core.errors import CancelledError, ModelLoadError, StorageError
from app.core.model import LoadParameters, ModelInfo
from app.core.speed import SpeedSample, SpeedTest
from app.engine.fake import FakeEngine, FakeScript
from app.storage.speed_reports import SpeedReportStore, StoredSpeedReport


class SpeedEngine(FakeEngine):
    """`seconds` is what each test takes; contexts above `most` do not fit into memory."""

    def __init__(self, trained: int = 8192, most: int = 1_000_000, seconds: dict[str, float] | None = None) -> None:
        super().__init__(FakeScript())
        self.trained = trained
        self.most = most
        self.seconds = seconds or {}
        self.loads: list[int] = []
        self.measured: list[str] = []
        self.cancel_at = ""

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        self.loads.append(parameters.context_length)
        self.unload()
        if parameters.context_length > self.most:
            raise ModelLoadError("There is not enough memory for that context.")
        info = super().load(parameters, cancel, on_progress)
        self._model = replace(
            info, trained_context_length=self.trained, engine_version="llama-cpp-python 0.3.36", parameter_count=1000
        )
        return self._model

    def measure(self, test: SpeedTest, cancel: CancelToken) -> SpeedSample:
        super().measure(test, cancel)
        self._cached = ["token"] * test.depth
        self.measured.append(test.name)
        if test.name == self.cancel_at:
            cancel.cancel()
        if cancel.cancelled and self.measured.count(test.name) > 1:
            raise CancelledError
        seconds = self.seconds.get(test.name, 1.0)
        return SpeedSample(seconds / 2, seconds / 2, seconds / 2)


class ReportShelf(SpeedReportStore):
    """The real store, which fails with `error` when there is one."""

    error: StorageError | None = None

    def add(self, model_name: str, sha256: str, report: str) -> int:
        if self.error:
            raise self.error
        return super().add(model_name, sha256, report)

    @property
    def kept(self) -> "Sequence[StoredSpeedReport]":
        """What was added, the oldest first."""
        return super().list()[::-1]
