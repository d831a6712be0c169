"""Shows what other programs cost: the engine writes on a quiet machine, and beside processes that keep cores busy.

Run: python -m tests.benchmarks.measure_contention [--rounds 3] [--tokens 60] [--threads 2 1]
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.generation import Finished, SamplingParameters
from app.core.prompt import GenerationRequest, PromptMessage
from app.engine.llama import LlamaEngine
from tests.included import included_parameters

QUESTION = "Tell me a very long story about the sea, the ships and the people who live by the water."


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many other processes that do nothing but take time; ended with the block."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    time.sleep(0.3 if running else 0)
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def rate(engine: LlamaEngine, tokens: int) -> float:
    """Tokens per second of one answer."""
    sampling = SamplingParameters(temperature=0.0, max_tokens=tokens)
    request = GenerationRequest((PromptMessage(Role.USER, QUESTION),), sampling)
    *_, last = engine.generate(request, CancelToken())
    assert isinstance(last, Finished)
    return last.statistics.tokens_per_second


def main() -> None:
    """Print the rates for each number of threads and of busy processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=60)
    parser.add_argument("--threads", type=int, nargs="+", default=[2, 1])
    arguments = parser.parse_args()
    for threads in arguments.threads:
        engine = LlamaEngine()
        engine.load(replace(included_parameters(), threads=threads), CancelToken(), lambda _: None)
        rate(engine, 8)
        for processes in (0, 1, 2):
            with busy(processes):
                rates = [rate(engine, arguments.tokens) for _ in range(arguments.rounds)]
            words = f"{statistics.median(rates):.1f} tok/s ({min(rates):.1f}–{max(rates):.1f})"
            print(f"{threads} threads beside {processes} busy processes: {words}", flush=True)
        engine.unload()


if __name__ == "__main__":
    main()
