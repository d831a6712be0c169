"""Tries a model file in a process of its own, so that what it does to llama.cpp cannot harm the application."""

import json
import logging
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from app.core.cancel import CancelToken
from app.core.model import Backend
from app.core.model_file import TrialOutcome, TrialResult
from app.network.children import note_refusals
from app.network.programs import starting

_log = logging.getLogger(__name__)

# The trial times writing. A prompt is read much faster with flash attention (2,048 tokens: 244 against 169 tokens/s, as
# tests/benchmarks/RESULTS.md tells), so writing may be a little slower for it.
_WORTH_READING = 0.93
_POLL_SECONDS = 0.02
_BASE_SECONDS = 120.0  # a busy computer may need a minute for what takes a second
_BYTES_PER_SECOND = 25e6  # of a disk that is slow, and read twice
_KEPT_LINES = 12
_PYTHON_FAILED = 1  # the exit code of an exception in the child: a fault of ours and not of the file
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows only


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """What is tried: `path` (a model's first file) with so many GPU layers and threads; None is llama.cpp's choice.

    `measure`: whether flash attention and batches are measured too. `expert_layers_on_cpu`, `backend`: see
    LoadParameters. `gpu_backends` are those that may be loaded, `chosen_backends` those that are loaded unasked.
    """

    path: Path
    gpu_layers: int | None = None
    threads: int | None = None
    measure: bool = True
    expert_layers_on_cpu: int = 0
    backend: Backend = Backend.AUTO
    gpu_backends: tuple[str, ...] = ()
    chosen_backends: tuple[str, ...] = ()


def time_limit(size_bytes: int) -> float:
    """How many seconds the trial of a model of this size may take."""
    return _BASE_SECONDS + size_bytes / _BYTES_PER_SECOND


def run_trial(
    command: Sequence[str], request: TrialRequest, cancel: CancelToken, seconds: float, folder: Path | None = None
) -> TrialResult:
    """Run `command` with the request as its last argument, in `folder`, for at most `seconds`.

    The child dies with a cancelled token. Raises CancelledError; every other end is a result.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            with starting(command[0]):
                process = subprocess.Popen(
                    [*command, _as_json(request)],
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                    creationflags=_NO_WINDOW,
                )
        except OSError as error:
            _log.error("the trial of %s could not be started: %s", request.path, error)
            return TrialResult(TrialOutcome.UNTRIED, "", str(error))
        with process:
            try:
                in_time = _wait(process, cancel, seconds)
            finally:
                process.kill()
        taken = time.perf_counter() - started
        complaints = _read(errors)
        note_refusals(complaints)
        said, complaints = _read(output), _last_lines(complaints)
    if not in_time:
        return TrialResult(TrialOutcome.HUNG, _hung(request.path, seconds), complaints, seconds=taken)
    return replace(_result(request.path, process.returncode, said, complaints), seconds=taken)


def run_trial_with_fallback(
    command: Sequence[str], request: TrialRequest, cancel: CancelToken, seconds: float, folder: Path | None = None
) -> TrialResult:
    """As run_trial(), and again on the processor where it failed with a GPU: when that passes, the GPU is at fault."""
    result = run_trial(command, request, cancel, seconds, folder)
    if result.ok or request.backend is Backend.CPU or request.gpu_layers == 0:
        return result
    if not request.gpu_backends:
        return result
    again = run_trial(command, replace(request, backend=Backend.CPU), cancel, seconds, folder)
    if not again.ok:
        return again
    return replace(
        again, on_gpu=True, gpu_fault=_gpu_fault(request.path, result), seconds=result.seconds + again.seconds
    )


_FAULTS = {
    TrialOutcome.CRASHED: "The GPU's driver crashed in a trial of {name}",
    TrialOutcome.HUNG: "The GPU did not answer in time in a trial of {name}",
    TrialOutcome.NONSENSE: "The GPU computed nonsense in a trial of {name}",
}


def _gpu_fault(path: Path, result: TrialResult) -> str:
    what = _FAULTS.get(result.outcome, "{name} could not be loaded on the GPU in a trial").format(name=path.stem)
    return (
        f"{what}, so it runs on the processor. Update the graphics driver; to try the GPU again, choose it as the "
        "backend under Loading."
    )


def _as_json(request: TrialRequest) -> str:
    return json.dumps(
        {
            "path": str(request.path),
            "gpu_layers": request.gpu_layers,
            "threads": request.threads,
            "measure": request.measure,
            "expert_layers_on_cpu": request.expert_layers_on_cpu,
            "backend": request.backend.value,
            "gpu_backends": request.gpu_backends,
            "chosen_backends": request.chosen_backends,
        }
    )


def _wait(process: subprocess.Popen[bytes], cancel: CancelToken, seconds: float) -> bool:
    """Whether the process ended in time. Raises CancelledError."""
    deadline = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        cancel.wait(_POLL_SECONDS)
        cancel.raise_if_cancelled()
    return True


def _result(path: Path, code: int, said: str, complaints: str) -> TrialResult:
    if code == _PYTHON_FAILED:
        _log.error("the trial of %s failed for a reason of its own:\n%s", path, complaints)
        return TrialResult(TrialOutcome.UNTRIED, "", complaints)
    answer = _answer(said) if code == 0 else None
    if answer is None:
        return _death(path, code, complaints)
    outcome = TrialOutcome(answer["outcome"])
    detail = answer.get("detail", "")
    if outcome is TrialOutcome.NONSENSE:
        return TrialResult(outcome, _nonsense(path), detail)
    speeds = answer.get("flash_attention")
    if speeds:
        measured = "flash attention {on:.1f} tokens/s, without {off:.1f}, at a depth of {depth}".format(**speeds)
        detail = f"{detail} {measured}".strip()
    return TrialResult(
        outcome,
        answer.get("sentence", ""),
        detail,
        flash_attention_faster=speeds["on"] > _WORTH_READING * speeds["off"] if speeds else None,
        batch_cost=answer.get("batch_cost"),
        on_gpu=bool(answer.get("on_gpu")),
    )


def _answer(said: str) -> Mapping[str, Any] | None:
    try:
        answer = json.loads(said)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and answer.get("outcome") in set(TrialOutcome) else None


def _death(path: Path, code: int, complaints: str) -> TrialResult:
    detail = f"{_cause(code)}\n{complaints}".strip()
    if sys.platform != "win32" and code == -signal.SIGKILL:
        sentence = (
            f"The trial of {path} was ended by the system, probably because memory ran short. "
            "Close other programs, or open a smaller model."
        )
        return TrialResult(TrialOutcome.KILLED, sentence, detail)
    sentence = (
        f"{path} made the engine crash ({_cause(code)}) in a trial, so it was not loaded. "
        "The file is probably damaged: download it again, or choose another model."
    )
    return TrialResult(TrialOutcome.CRASHED, sentence, detail)


def _cause(code: int) -> str:
    """The signal's name, or the code that Windows ends a process with."""
    if code >= 0:
        return f"exit code {code:#x}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _hung(path: Path, seconds: float) -> str:
    return (
        f"{path} wrote nothing within {seconds:.0f} seconds in a trial, so it was not loaded. "
        "The file may be damaged, or too large for this computer. Choose another model."
    )


def _nonsense(path: Path) -> str:
    return (
        f"{path} computes nonsense: what it gives in a trial are no sound numbers, so it was not loaded. "
        "The file is damaged. Download it again."
    )


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-_KEPT_LINES:])
