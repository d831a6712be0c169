"""A checker that opens no file, for the tests of everything above the engine and for trying the window alone."""

from pathlib import Path

from app.core.cancel import CancelToken
from app.core.memory import DeviceMemory, MemoryPlan
from app.core.model import LoadParameters
from app.core.model_file import FileFacts, FileStamp, TrialOutcome, TrialResult
from app.core.shape import LayerShape, ModelShape


class FakeModelChecker:
    """Takes every file for a good model, and keeps the promises of app.engine.base.ModelChecker.

    `sampling` are the hints and `name` is the name it finds in every header, `result` how every trial goes; `tried` are
    the parameters of the trials so far.
    """

    def __init__(self, result: TrialResult | None = None, sampling: tuple[tuple[str, int | float], ...] = ()) -> None:
        self.result = result or TrialResult(TrialOutcome.PASSED)
        self.sampling = sampling
        self.name = ""
        self.shares_memory = False
        self.engine_version = "fake"
        self.tried: list[LoadParameters] = []

    def read(self, path: Path) -> FileFacts:
        """The file's stamp, the name and the hints."""
        status = path.stat()
        stamp = FileStamp(status.st_size, status.st_mtime_ns)
        return FileFacts((path,), stamp, architecture="fake", name=self.name, sampling=self.sampling)

    def read_shape(self, path: Path) -> ModelShape:
        """The file's size in two layers alike, which keep no cache and compute nothing: so the fake engine tells."""
        half = path.stat().st_size // 2
        layer = LayerShape(half)
        return ModelShape(
            architecture="fake",
            layers=(layer, layer),
            embedding_length=0,
            feed_forward_length=0,
            head_count=0,
            vocabulary_size=0,
            trained_context_length=0,
            input_bytes=path.stat().st_size - 2 * half,
            output_bytes=0,
        )

    def exact_memory(self, path: Path, parameters: LoadParameters) -> MemoryPlan:
        """The file's size, on the processor."""
        del parameters
        return MemoryPlan((DeviceMemory("CPU", path.stat().st_size, 0, 0),))

    def check_adapter(self, path: Path) -> None:
        """Every file will do."""

    def try_out(self, _facts: FileFacts, parameters: LoadParameters, cancel: CancelToken) -> TrialResult:
        """The given result."""
        cancel.raise_if_cancelled()
        self.tried.append(parameters)
        return self.result
