"""`inglenook ask`, as a process, on the included model."""

import json
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.process import inglenook, start
from tests.included import INCLUDED_MODEL

pytestmark = pytest.mark.real_model

QUESTION = "What is the capital of France?"
KEYS = {
    "text",
    "stop_reason",
    "prompt_tokens",
    "reused_tokens",
    "completion_tokens",
    "tokens_per_second",
    "time_to_first_token_ms",
    "sampling",
    "sampling_source",
}


def test_it_names_paris_on_stdout_and_says_nothing_else() -> None:
    done = inglenook("ask", QUESTION)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Paris" in done.stdout


def test_json_holds_the_answer_and_its_figures() -> None:
    done = inglenook("ask", QUESTION, "--json", "--temperature", "0", "--max-tokens", "3")
    answer = json.loads(done.stdout)
    assert set(answer) == KEYS
    assert answer["stop_reason"] == "max_tokens"
    assert answer["completion_tokens"] == 3
    assert answer["tokens_per_second"] > 0
    assert answer["time_to_first_token_ms"] > 0
    used = answer["sampling"]
    assert (used["temperature"], used["top_p"], used["repeat_penalty"], used["max_tokens"]) == (0, 0.9, 1.1, 3)
    assert answer["sampling_source"] == "catalogue"


def test_a_dash_reads_standard_input_and_a_seed_repeats_the_answer() -> None:
    arguments = ("ask", "-", "--temperature", "1.5", "--seed", "11", "--max-tokens", "12", "--model", INCLUDED_MODEL)
    first, second = (inglenook(*arguments, stdin="Write about\nthe sea.") for _ in range(2))
    assert first.returncode == 0
    assert first.stdout == second.stdout != ""


def test_a_system_prompt_is_part_of_the_prompt() -> None:
    plain = json.loads(inglenook("ask", QUESTION, "--json", "--max-tokens", "1").stdout)
    system = json.loads(inglenook("ask", QUESTION, "--json", "--max-tokens", "1", "--system", "Be brief.").stdout)
    assert system["prompt_tokens"] > plain["prompt_tokens"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("ask", "   "), 1, "empty"),
        (("ask", "Hi", "--temperature", "9"), 1, "Temperature must be between 0 and 5"),
        (("ask", "Hi", "--max-tokens", "0"), 1, "Max tokens"),
        (("ask", "Hi", "--model", "missing.gguf"), 1, "does not exist"),
        (("ask", "Hi", "--model", "pyproject.toml"), 1, "not a GGUF"),
        (("ask", "Hi", "--bogus"), 2, "bogus"),
        (("ask",), 2, "TEXT"),
    ],
)
def test_bad_input_gets_one_sentence_on_stderr(arguments: tuple[str, ...], code: int, words: str) -> None:
    done = inglenook(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_truncated_model_is_called_incomplete(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(INCLUDED_MODEL.read_bytes()[:60_000_000])
    done = inglenook("ask", "Hi", "--model", cut)
    assert (done.returncode, done.stdout) == (1, "")
    assert "incomplete" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_stops_cleanly_and_keeps_what_was_printed() -> None:
    process = start("ask", "Tell me a very long story about the sea, the ships and the people.")
    assert process.stdout is not None
    first = process.stdout.read(20)
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=20)
    assert time.monotonic() - asked < 10
    assert process.returncode == 130
    assert len(first + rest) >= 20
    assert errors == ""


def test_a_reader_that_closes_the_pipe_is_no_crash() -> None:
    process = start("ask", "Tell me a very long story about the sea.")
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(timeout=60) == 1
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    assert process.stdin is not None
    process.stdin.close()
    assert errors == ""


def test_version_and_help() -> None:
    assert "Inglenook" in inglenook("--version").stdout
    shown = inglenook("--help").stdout
    for word in ("ask", "chat", "self-test", "--profile", "--temp-profile", "--fake-engine", "--debug", "Exit codes"):
        assert word in shown


def test_a_window_without_a_display_is_refused_with_a_way_out() -> None:
    if sys.platform != "linux":
        pytest.skip("there is always a display")
    done = inglenook()
    assert done.returncode == 1
    assert "inglenook chat" in done.stderr


def test_debug_shows_the_log() -> None:
    done = inglenook("--debug", "--fake-engine", "ask", "Hi")
    assert done.returncode == 0
    assert "profile" in done.stderr
    assert "Traceback" not in done.stderr
