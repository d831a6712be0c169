"""Measures the longest turn of the event loop that bad input causes: while it is written, and when it is opened.

Milliseconds of processor time of the main thread in a window of 1000 x 800 on Qt's offscreen platform; at most 100 are
wanted. "writing": at 150 tokens/s, of which 60 Hz deliver 2.5 a turn; the first and the last 300 turns. "jump": all
that is between comes at once. "ending": the answer is complete. "opening": it is shown in another conversation.
"top": to the top, the middle and the top again. The other parts are done with the whole in view.

Run: python -m tests.benchmarks.measure_bad_input [--only WORD ...] [--profile PART]
"""

import argparse
import cProfile
import gc
import json
import os
import pstats
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.core.cancel import CancelToken
from app.core.conversation import Message, Role
from app.ui.transcript.blocks.read_ahead import read_ahead
from tests.benchmarks.interleaved import print_table
from tests.benchmarks.measure_transcript import _Bench, _message
from tests.ui.transcript.bad_input import NAMES, bad_input

if TYPE_CHECKING:
    from app.ui.transcript.view import TranscriptView

_LETTERS = 7  # of a turn
_QUIET, _QUIET_ROUNDS = 4, 40  # milliseconds (the caret breathes), and rounds of 5 ms
_MOST_SECONDS = 5
_TURNS = 300  # at the beginning, and as many at the end
_HEADS = ("input", "MB", "writing", "jump", "ending", "opening", "top", "finding", "selecting", "copying", "resizing")


def main() -> None:
    """Print a row for each input."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", help="words of the names")
    parser.add_argument("--profile", metavar="PART", choices=_HEADS[2:])
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(_row(arguments.child, arguments.profile)), flush=True)
        os._exit(0)  # the window need not be taken apart
    rows = []
    for name in NAMES:
        if arguments.only and not any(word in name for word in arguments.only):
            continue
        command = [sys.executable, "-m", "tests.benchmarks.measure_bad_input", "--child", name]
        if arguments.profile:
            command += ["--profile", arguments.profile]
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        if done.returncode:
            print(name, done.stderr[-2000:])
            continue
        *told, last = done.stdout.splitlines()
        print("\n".join(told))
        rows.append(json.loads(last))
        print(rows[-1], file=sys.stderr, flush=True)
    print_table(_HEADS, rows)


class _Run:
    """One input in one window; `longest` is by part, in ms."""

    def __init__(self, text: str, profiled: str | None) -> None:
        self.text = text
        self.longest: dict[str, float] = {}
        self._profiled = profiled
        self.bench = _Bench()
        read_ahead(CancelToken())  # as the window does
        gc.collect()
        gc.freeze()
        self.view = self.bench.view
        self.view.show_messages([_message(1, Role.USER, "And now?"), _message(2, Role.ASSISTANT, "Everything.")])
        self.bench.settle()

    def part(self, name: str, *works: Callable[[], object]) -> None:
        """Do something, a turn each, until nothing is left to do."""
        profiler = cProfile.Profile(time.thread_time) if name == self._profiled else None
        if profiler:
            profiler.enable()
        longest = max(self._turn(work) for work in works)
        quiet, until = 0, time.monotonic() + _MOST_SECONDS
        while quiet < _QUIET_ROUNDS and time.monotonic() < until:  # what goes on by itself: colours, formulas, finding
            cost = self._turn(lambda: time.sleep(0.005))
            longest = max(longest, cost)
            quiet = quiet + 1 if cost < _QUIET else 0
        if profiler:
            profiler.disable()
            pstats.Stats(profiler).sort_stats("tottime").print_stats(25)
        self.longest[name] = longest

    def _turn(self, work: Callable[[], object]) -> float:
        """Milliseconds of the longest of the turns in which `work` is done and what comes of it."""
        longest = 0.0
        for one in (work, lambda: None, lambda: None):
            started = time.thread_time()
            one()
            self.bench.application.processEvents()
            longest = max(longest, time.thread_time() - started)
        return longest * 1000


def _written(view: "TranscriptView", text: str) -> list[Callable[[], object]]:
    pieces = [text[at : at + _LETTERS] for at in range(0, len(text), _LETTERS)]
    return [partial(view.append_to_reply, piece) for piece in pieces or [""]]


def _row(name: str, profiled: str | None) -> list[str]:
    text = bad_input(name)
    run = _Run(text, profiled)
    view = run.view
    gc.disable()  # as the window does while an answer is written
    view.begin_reply(3)
    span = _LETTERS * _TURNS
    first, between, last = text[:span], text[span:-span], text[-span:] if len(text) > span else ""
    run.part("writing", *_written(view, first))
    run.part("jump", partial(view.append_to_reply, between))
    early = run.longest["writing"]
    run.part("writing", *_written(view, last))
    run.longest["writing"] = max(early, run.longest["writing"])
    done, other = _message(3, Role.ASSISTANT, text), _message(5, Role.ASSISTANT, text)
    run.part("ending", lambda: view.finish_reply(done))
    gc.enable()
    shown: list[Message] = [_message(4, Role.USER, "And now?"), other]
    run.part("opening", lambda: view.show_messages(shown))
    run.part(
        "top",
        lambda: view.scroll_to(0),
        lambda: view.scroll_to(view.verticalScrollBar().maximum() / 2),
        lambda: view.scroll_to(0),
    )
    view.open_find()
    run.part("finding", lambda: view.finder.bar.field.setText("e"), lambda: view.finder.bar.field.setText("ee"))
    run.part("selecting", lambda: view.selecting.select_all())
    run.part("copying", lambda: view.copy())
    run.part("resizing", *(lambda width=width: view.resize(width, 800) for width in range(1000, 940, -4)))
    return [name, f"{len(text) / 1e6:.2f}", *(f"{run.longest[part]:.0f}" for part in _HEADS[2:])]


if __name__ == "__main__":
    main()
