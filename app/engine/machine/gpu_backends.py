"""Finds out which GPU backends can be used: each is asked in a process of its own, which a bad driver may end."""

import json
import logging
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from threading import Lock
from typing import IO, Any

from app.core.machine import BackendNote
from app.engine.machine.query_process import NO_WINDOW, ending
from app.engine.modules import TITLES, gpu_modules, library_folder
from app.network.programs import starting

_log = logging.getLogger(__name__)

SECONDS = 10.0  # it takes a tenth of a second; a GPU that sleeps takes several to wake up
_POLL_SECONDS = 0.01
_KEPT_CHARACTERS = 2000


class Finding(Enum):
    """What came of asking a backend."""

    SOUND = "sound"
    NO_GPU = "no GPU"
    NO_DRIVER = "no driver"
    CRASHED = "crashed"
    HUNG = "hung"


@dataclass(frozen=True, slots=True)
class FoundGpu:
    """A GPU as a backend names and describes it, and its place on the PCI bus (empty: not known)."""

    name: str
    description: str
    address: str
    is_integrated: bool = False


@dataclass(frozen=True, slots=True)
class AskedBackend:
    """What a backend of modules.GPU_BACKENDS answered. `detail` is how it ended or what it lacks."""

    name: str
    finding: Finding
    gpus: tuple[FoundGpu, ...] = ()
    detail: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether it started every GPU that it found."""
        return self.finding is Finding.SOUND


class GpuBackends:
    """Keeps the promises of app.engine.modules.Permission; asks when it is first wanted, on any thread.

    `command` answers in `folder`, see app.engine.machine.query_child. `names` are the backends that there are.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path | None,
        seconds: float = SECONDS,
        names: Callable[[], Sequence[str]] = lambda: tuple(gpu_modules(library_folder())),
    ) -> None:
        self._command = tuple(command)
        self._folder = folder
        self._seconds = seconds
        self._names = names
        self._lock = Lock()
        self._asked: tuple[AskedBackend, ...] | None = None

    def asked(self) -> tuple[AskedBackend, ...]:
        """What every backend answered, the fastest first."""
        with self._lock:
            if self._asked is None:
                self._asked = ask_backends(self._command, self._folder, self._names(), self._seconds)
            return self._asked

    def ask_again(self) -> None:
        """Ask anew when it is wanted next; what this process has loaded meanwhile stays loaded."""
        with self._lock:
            self._asked = None

    def chosen(self) -> Sequence[str]:
        """See Permission.chosen."""
        return chosen_names(self.asked())

    def sound(self) -> Sequence[str]:
        """See Permission.sound."""
        return tuple(backend.name for backend in self.asked() if backend.is_sound)


def chosen_names(asked: Sequence[AskedBackend]) -> tuple[str, ...]:
    """Sound backends, the fastest first, without those that add nothing: GPUs that an earlier one reaches, by their
    places on the bus, and integrated ones beside another GPU, on which no model is put.
    """
    chosen: list[str] = []
    reached: list[FoundGpu] = []
    for backend in asked:
        if backend.is_sound and not all(_adds_nothing(gpu, reached) for gpu in backend.gpus):
            chosen.append(backend.name)
            reached += backend.gpus
    return tuple(chosen)


def _adds_nothing(gpu: FoundGpu, reached: Sequence[FoundGpu]) -> bool:
    if gpu.is_integrated:
        return bool(reached)
    return bool(gpu.address) and any(other.address == gpu.address for other in reached)


def ask_backends(
    command: Sequence[str], folder: Path | None, names: Sequence[str], seconds: float
) -> tuple[AskedBackend, ...]:
    """Ask all of `names` at once, each for at most `seconds`; never fails."""
    deadline = time.monotonic() + seconds
    children = [(name, _Child([*command, json.dumps({"gpu_backend": name})], folder)) for name in names]
    answers = tuple(child.answer(name, deadline) for name, child in children)
    for backend in answers:
        _log.info("%s: %s %s", TITLES[backend.name], backend.finding.value, backend.detail or backend.gpus)
    return answers


class _Child:
    """One process that asks a backend."""

    def __init__(self, command: Sequence[str], folder: Path | None) -> None:
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed in answer)
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed in answer)
        self._process: subprocess.Popen[bytes] | None = None
        self._failure = ""
        try:
            with starting(command[0]):
                self._process = subprocess.Popen(
                    command,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=self._output,
                    stderr=self._errors,
                    creationflags=NO_WINDOW,
                )
        except OSError as error:
            self._failure = f"the process that asks it could not be started: {error}"

    def answer(self, name: str, deadline: float) -> AskedBackend:
        """What came of it; the process is over then."""
        with self._output, self._errors:
            if self._process is None:
                return AskedBackend(name, Finding.CRASHED, detail=self._failure)
            with self._process as process:
                while process.poll() is None and time.monotonic() < deadline:
                    time.sleep(_POLL_SECONDS)
                in_time = process.poll() is not None
                process.kill()
            if not in_time:
                return AskedBackend(name, Finding.HUNG)
            if process.returncode != 0:
                _log.warning("asking %s failed:\n%s", TITLES[name], _read(self._errors)[-_KEPT_CHARACTERS:])
                return AskedBackend(name, Finding.CRASHED, detail=ending(process.returncode))
            return _understood(name, _read(self._output))


def _understood(name: str, said: str) -> AskedBackend:
    try:
        answer: Mapping[str, Any] = json.loads(said)
        gpus = tuple(FoundGpu(**gpu) for gpu in answer["gpus"])
        error = str(answer["error"])
    except (ValueError, KeyError, TypeError, RecursionError) as failure:
        return AskedBackend(name, Finding.CRASHED, detail=f"its answer cannot be read: {failure!r}")
    if error:
        return AskedBackend(name, Finding.NO_DRIVER, detail=error)
    return AskedBackend(name, Finding.SOUND if gpus else Finding.NO_GPU, gpus)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def backend_notes(asked: Sequence[AskedBackend]) -> tuple[BackendNote, ...]:
    """What is said of each: whether it is used, and why."""
    chosen = chosen_names(asked)
    return tuple(
        BackendNote(TITLES[one.name], one.name in chosen, _reason(one, chosen), can_be_chosen=one.is_sound)
        for one in asked
    )


def backend_doubts(asked: Sequence[AskedBackend]) -> tuple[str, ...]:
    """Sentences about drivers that are broken; one that is not there is none of them."""
    chosen = chosen_names(asked)
    return tuple(_broken(one, chosen) for one in asked if one.finding in (Finding.CRASHED, Finding.HUNG))


def _broken(backend: AskedBackend, chosen: Sequence[str]) -> str:
    what = (
        f"crashed when it was asked for its GPUs ({backend.detail})"
        if backend.finding is Finding.CRASHED
        else "did not answer in time when it was asked for its GPUs"
    )
    instead = f"{TITLES[chosen[0]]} is used" if chosen else "the processor is used"
    return (
        f"The {TITLES[backend.name]} driver {what}: {instead}. "
        "Update the graphics driver, then start Inglenook again to use the GPU."
    )


def _reason(backend: AskedBackend, chosen: Sequence[str]) -> str:
    found = ", ".join(dict.fromkeys(gpu.description or gpu.name for gpu in backend.gpus))
    match backend.finding:
        case Finding.SOUND if backend.name in chosen:
            return f"It finds {found}."
        case Finding.SOUND:
            return f"It finds {found}, which {TITLES[chosen[0]]} uses faster."
        case Finding.NO_GPU:
            return "It finds no GPU."
        case Finding.NO_DRIVER:
            return f"Its driver is not installed ({backend.detail})."
        case Finding.CRASHED:
            return f"Its driver crashed when it was asked ({backend.detail})."
    return "Its driver did not answer in time."
