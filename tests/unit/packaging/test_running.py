"""Shows which face the application gets, and that nothing said on standard input is lost or held back."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dev_steps.places import Places
from dev_steps.running import Face, command_in, face_without_display, has_display, read_first_words

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
needs_a_shebang = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is started by its first line")

# Stands for the application: says how it was called, then answers line by line.
APPLICATION = """
if "--screenshots" in sys.argv:
    folder = pathlib.Path(sys.argv[sys.argv.index("--screenshots") + 1])
    folder.mkdir(parents=True)
    (folder / "chat.png").touch()
print("called", sys.argv[1:], os.environ.get("QT_QPA_PLATFORM"), flush=True)
for line in sys.stdin:
    print("answer to", line.strip(), flush=True)
"""
# `run` as packaging/dev.py starts it, in a checkout that is set up.
RUN = """
import sys
from pathlib import Path
from dev_steps import running, system
from dev_steps.places import Places
running.set_up = lambda *_: None
system.qt_lacks = lambda **_: []
sys.exit(running.run(Places(Path(sys.argv[1]), Path(sys.argv[2])), sys.argv[3:]))
"""


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([], None),
        (["--debug", "--temp-profile"], None),
        (["--profile", "chat"], None),
        (["--profile=chat", "--fake-engine"], None),
        (["--profile", "here", "ask", "What?"], "ask"),
        (["chat"], "chat"),
        (["--version"], "--version"),
        (["--help"], "--help"),
    ],
)
def test_the_command_among_the_arguments(arguments: list[str], command: str | None) -> None:
    assert command_in(arguments) == command


@pytest.mark.parametrize(
    ("platform", "env", "display"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_where_a_window_is_seen(platform: str, env: dict[str, str], display: bool) -> None:
    assert has_display(platform, env) is display


@pytest.mark.parametrize(
    ("is_terminal", "first", "face"),
    [
        (True, b"", Face.CHAT),
        (False, b"Hello\n", Face.CHAT),
        (False, b"", Face.SELF_TEST),
        (False, b" \n\n", Face.SELF_TEST),
    ],
)
def test_the_face_without_a_display(is_terminal: bool, first: bytes, face: Face) -> None:
    assert face_without_display(is_terminal, first) is face


def test_the_first_words_are_not_held_back() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"\n\nWhat?\n")
    assert read_first_words(reader) == b"\n\nWhat?\n"  # although the writer may still write
    os.close(writer)
    assert read_first_words(reader) == b""
    os.close(reader)
    assert read_first_words(reader) == b""


class Started:
    """`run` in a process of its own, without a display."""

    def __init__(self, places: Places, *arguments: str, stdin: int | None) -> None:
        hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
        env = {key: value for key, value in os.environ.items() if key not in hidden}
        command = [sys.executable, "-c", RUN, str(places.root), str(places.cache), *arguments]
        self.process = subprocess.Popen(
            command, cwd=PACKAGING, env=env, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def finish(self, text: str | None = None) -> tuple[str, str]:
        """What it printed on its two streams, after `text` on standard input."""
        with self.process:
            return self.process.communicate(text, timeout=20)


@needs_a_shebang
def test_nothing_on_standard_input_runs_the_self_test(places: Places, stand_in: Callable[[str], None]) -> None:
    stand_in(APPLICATION)
    out, err = Started(places, "--temp-profile", stdin=subprocess.DEVNULL).finish()
    pictures = str(places.cache / "screenshots")
    assert out == f"called {['-P', '-m', 'app', '--temp-profile', 'self-test', '--screenshots', pictures]} offscreen\n"
    assert "no display" in err
    assert f"The pictures are in {pictures}" in err


@needs_a_shebang
def test_a_closed_standard_input_is_an_empty_one(places: Places, stand_in: Callable[[str], None]) -> None:
    stand_in(APPLICATION)
    (places.cache / "screenshots").mkdir(parents=True)
    (places.cache / "screenshots" / "of-an-earlier-run.png").touch()
    command = ["sh", "-c", 'exec "$@" <&-', "sh", sys.executable, "-c", RUN, str(places.root), str(places.cache)]
    env = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(command, cwd=PACKAGING, env=env, capture_output=True, text=True, timeout=20, check=False)
    assert "'self-test'" in done.stdout
    assert [path.name for path in (places.cache / "screenshots").iterdir()] == ["chat.png"]


@needs_a_shebang
def test_lines_on_standard_input_are_answered(places: Places, stand_in: Callable[[str], None]) -> None:
    stand_in(APPLICATION)
    out, err = Started(places, stdin=subprocess.PIPE).finish("\nfirst\nsecond\nlast without an end")
    assert "'chat']" in out
    assert out.endswith("answer to \nanswer to first\nanswer to second\nanswer to last without an end\n")
    assert "no display" in err


@needs_a_shebang
def test_the_first_line_is_answered_while_more_may_come(places: Places, stand_in: Callable[[str], None]) -> None:
    stand_in(APPLICATION)
    started = Started(places, stdin=subprocess.PIPE)
    with started.process as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("first\n")
        process.stdin.flush()
        lines = [process.stdout.readline() for _ in range(2)]
        assert lines[1] == "answer to first\n"
        assert process.poll() is None
        assert started.finish("second\n")[0] == "answer to second\n"


@needs_a_shebang
def test_an_application_that_ends_first_is_not_waited_on(places: Places, stand_in: Callable[[str], None]) -> None:
    stand_in("sys.exit(7)")
    with Started(places, stdin=subprocess.PIPE).process as process:
        assert process.stdin is not None
        process.stdin.write("a line, and the writer stays\n")
        process.stdin.flush()
        began = time.monotonic()
        assert process.wait(20) == 7
        assert time.monotonic() - began < 10


@needs_a_shebang
def test_arguments_go_to_the_application_as_they_are(places: Places, stand_in: Callable[[str], None]) -> None:
    stand_in(APPLICATION)
    out, err = Started(places, "ask", "-", stdin=subprocess.PIPE).finish("What?\n")
    assert "['-P', '-m', 'app', 'ask', '-']" in out
    assert "answer to What?" in out
    assert "no display" not in err
