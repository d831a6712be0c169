"""`inglenook ask`, as a process, on the included model."""

import json
import signal
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from tests.e2e.process import inglenook, start
from tests.included import INCLUDED_MODEL

pytestmark = pytest.mark.real_model

QUESTION = "What is the capital of France?"
KEYS = {
    "text",
    "reasoning",
    "stop_reason",
    "prompt_tokens",
    "reused_tokens",
    "completion_tokens",
    "drafted_tokens",
    "accepted_tokens",
    "tokens_per_second",
    "time_to_first_token_ms",
    "model",
    "sha256",
    "device",
    "load",
    "sampling",
    "sampling_source",
}
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 20},
        "age": {"type": "integer", "minimum": 18, "maximum": 80},
        "hobbies": {"type": "array", "items": {"enum": ["chess", "music", "sport"]}, "minItems": 1, "maxItems": 2},
    },
    "required": ["name", "age", "hobbies"],
}


def test_it_names_paris_on_stdout_and_says_nothing_else() -> None:
    done = inglenook("ask", QUESTION)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Paris" in done.stdout


def test_an_answer_that_is_cut_short_says_so() -> None:
    done = inglenook("ask", "Count from 1 to 20.", "--max-tokens", "3")
    assert done.returncode == 0
    assert done.stderr == "Ended at the token limit: the answer may go on.\n"


def test_json_holds_the_answer_and_its_figures() -> None:
    done = inglenook("ask", QUESTION, "--json", "--temperature", "0", "--max-tokens", "3")
    answer = json.loads(done.stdout)
    assert set(answer) == KEYS
    assert answer["stop_reason"] == "max_tokens"
    assert answer["completion_tokens"] == 3
    assert answer["tokens_per_second"] > 0
    assert answer["time_to_first_token_ms"] > 0
    assert answer["model"] == "SmolLM2 135M"
    assert answer["load"]["path"] == str(INCLUDED_MODEL)
    assert answer["sampling"]["max_tokens"] == 3
    assert answer["sampling_source"] == "catalogue"


@pytest.mark.parametrize("temperature", ["0", "1.5"])
def test_a_schema_gives_json_that_it_accepts(tmp_path: Path, temperature: str) -> None:
    file = tmp_path / "person.json"
    file.write_text(json.dumps(PERSON), encoding="utf-8")
    done = inglenook("ask", "Describe a person.", "--schema", file, "--temperature", temperature, "--seed", "4")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("}\n")
    jsonschema.validate(json.loads(done.stdout), PERSON)


def test_a_schema_that_a_model_would_never_end_with_is_kept_to_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "lists.json"
    schema = {"type": "array", "items": {"type": "string", "minLength": 20}, "minItems": 1}
    file.write_text(json.dumps(schema), encoding="utf-8")
    limits = ("--context-length", "512", "--temperature", "2", "--top-k", "0", "--min-p", "0", "--max-tokens", "80")
    done = inglenook("ask", "Write for ever.", "--schema", file, "--seed", "1", *limits)
    assert (done.returncode, done.stderr) == (0, "")
    jsonschema.validate(json.loads(done.stdout), schema)


def test_free_json_and_a_grammar(tmp_path: Path) -> None:
    grammar = tmp_path / "yes.gbnf"
    grammar.write_text('root ::= ("yes" | "no") "!"', encoding="utf-8")
    assert inglenook("ask", "Is the sky blue?", "--grammar", grammar).stdout in ("yes!\n", "no!\n")
    assert isinstance(json.loads(inglenook("ask", "A colour?", "--output", "json", "--max-tokens", "300").stdout), dict)


def test_an_answer_that_cannot_be_complete_is_a_failure_and_not_half_an_answer() -> None:
    done = inglenook("ask", "A recipe?", "--output", "json", "--max-tokens", "1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no valid answer in 3 tries" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_forbidden_and_favoured_tokens_are_seen_in_the_answer() -> None:
    arguments = ("ask", QUESTION, "--temperature", "0", "--max-tokens", "12", "--repeat-penalty", "1")
    assert "Paris" in inglenook(*arguments).stdout
    assert "Paris" not in inglenook(*arguments, "--logit-bias", " Paris=-inf").stdout


def test_what_is_forgotten_while_an_answer_is_written_is_said() -> None:
    limits = ("--context-length", "64", "--overflow", "shift")
    done = inglenook("--temp-profile", "--fake-engine", "ask", "word " * 40, *limits)
    assert done.stdout.startswith("You said: word")
    assert done.stderr == (
        "The context was full while this was written: the oldest 32 tokens of the conversation were forgotten.\n"
    )


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
        (("ask", "Hi", "--kv-cache-type", "q9"), 2, "--kv-cache-type"),
        (("ask", "Hi", "--context-length", "1"), 1, "Context length must be"),
        (("ask", "Hi", "--logit-bias", "no such token=1"), 1, "'no such token' is 3 tokens"),
        (("ask", "Hi", "--schema", "missing.json"), 1, "missing.json cannot be read"),
        (("ask", "Hi", "--schema", "README.md"), 1, "not JSON: line 1"),
        (("ask", "Hi", "--grammar", "README.md"), 1, "The grammar is not valid at line 3"),
        (("ask", "Hi", "--schema", "a", "--output", "json"), 2, "exclude one another"),
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
    for word in (
        "ask",
        "chat",
        "devices",
        "self-test",
        "--profile",
        "--temp-profile",
        "--fake-engine",
        "--debug",
        "Exit codes",
    ):
        assert word in shown


def test_the_help_of_ask_is_grouped() -> None:
    shown = inglenook("ask", "--help").stdout
    places = [shown.index(heading) for heading in ("Options:", "Output:", "Sampling", "Loading:")]
    assert places == sorted(places)
    assert shown.index("--schema") < places[2] < shown.index("--top-k") < places[3] < shown.index("--gpu-layers")


def test_a_window_without_a_display_is_refused_with_a_way_out() -> None:
    if sys.platform != "linux":
        pytest.skip("written for Linux: elsewhere there is always a display")
    done = inglenook()
    assert done.returncode == 1
    assert "inglenook chat" in done.stderr


def test_debug_shows_the_log() -> None:
    done = inglenook("--debug", "--fake-engine", "ask", "Hi")
    assert done.returncode == 0
    assert "profile" in done.stderr
    assert "Traceback" not in done.stderr
