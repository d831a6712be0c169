"""Starts the application: in its window, or without a display as the chat in the terminal or the self-test."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from enum import Enum

from dev_steps import system
from dev_steps.environment import tool_environment
from dev_steps.places import Places
from dev_steps.progress import say
from dev_steps.setting_up import set_up

BLOCK = 65536
TERMINAL_COMMANDS = ("ask", "chat")  # they draw no window, so they need none of Qt's libraries
VALUE_OPTIONS = ("--profile",)
NO_COMMAND_OPTIONS = ("-h", "--help", "--version")


class Face(Enum):
    """How the application shows itself."""

    AS_ASKED = "the arguments name it"
    WINDOW = "in a window"
    CHAT = "in the terminal"
    SELF_TEST = "offscreen, for its figures and pictures"


def has_display(platform: str, env: Mapping[str, str]) -> bool:
    """Whether a window could be seen here."""
    if not platform.startswith("linux"):
        return True
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def command_in(arguments: Sequence[str]) -> str | None:
    """The application's command among `arguments`, if they name one; otherwise they ask for the window."""
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in VALUE_OPTIONS:
            skip = True
        elif argument in NO_COMMAND_OPTIONS or not argument.startswith("-"):
            return argument
    return None


def face_without_display(is_terminal: bool, first_input: bytes) -> Face:
    """What to do where no window can be seen: chat with whoever is there, or show that everything works."""
    return Face.CHAT if is_terminal or first_input.strip() else Face.SELF_TEST


def run(places: Places, arguments: Sequence[str]) -> int:
    """Set up what is missing and start the application with `arguments`; its exit code."""
    command = command_in(arguments)
    display = has_display(sys.platform, os.environ)
    draws = command not in TERMINAL_COMMANDS and (command is not None or display)
    set_up(places, system.qt_lacks(window=display, tests=False) if draws else [])
    if command is not None or display:
        return start(places, arguments)
    return _run_without_display(places, arguments)


def _run_without_display(places: Places, arguments: Sequence[str]) -> int:
    say("There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can be shown.")
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    if not is_terminal and sys.stdin is not None:
        say("Reading questions from standard input, one a line …")
    first_input = b"" if is_terminal or sys.stdin is None else read_first_words()
    if face_without_display(is_terminal, first_input) is Face.SELF_TEST:
        system.provide(system.qt_lacks(window=False, tests=False), places.logs)
        return _self_test(places, arguments)
    say("Chatting in the terminal instead; the window's other face, the same core.")
    return start(places, [*arguments, "chat"], None if is_terminal else first_input)


def _self_test(places: Places, arguments: Sequence[str]) -> int:
    pictures = places.cache / "screenshots"
    shutil.rmtree(pictures, ignore_errors=True)  # those of an earlier run would be taken for this one's
    say("Nothing was asked on standard input: testing the window offscreen instead.")
    code = start(places, [*arguments, "self-test", "--screenshots", str(pictures)], b"")
    if any(pictures.glob("*")):
        say(f"The pictures are in {pictures}")
    return code


def read_first_words(descriptor: int = 0) -> bytes:
    """What comes on standard input up to the first block that is not blank; empty when there is nothing to come."""
    read = b""
    try:
        while block := os.read(descriptor, BLOCK):
            read += block
            if block.strip():
                return read
    except OSError:  # standard input was closed by whoever started us
        return b""
    return read


def start(places: Places, arguments: Sequence[str], input_so_far: bytes | None = None) -> int:
    """Run the application to its end. With `input_so_far` it gets that first, and then the rest of standard input."""
    env = tool_environment(places)
    if not has_display(sys.platform, env):
        env.setdefault("QT_QPA_PLATFORM", "offscreen")
    # -P: the person's own folder, which their file names are meant from, may hold some other `app`.
    command = [str(places.python), "-P", "-m", "app", *arguments]
    if input_so_far is None:
        return wait_for(subprocess.Popen(command, env=env))
    process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE)
    # A daemon: it may be waiting for a line that nobody will write when the application has already ended.
    threading.Thread(target=_pass_on, args=(process, input_so_far), daemon=True).start()
    return wait_for(process)


def _pass_on(process: "subprocess.Popen[bytes]", block: bytes) -> None:
    assert process.stdin is not None
    try:
        while block:
            process.stdin.write(block)
            process.stdin.flush()
            block = os.read(0, BLOCK)
        process.stdin.close()
    except OSError:  # the application ended, or standard input was never open: either way there is no more to pass on
        return


def wait_for(process: "subprocess.Popen[bytes]") -> int:
    """The exit code of `process`; after Ctrl+C, which it gets too, it is left the time to end by itself."""
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            continue
        except BaseException:
            process.terminate()
            process.wait()
            raise
        return code if code >= 0 else 128 - code
