"""Measures what one feed of the stream parser costs, at the beginning and at the end of many kinds of messages.

Run: python -m tests.benchmarks.measure_parsing [--only NAME] [--feeds 6000]
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.ui.transcript.markdown.stream_parser import StreamParser, parse_blocks
from tests.benchmarks import chat_corpus

_SIZE = 20_000  # characters of what nobody would write

_MESSAGES: dict[str, Callable[[], str]] = {
    "mixed answer, 8,000 tokens": chat_corpus.answer,
    "mixed answer, 20,000 tokens": lambda: chat_corpus.answer(20_000),
    "code, 10,000 lines": chat_corpus.one_code,
    "table, 500 rows": chat_corpus.one_table,
    "list, 2,000 items": chat_corpus.one_list,
    "paragraph, 36 kB": chat_corpus.one_paragraph,
    "quote, 36 kB": lambda: "\n".join("> " + line for line in chat_corpus.answer(9000).split("\n")),
    "item, 36 kB": lambda: "1. " + "\n   ".join(chat_corpus.answer(9000).split("\n")),
    "one line, 1 MB": lambda: chat_corpus.one_paragraph(1_000_000),
    "one word, 1 MB": lambda: "w" * 1_000_000,
    "quotes, 1,000 deep": lambda: "> " * 1000 + "deep\n" + "> " * 1000 + "again",
    "lists, 1,000 deep": lambda: "\n".join("  " * depth + "- deep" for depth in range(1000)),
    "lists on a line, 1,000": lambda: "- " * 1000 + "deep",
    "poem, 5,000 lines": lambda: "rose\n" * 5000,
    "[[[[": lambda: "[" * _SIZE,
    "[a](": lambda: "[a](" * (_SIZE // 4),
    "![a](<b": lambda: "![a](<b" * (_SIZE // 7),
    "****": lambda: "*" * _SIZE,
    "*a _b ": lambda: "*a _b " * (_SIZE // 6),
    "a**b": lambda: "a**b" * (_SIZE // 4),
    "~~~~a": lambda: "a~~" * (_SIZE // 3),
    "$$$$": lambda: "$" * _SIZE,
    "$a ": lambda: "$a " * (_SIZE // 3),
    "backticks": lambda: "".join("`" * (number % 40 + 1) + "a " for number in range(_SIZE // 20)),
    "<<<<": lambda: "<a" * (_SIZE // 2),
    "\\(\\(": lambda: "\\(" * (_SIZE // 2),
    "&amp;": lambda: "&amp;" * (_SIZE // 5),
    "http://": lambda: "http://a.b:" * (_SIZE // 11),
    "a@b": lambda: "a@b." * (_SIZE // 4),
    "www.": lambda: "www." * (_SIZE // 4),
    "[a]: b": lambda: "".join(f"[{number}]: b\n" for number in range(_SIZE // 10)),
    "[a]: 'title": lambda: "[a]: b '" + "title\n" * (_SIZE // 6),
    "$$ on every line": lambda: "$$a\n" * (_SIZE // 4),
    "\\[ on every line": lambda: "\\[a\n" * (_SIZE // 4),
    "table, 1,000 columns": lambda: "|a" * 1000 + "|\n" + "|-" * 1000 + "|\n" + "|b\n" * 1000,
    "| on every line": lambda: "|\n" * (_SIZE // 2),
    "[^1]: on every line": lambda: "".join(f"[^{number}]: a\n" for number in range(_SIZE // 10)),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of the thread's time."""

    first: float  # the median of the first tenth of the feeds
    last: float
    p99: float
    worst: float
    end: float  # finish()
    at_once: float  # the whole message


def measure(text: str, feeds: int) -> Cost:
    """Feed a message token by token, in larger pieces when that would take more than so many feeds."""
    tokens = chat_corpus.tokens(text)
    size = max(1, len(tokens) // feeds)
    parser = StreamParser()
    costs = []
    for start in range(0, len(tokens), size):
        piece = "".join(tokens[start : start + size])
        costs.append(_milliseconds(partial(parser.feed, piece)))
    end = _milliseconds(parser.finish)
    tenth = max(1, len(costs) // 10)
    return Cost(
        _quantile(costs[:tenth], 0.5),
        _quantile(costs[-tenth:], 0.5),
        _quantile(costs, 0.99),
        max(costs),
        end,
        _milliseconds(lambda: parse_blocks(text)),
    )


def main() -> None:
    """Print a table of all kinds."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--feeds", type=int, default=6000)
    asked = arguments.parse_args()
    print("| a feed, ms of thread time | first 10 % | last 10 % | p99 | worst | the end | all at once |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, make in _MESSAGES.items():
        if asked.only in name:
            cost = measure(make(), asked.feeds)
            figures = (cost.first, cost.last, cost.p99, cost.worst, cost.end, cost.at_once)
            print(f"| {name} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |", flush=True)


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return (time.thread_time() - started) * 1000


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


if __name__ == "__main__":
    main()
