"""Measures what the transcript costs the main thread: while it is written, opened, resized and scrolled.

Times are processor time of the main thread, in a window of 1000 x 800 on Qt's offscreen platform. A flush is all that
60 Hz deliver of an answer at 150 tokens/s (2.5 tokens): parsing, layout and painting. Each part runs in a process of
its own.

- "streaming": a mixed answer after 300 earlier messages. The UI's share is its processor time over the time that the
  answer takes at 150 tokens/s.
- "one block": the last tenth of a single open block, 25 tokens a flush before that.
- "opening": 1,000 messages to their painted end. "resizing": the window is made narrower and wider, 4 px a step.
  "scrolling": from end to end, 120 px a frame. "memory": what 1,000 messages that were all in view leave behind.
- "long": 30 minutes of answers of 8,000 tokens one after another.

Run: python -m tests.benchmarks.measure_transcript [--only PART ...] [--profile PART]
"""

import argparse
import cProfile
import gc
import json
import os
import pstats
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

import psutil
from PySide6.QtCore import QEvent

from app.core.conversation import Message, MessageState, Role
from tests.benchmarks.chat_corpus import answer, history, one_code, one_list, one_paragraph, one_table, tokens
from tests.benchmarks.interleaved import print_table

RATE = 150
FLUSHES_A_SECOND = 60
_SIZE = (1000, 800)
_BLOCKS: dict[str, Callable[[], str]] = {
    "code of 10,000 lines": one_code,
    "table of 500 rows": one_table,
    "list of 2,000 items": one_list,
    "paragraph of 36 kB": one_paragraph,
}
Rows = list[list[str]]


def main() -> None:
    """Print a table for each part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=_PARTS, default=list(_PARTS))
    parser.add_argument("--profile", choices=_PARTS)
    parser.add_argument("--child", choices=_PARTS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(_PARTS[arguments.child]()))
        return
    if arguments.profile:
        profiler = cProfile.Profile(time.thread_time)
        rows = profiler.runcall(_PARTS[arguments.profile])
        print_table(_HEADS, rows)
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)
        return
    rows = []
    for part in arguments.only:
        command = [sys.executable, "-m", "tests.benchmarks.measure_transcript", "--child", part]
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        rows += json.loads(done.stdout.splitlines()[-1])
    print_table(_HEADS, rows)


_HEADS = ["what", "measured", "wanted"]


class _Bench:
    """A transcript on screen."""

    def __init__(self) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from PySide6.QtWidgets import QApplication

        from app.paths import paths_for
        from app.ui.theme import Appearance
        from app.ui.transcript.view import TranscriptView

        self.application = QApplication([])
        self.appearance = Appearance(self.application, paths_for(None).resources)
        self.view = TranscriptView(self.appearance)
        self.view.resize(*_SIZE)
        self.view.show()
        self.settle()

    def settle(self) -> None:
        """Let everything happen that is due, painting and deleting too."""
        for _ in range(2):
            self.application.processEvents()
        self.application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def cost(self, work: Callable[[], object]) -> float:
        """The milliseconds of processor time that `work` and what comes of it take."""
        started = time.thread_time()
        work()
        self.settle()
        return (time.thread_time() - started) * 1000

    def stream(self, pieces: Sequence[str], number: int = 100_000) -> list[float]:
        """Write an answer, a piece a flush; what each flush cost."""
        gc.collect()
        gc.freeze()
        gc.disable()
        self.view.begin_reply(number)
        self.settle()
        costs = [self.cost(lambda piece=piece: self.view.append_to_reply(piece)) for piece in pieces]  # type: ignore[misc]
        gc.enable()
        return costs

    def finish(self, text: str, number: int = 100_000) -> float:
        """End the answer; what that cost."""
        return self.cost(lambda: self.view.finish_reply(_message(number, Role.ASSISTANT, text)))


def _message(number: int, role: Role, text: str) -> Message:
    return Message(number, 1, role, text, MessageState.COMPLETE, datetime(2026, 11, 26, tzinfo=UTC), model_name="M")


def _messages(count: int) -> list[Message]:
    return [_message(number, turn.role, turn.text) for number, turn in enumerate(history(count), 1)]


def _flushes(text: str) -> list[str]:
    """An answer in pieces as 60 Hz deliver 150 tokens/s: two and three tokens by turns."""
    rest = iter(tokens(text))
    pieces: list[str] = []
    for size in _sizes():
        piece = "".join(islice(rest, size))
        if not piece:
            return pieces
        pieces.append(piece)
    return pieces


def _sizes() -> Iterator[int]:
    while True:
        yield 2
        yield 3


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def _streaming() -> Rows:
    rows = []
    bench = _Bench()
    for count in (8_000, 20_000):
        bench.view.show_messages(_messages(300))
        bench.settle()
        bench.stream(_flushes(answer(1_000, seed=3)))  # lexers, fonts and formulas are there from now on
        bench.finish(answer(1_000, seed=3))
        text = answer(count)
        costs = bench.stream(_flushes(text), 200_000)
        end = bench.finish(text, 200_000)
        thousand = 1_000 * FLUSHES_A_SECOND // RATE
        first, last = statistics.mean(costs[:thousand]), statistics.mean(costs[-thousand:])
        share = sum(costs) / 1000 / (count / RATE)
        name = f"answer of {count:,} tokens"
        rows += [
            [f"{name}: UI's share", f"{100 * share:.1f} %", "at most 8 %"],
            [f"{name}: a flush, p99", f"{_p99(costs):.2f} ms", "6 ms"],
            [f"{name}: a flush, worst", f"{max(costs):.2f} ms", "16 ms"],
            [f"{name}: last 1,000 tokens / first 1,000", f"{last / first:.2f}", "at most 1.2"],
            [f"{name}: its end", f"{end:.1f} ms", "16 ms"],
        ]
    return rows


def _one_block() -> Rows:
    rows = []
    bench = _Bench()
    for name, make in _BLOCKS.items():
        bench.view.show_messages([])
        pieces = tokens(make())
        begin = len(pieces) * 9 // 10
        before = ["".join(pieces[start : start + 25]) for start in range(0, begin, 25)]
        last = _flushes("".join(pieces[begin:]))[:1500]
        costs = bench.stream([*before, *last])[len(before) :]
        rows.append([f"{name}: a flush at its end, p99 (worst)", f"{_p99(costs):.2f} ms ({max(costs):.2f})", "16 ms"])
    return rows


def _opening() -> Rows:
    bench = _Bench()
    messages = _messages(1_000)
    bench.view.show_messages(_messages(20))
    bench.settle()
    times = []
    for _ in range(7):
        bench.view.show_messages([])
        bench.settle()
        started = time.perf_counter()
        bench.view.show_messages(messages)
        bench.settle()
        times.append((time.perf_counter() - started) * 1000)
    return [["opening 1,000 messages", f"{statistics.median(times):.0f} ms (worst {max(times):.0f})", "under 80 ms"]]


def _resizing() -> Rows:
    bench = _Bench()
    bench.view.show_messages(_messages(1_000))
    bench.settle()
    widths = [*range(_SIZE[0], 600, -4), *range(600, _SIZE[0], 4)]
    costs = [bench.cost(lambda width=width: bench.view.resize(width, _SIZE[1])) for width in widths]  # type: ignore[misc]
    return [["a resize step, p99 (worst)", f"{_p99(costs):.1f} ms ({max(costs):.1f})", "under 16 ms"]]


def _scrolling() -> Rows:
    bench = _Bench()
    bench.view.show_messages(_messages(1_000))
    bench.settle()
    costs = []
    while bench.view.top > 0:
        costs.append(bench.cost(lambda: bench.view.scroll_to(bench.view.top - 120)))
    late = sum(cost > 16 for cost in costs)
    words = f"{100 * late / len(costs):.2f} % of {len(costs):,} (worst {max(costs):.1f} ms)"
    return [["scrolling end to end: frames over 16 ms", words, "at most 1 %"]]


def _memory() -> Rows:
    bench = _Bench()
    bench.view.show_messages(_messages(20))
    bench.settle()
    messages = _messages(1_000)
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    bench.view.show_messages(messages)
    bench.settle()
    while bench.view.top > 0:
        bench.view.scroll_to(bench.view.top - 700)
        bench.settle()
    gc.collect()
    grown = (process.memory_info().rss - before) / 1e6
    return [["1,000 messages, all seen once", f"{grown:.0f} MB", "under 40 MB"]]


def _long() -> Rows:
    bench = _Bench()
    process = psutil.Process()
    text = answer(8_000)
    pieces = _flushes(text)
    answers = 30 * 60 * RATE // 8_000
    costs, sizes = [], []
    for number in range(answers):
        costs.append(statistics.mean(bench.stream(pieces, number + 1)))
        bench.finish(text, number + 1)
        gc.unfreeze()
        gc.collect()
        sizes.append(process.memory_info().rss / 1e6)
    quarter = answers // 4
    early, late = statistics.mean(costs[1 : quarter + 1]), statistics.mean(costs[-quarter:])
    return [
        [f"{answers} answers (30 minutes): a flush late / early", f"{late / early:.2f}", "flat"],
        ["the same: memory at the 2nd answer and the last", f"{sizes[1]:.0f} and {sizes[-1]:.0f} MB", "flat"],
    ]


_PARTS: dict[str, Callable[[], Rows]] = {
    "streaming": _streaming,
    "one-block": _one_block,
    "opening": _opening,
    "resizing": _resizing,
    "scrolling": _scrolling,
    "memory": _memory,
    "long": _long,
}


if __name__ == "__main__":
    main()
