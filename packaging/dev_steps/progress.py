"""Shows on standard error what set-up is doing, and runs its commands with their full output kept in a log."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

NINJA_STEP = re.compile(r"\[(\d+)/(\d+)\]")
QUIET_SECONDS = 20.0  # how often a log that nobody watches gets a line
LIVE_SECONDS = 0.5
KEPT_LINES = 400


def say(sentence: str) -> None:
    """One line for the person."""
    print(f"[dev] {sentence}", file=sys.stderr, flush=True)


def ninja_percent(line: str) -> int | None:
    """How far a build is, read from ninja's `[done/all]`; None when the line tells nothing."""
    match = NINJA_STEP.search(line)
    if match is None or int(match[2]) == 0:
        return None
    return min(100, 100 * int(match[1]) // int(match[2]))


class StepLine:
    """The line of one long step: redrawn in place on a terminal, repeated every 20 seconds elsewhere."""

    def __init__(self, title: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.title = title
        self.detail = ""
        self._clock = clock
        self._began = self._printed = clock()
        self._live = sys.stderr.isatty()
        if not self._live:
            say(f"{title} …")

    def tick(self) -> None:
        """Show the seconds so far; call it as often as you like."""
        now = self._clock()
        if now - self._printed < (LIVE_SECONDS if self._live else QUIET_SECONDS):
            return
        self._printed = now
        text = f"[dev] {self.title} … {self.detail + ', ' if self.detail else ''}{now - self._began:.0f} s"
        if self._live:
            self._redraw(text)
        else:
            print(text, file=sys.stderr, flush=True)

    def _redraw(self, text: str) -> None:
        """Put `text` over what stands on the line; by spaces, because not every console knows the code that clears."""
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{text[:width]:{width}}\r{text[:width]}", end="", file=sys.stderr, flush=True)

    def close(self, outcome: str) -> None:
        """The last word on this step."""
        if self._live:
            self._redraw("")
        say(f"{self.title}: {outcome} ({self._clock() - self._began:.1f} s)")


def run_step(
    title: str,
    command: Sequence[str | Path],
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    umask: int = -1,
) -> str | None:
    """Run `command` as one visible step, with our `umask` unless one is given (POSIX alone).

    Its last lines when it failed, None when it succeeded.
    """
    line = StepLine(title)
    last: deque[str] = deque(maxlen=KEPT_LINES)
    log.parent.mkdir(parents=True, exist_ok=True)
    # A group of its own, so that an interruption reaches the compilers below pip as well.
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=env,
        cwd=cwd,
        start_new_session=True,
        umask=umask,
    )
    try:
        reader = threading.Thread(target=_read, args=(process, log, last, line))
        reader.start()
        while reader.is_alive():
            reader.join(0.1)
            line.tick()
        failed = process.wait() != 0
    except BaseException:
        end_group(process)
        reader.join()
        line.close("stopped")
        raise
    line.close("failed" if failed else "done")
    return "".join(last) if failed else None


def _read(process: "subprocess.Popen[str]", log: Path, last: "deque[str]", line: StepLine) -> None:
    """Keep what the command prints, and its percentage if it has one."""
    assert process.stdout is not None
    try:
        with log.open("w", encoding="utf-8") as file:
            for text in process.stdout:
                last.append(text)
                percent = ninja_percent(text)
                if percent is not None:
                    line.detail = f"{percent} %"
                file.write(text)
    except OSError as error:
        last.append(f"the log could not be written: {error}\n")
    finally:
        # A command whose output nobody reads would stand still once the pipe is full.
        last.extend(process.stdout)
        process.stdout.close()


def end_group(process: "subprocess.Popen[str]") -> None:
    """End a command and everything that it started."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        # What outlives the command it was started by would hold our end of the pipe open.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
