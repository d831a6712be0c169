"""The real checks on a model file: its headers read by our own reader, its trial in a process of its own."""

from collections.abc import Sequence
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.memory import MemoryPlan
from app.core.model import Backend, LoadParameters
from app.core.model_file import FileFacts, TrialResult
from app.core.shape import ModelShape
from app.engine import modules
from app.engine.guards.model_files import check_adapter, read_model, read_shape
from app.engine.guards.trial import TrialRequest, run_trial_with_fallback, time_limit


class LlamaModelChecker:
    """Keeps the promises of app.engine.base.ModelChecker. `command` runs a trial, in `folder`; see run_trial.

    Without `measure` a trial only finds out whether the file is sound.
    """

    def __init__(self, command: Sequence[str], folder: Path, measure: bool = True) -> None:
        self._command = tuple(command)
        self._folder = folder
        self._measure = measure
        self._version: str | None = None

    @property
    def engine_version(self) -> str:
        """The library's version and size: one that was built differently is another engine."""
        if self._version is None:
            self._version = _engine_version()
        return self._version

    @property
    def shares_memory(self) -> bool:
        """Whether the library uses a GPU; imports llama_cpp."""
        import llama_cpp.llama_cpp as llama

        from app.engine import bindings

        bindings.make_ready()
        return bool(llama.llama_supports_gpu_offload())

    def read(self, path: Path) -> FileFacts:
        """See ModelChecker.read."""
        return read_model(path)

    def read_shape(self, path: Path) -> ModelShape:
        """See ModelChecker.read_shape."""
        return read_shape(path)

    def exact_memory(self, path: Path, parameters: LoadParameters) -> MemoryPlan:
        """See ModelChecker.exact_memory; imports llama_cpp."""
        from app.engine.planning import exact_memory

        return exact_memory(path, parameters)

    def check_adapter(self, path: Path) -> None:
        """See ModelChecker.check_adapter."""
        check_adapter(path)

    def try_out(self, facts: FileFacts, parameters: LoadParameters, cancel: CancelToken) -> TrialResult:
        """See ModelChecker.try_out."""
        sound = tuple(modules.permission().sound())
        named = parameters.backend not in (Backend.AUTO, Backend.CPU)
        # A backend that is not there is the engine's to refuse: what is tried is the file.
        has_modules = bool(modules.gpu_modules(modules.library_folder()))
        missing = named and has_modules and parameters.backend.value not in sound
        request = TrialRequest(
            facts.files[0],
            parameters.gpu_layers,
            parameters.threads,
            self._measure,
            parameters.expert_layers_on_cpu,
            Backend.CPU if missing else parameters.backend,
            sound,
            tuple(modules.permission().chosen()),
        )
        return run_trial_with_fallback(self._command, request, cancel, time_limit(facts.stamp.size_bytes), self._folder)


def _engine_version() -> str:
    import importlib.metadata  # takes 20 ms, and the window comes first

    try:
        version = importlib.metadata.version("llama-cpp-python")
    except importlib.metadata.PackageNotFoundError:
        version = "unknown"  # a packaged build need not carry it
    folder = modules.library_folder()
    size = sum(file.stat().st_size for file in folder.iterdir()) if folder.is_dir() else 0
    return f"{version}-{size}"
