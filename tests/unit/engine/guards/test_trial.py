"""A file is tried in a process of its own: whatever becomes of that process is a result, and never our end."""

import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.errors import CancelledError, ModelCheckError
from app.core.model import LoadParameters
from app.core.model_file import FileFacts, FileStamp, TrialOutcome, TrialResult
from app.engine.guards.checker import LlamaModelChecker
from app.engine.guards.trial import TrialRequest, run_trial, time_limit
from app.engine.llama import LlamaEngine
from app.storage.database import Database
from tests.gguf_files import layout_of
from tests.included import INCLUDED_MODEL, model_service
from tests.trials import REPOSITORY, TRIAL_COMMAND

HEADER_BYTES = 2 << 20


def run_script(script: str, seconds: float = 60.0, cancel: CancelToken | None = None) -> TrialResult:
    """Run Python code in place of a trial."""
    command = [sys.executable, "-c", script]
    return run_trial(command, TrialRequest(Path("/models/a.gguf")), cancel or CancelToken(), seconds)


@pytest.fixture
def spoilt(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """The included model with a value of its header overwritten; its data are empty, and need not be reached."""
    with INCLUDED_MODEL.open("rb") as file:
        header = file.read(HEADER_BYTES)
    layout = layout_of(header)

    def make(key: str, value: bytes) -> Path:
        path = tmp_path / "spoilt.gguf"
        start = layout.key(key).start
        with path.open("wb") as file:
            file.write(header[:start] + value + header[start + len(value) : layout.data])
            file.truncate(INCLUDED_MODEL.stat().st_size)
        return path

    return make


def try_out(path: Path, measure: bool = False) -> TrialResult:
    """The real trial of a file."""
    return run_trial(TRIAL_COMMAND, TrialRequest(path, measure=measure), CancelToken(), 120, REPOSITORY)


@pytest.mark.real_model
def test_the_included_model_passes_and_is_measured() -> None:
    result = try_out(INCLUDED_MODEL, measure=True)
    assert result.ok
    assert result.outcome is TrialOutcome.PASSED
    assert result.sentence == ""
    assert result.seconds > 0
    # On a computer that is busy with something else nothing is measured, so the figures may be missing.
    assert result.batch_cost is None or 0.5 < result.batch_cost < 20
    assert (result.flash_attention_faster is None) == ("flash attention" not in result.detail)


@pytest.mark.real_model
def test_a_file_on_which_llama_cpp_aborts_is_a_sentence(spoilt: Callable[[str, bytes], Path]) -> None:
    path = spoilt("llama.block_count", struct.pack("<I", 0))
    result = try_out(path)
    assert result.outcome is TrialOutcome.CRASHED
    assert not result.ok
    assert str(path) in result.sentence
    assert "made the engine crash" in result.sentence
    assert "GGML_ASSERT" in result.detail, "the last lines of the child's stderr are kept for the log"
    if sys.platform != "win32":
        assert "SIGABRT" in result.sentence


@pytest.mark.real_model
def test_a_file_without_its_weights_gives_nonsense(spoilt: Callable[[str, bytes], Path]) -> None:
    path = spoilt("llama.block_count", struct.pack("<I", 30))
    result = try_out(path)
    assert result.outcome is TrialOutcome.NONSENSE
    assert "computes nonsense" in result.sentence


@pytest.mark.real_model
def test_a_file_that_llama_cpp_refuses_has_the_engine_s_sentence(spoilt: Callable[[str, bytes], Path]) -> None:
    path = spoilt("general.architecture", struct.pack("<Q", 5) + b"quuxx")
    result = try_out(path)
    assert result.outcome is TrialOutcome.REFUSED
    assert "newer Inglenook" in result.sentence
    assert not result.lasting


@pytest.mark.real_model
def test_after_a_child_died_in_llama_cpp_the_application_goes_on(
    spoilt: Callable[[str, bytes], Path], machine: Database
) -> None:
    class Unchecked(LlamaModelChecker):
        """Lets every header pass, so that the file reaches llama.cpp."""

        def read(self, path: Path) -> FileFacts:
            status = path.stat()
            return FileFacts((path,), FileStamp(status.st_size, status.st_mtime_ns))

    engine = LlamaEngine()
    models = model_service(engine, machine, Unchecked(TRIAL_COMMAND, REPOSITORY, measure=False))
    with pytest.raises(ModelCheckError, match="made the engine crash"):
        models.load(spoilt("llama.block_count", struct.pack("<I", 0)), CancelToken(), lambda _: None)
    assert models.current is None
    model = models.load(None, CancelToken(), lambda _: None)
    assert model.name == "SmolLM2 135M"
    assert engine.model is not None
    models.unload()


@pytest.mark.real_model
def test_nothing_in_the_current_folder_is_run(tmp_path: Path) -> None:
    for name in ("app", "llama_cpp"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('planted')")
    request = TrialRequest(INCLUDED_MODEL, measure=False)
    assert run_trial(TRIAL_COMMAND, request, CancelToken(), 120, tmp_path).outcome is TrialOutcome.PASSED


def test_what_hangs_is_ended() -> None:
    started = time.monotonic()
    result = run_script("import time; time.sleep(60)", seconds=0.3)
    assert time.monotonic() - started < 30
    assert result.outcome is TrialOutcome.HUNG
    assert "/models/a.gguf" in result.sentence
    assert not result.lasting


def test_a_cancelled_trial_ends_at_once() -> None:
    cancel = CancelToken()
    timer = threading.Timer(0.2, cancel.cancel)
    timer.start()
    started = time.monotonic()
    with pytest.raises(CancelledError):
        run_script("import time; time.sleep(60)", cancel=cancel)
    assert time.monotonic() - started < 30
    timer.join()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
@pytest.mark.parametrize(
    ("name", "outcome", "words"),
    [("SIGSEGV", TrialOutcome.CRASHED, "SIGSEGV"), ("SIGKILL", TrialOutcome.KILLED, "memory ran short")],
)
def test_death_by_a_signal_is_told_by_its_name(name: str, outcome: TrialOutcome, words: str) -> None:
    result = run_script(f"import os, signal; os.kill(os.getpid(), signal.{name})")
    assert result.outcome is outcome
    assert words in result.sentence
    assert result.lasting is (outcome is TrialOutcome.CRASHED)


@pytest.mark.parametrize("output", ["", "no json", "[1]", '{"outcome": "splendid"}', "{}"])
def test_a_child_that_ends_without_an_answer_has_crashed(output: str) -> None:
    assert run_script(f"print({output!r})").outcome is TrialOutcome.CRASHED


@pytest.mark.expects_log_records
def test_a_fault_of_the_trial_itself_is_no_verdict_on_the_file(caplog: pytest.LogCaptureFixture) -> None:
    result = run_script("import a_module_that_is_missing")
    assert result.outcome is TrialOutcome.UNTRIED
    assert result.ok
    assert "a_module_that_is_missing" in caplog.text


@pytest.mark.expects_log_records
def test_a_command_that_cannot_be_started_is_no_verdict_either(tmp_path: Path) -> None:
    result = run_trial([str(tmp_path / "missing")], TrialRequest(tmp_path / "a.gguf"), CancelToken(), 10)
    assert result.outcome is TrialOutcome.UNTRIED


def test_a_large_file_has_more_time() -> None:
    assert time_limit(0) >= 60
    assert time_limit(14_000_000_000) > 500


@pytest.mark.real_model
def test_the_checker_knows_its_engine() -> None:
    checker = LlamaModelChecker(TRIAL_COMMAND, REPOSITORY)
    assert checker.engine_version.startswith("0.3.36-")
    facts = checker.read(INCLUDED_MODEL)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        checker.try_out(facts, LoadParameters(path=INCLUDED_MODEL), cancel)
