"""Runs the guards on one file, step by step, without loading it into the application."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import ModelError
from app.core.model import LoadParameters
from app.core.model_file import FileFacts, TrialResult
from app.services.model_files import ModelFiles, trial_error


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One guard: its name, whether the file passed it, what it found in words, and the seconds it took."""

    name: str
    ok: bool
    found: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """`sentence` is "ok", or what is wrong with the file. Steps after the one that failed are not run."""

    ok: bool
    sentence: str
    steps: tuple[ProbeStep, ...]


def probe(files: ModelFiles, path: Path, cancel: CancelToken) -> ProbeReport:
    """Examine the header and make the trial, even if it was made before. Raises CancelledError."""
    steps: list[ProbeStep] = []
    path = path.expanduser().absolute()
    facts: FileFacts | None = None

    def header() -> str:
        nonlocal facts
        facts = files.examine(path)
        return _of_header(facts)

    def trial() -> str:
        assert facts is not None, "the header was read before"
        result = files.try_out(facts, LoadParameters(path=path), cancel)
        if not result.ok:
            raise trial_error(result, path, remembered=False)
        return _of_trial(result)

    for name, work in (("header", header), ("trial", trial)):
        step = _run(name, work)
        steps.append(step)
        if not step.ok:
            return ProbeReport(False, step.found, tuple(steps))
    return ProbeReport(True, "ok", tuple(steps))


def _run(name: str, work: Callable[[], str]) -> ProbeStep:
    started = time.perf_counter()
    try:
        ok, found = True, work()
    except ModelError as error:
        ok, found = False, error.sentence
    return ProbeStep(name, ok, found, round(time.perf_counter() - started, 3))


def _of_header(facts: FileFacts) -> str:
    return (
        f"{facts.architecture}, {facts.layer_count} layers, {facts.context_length:,} tokens of context, "
        f"{len(facts.files)} file{'s' if len(facts.files) > 1 else ''}, {facts.stamp.size_bytes:,} bytes"
    )


def _of_trial(result: TrialResult) -> str:
    parts = [result.outcome.value, result.detail]
    if result.batch_cost is not None:
        parts.append(f"8 tokens at once cost as much as {result.batch_cost:.1f} single ones")
    return "; ".join(part for part in parts if part)
