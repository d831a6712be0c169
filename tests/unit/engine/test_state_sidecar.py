"""A saved state is read only when it is whole and of this very model and context."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import StateFileError
from app.engine.state_sidecar import StateFacts, sidecar_path, verified, write_with_sidecar

FACTS = StateFacts(
    model="5f1d0c",
    model_size=98_362_432,
    context_length=4096,
    kv_cache_type="f16",
    flash_attention="off",
    engine_version="0.3.36",
    adapters=(("b.gguf", 0.5),),
)
CONTENT = bytes(range(256)) * 20_000


@pytest.fixture
def state(tmp_path: Path) -> Path:
    path = tmp_path / "7-abc.state"
    write_with_sidecar(path, lambda temporary: _fill(temporary, CONTENT), FACTS, tokens=1440)
    return path


def _fill(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def test_a_whole_state_of_this_model_is_accepted(state: Path) -> None:
    sidecar = verified(state, FACTS)
    assert (sidecar.size, sidecar.tokens, sidecar.facts) == (len(CONTENT), 1440, FACTS)
    assert sorted(p.name for p in state.parent.iterdir()) == [state.name, state.name + ".json"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights are different there")
def test_only_this_user_can_read_it_from_the_first_byte(tmp_path: Path) -> None:
    seen = []

    def write(path: Path) -> None:
        seen.append(stat.S_IMODE(path.stat().st_mode))
        _fill(path, CONTENT)

    path = tmp_path / "7-abc.state"
    write_with_sidecar(path, write, FACTS)
    modes = [stat.S_IMODE(p.stat().st_mode) for p in (path, sidecar_path(path))]
    assert seen + modes == [0o600] * 3


@pytest.mark.parametrize("kept", [0, 1, 4096, len(CONTENT) - 1])
def test_a_shortened_state_is_refused(state: Path, kept: int) -> None:
    os.truncate(state, kept)
    with pytest.raises(StateFileError, match="cut short"):
        verified(state, FACTS)


@pytest.mark.parametrize("position", [0, 4097, 1 << 20, len(CONTENT) - 1])
def test_a_flipped_bit_is_found(state: Path, position: int) -> None:
    content = bytearray(CONTENT)
    content[position] ^= 0x10
    state.write_bytes(content)
    with pytest.raises(StateFileError, match="damaged"):
        verified(state, FACTS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "0c5f1d"}, "model's file"),
        ({"model_size": 1}, "model's size"),
        ({"context_length": 2048}, "context length"),
        ({"kv_cache_type": "q8_0"}, "KV cache type"),
        ({"flash_attention": "on"}, "flash attention"),
        ({"engine_version": "0.3.37"}, "engine's version"),
        ({"adapters": (("b.gguf", 0.6),)}, "LoRA"),
        ({"layout": "full sliding window"}, "layout"),
    ],
)
def test_a_state_of_another_model_or_context_is_refused(state: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises(StateFileError, match=words):
        verified(state, replace(FACTS, **change))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"format": 3}',
        "[" * 100_000,
        "\ufeff",
        '{"format": 3, "size": 1, "checksum": "", "tokens": 1, "facts": {"adapters": 5}}',
    ],
)
def test_a_sidecar_that_makes_no_sense_is_refused(state: Path, text: str) -> None:
    sidecar_path(state).write_text(text, encoding="utf-8")
    with pytest.raises(StateFileError, match="cannot be read"):
        verified(state, FACTS)


@pytest.mark.parametrize("change", [{"tokens": -1}, {"tokens": "many"}, {"size": None}, {"format": 2}, {"format": 4}])
def test_a_sidecar_with_a_senseless_value_is_refused(state: Path, change: dict[str, Any]) -> None:
    note = sidecar_path(state)
    note.write_text(json.dumps({**json.loads(note.read_text("ascii")), **change}), encoding="ascii")
    with pytest.raises(StateFileError):
        verified(state, FACTS)


@pytest.mark.parametrize("missing", ["state", "sidecar", "both"])
def test_half_a_pair_is_refused(state: Path, missing: str) -> None:
    for path, name in ((state, "state"), (sidecar_path(state), "sidecar")):
        if missing in (name, "both"):
            path.unlink()
    with pytest.raises(StateFileError):
        verified(state, FACTS)


def test_a_new_state_beside_an_old_sidecar_is_refused(state: Path) -> None:
    """What a process leaves that was killed between the two renames."""
    before = sidecar_path(state).read_bytes()
    write_with_sidecar(state, lambda path: _fill(path, CONTENT[::-1]), FACTS)
    sidecar_path(state).write_bytes(before)
    with pytest.raises(StateFileError, match="damaged"):
        verified(state, FACTS)


def test_writing_again_replaces_the_state(state: Path) -> None:
    write_with_sidecar(state, lambda path: _fill(path, b"short"), FACTS, tokens=3)
    assert state.read_bytes() == b"short"
    assert verified(state, FACTS).tokens == 3


def _fails(path: Path) -> None:
    _fill(path, b"half")
    raise StateFileError("The engine could not write.")


def _leaves_nothing(path: Path) -> None:
    pass


def _fills_the_disk(path: Path) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("write", "words"),
    [(_fails, "engine could not"), (_leaves_nothing, "nothing was written"), (_fills_the_disk, "disk is full")],
)
def test_a_failed_write_leaves_what_was_there(state: Path, write: Callable[[Path], None], words: str) -> None:
    with pytest.raises(StateFileError, match=words):
        write_with_sidecar(state, write, FACTS)
    assert verified(state, FACTS).tokens == 1440
    assert len(list(state.parent.iterdir())) == 2


def test_a_folder_that_is_gone_is_a_known_error(tmp_path: Path) -> None:
    with pytest.raises(StateFileError, match="could not be saved"):
        write_with_sidecar(tmp_path / "gone" / "7.state", lambda path: _fill(path, b"x"), FACTS)


def test_a_process_killed_while_writing_leaves_the_pair_from_before(state: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from app.engine.state_sidecar import *\n"
        "def write(path):\n"
        "    path.write_bytes(b'half of it')\n"
        "    os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, 'SIGKILL') else signal.SIGTERM)\n"
        "write_with_sidecar(Path(sys.argv[1]), write, StateFacts('', 0, 0, '', '', ''))\n"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", script, str(state)], cwd=root, check=False)
    assert done.returncode != 0
    assert verified(state, FACTS).tokens == 1440
