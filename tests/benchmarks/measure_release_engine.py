"""Compares the packages' engine (modules) with the plain one: each reads and writes on one thread, by turns.

Processor time is taken, which other work on the computer changes little. It also tells how long a backend takes to be
asked. Run: python -m tests.benchmarks.measure_release_engine [--rounds 5]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from app.bootstrap import machine_command
from app.core.cancel import CancelToken
from app.core.model import FlashAttention, LoadParameters
from app.core.speed import SpeedTest
from app.engine.llama import LlamaEngine
from app.engine.machine.gpu_backends import ask_backends
from app.engine.modules import FOLDER_VARIABLE
from dev_steps import release_engine
from dev_steps.places import find_places
from tests.included import INCLUDED_MODEL

_PROMPT, _WRITTEN = 256, 48


def measure() -> tuple[float, float]:
    """Tokens read and written in a second of processor time, with the libraries that the environment names."""
    parameters = LoadParameters(INCLUDED_MODEL, 512, threads=1, flash_attention=FlashAttention.OFF)
    engine = LlamaEngine()
    engine.load(parameters, CancelToken(), lambda _: None)
    rates = []
    for prompt, written in ((_PROMPT, 0), (16, _WRITTEN)):
        engine.measure(SpeedTest("warm", "warm", 16, 2), CancelToken())
        began = time.process_time()
        engine.measure(SpeedTest("test", "test", prompt, written), CancelToken())
        rates.append((prompt + written) / (time.process_time() - began))
    engine.unload()
    return rates[0], rates[1]


def in_process_of_its_own(libraries: Path | None) -> tuple[float, float]:
    """The same in a fresh process, with other libraries."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(find_places().root), *sys.path])}
    if libraries is not None:
        env[FOLDER_VARIABLE] = str(libraries)
    command = [sys.executable, "-m", "tests.benchmarks.measure_release_engine", "--child"]
    reading, writing = json.loads(subprocess.run(command, env=env, check=True, capture_output=True).stdout)
    return reading, writing


def main() -> None:
    """Measure, and print the medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", action="store_true")
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(measure()))
        return
    wheel = release_engine.kept(find_places())
    if wheel is None:
        raise SystemExit("The packages' engine is not built: packaging/dev.py engine builds it.")
    libraries = release_engine.libraries(wheel)
    plain, modular = [], []
    for _ in range(arguments.rounds):
        plain.append(in_process_of_its_own(None))
        modular.append(in_process_of_its_own(libraries))
    for place, what in enumerate(("reads", "writes")):
        before = statistics.median(rates[place] for rates in plain)
        after = statistics.median(rates[place] for rates in modular)
        print(f"{what}: plain {before:.1f}, modules {after:.1f} tokens/s of one core, ratio {after / before:.2f}")
    os.environ[FOLDER_VARIABLE] = str(libraries)
    began = time.perf_counter()
    asked = ask_backends(*machine_command(), ["vulkan"], 60.0)
    print(f"Vulkan asked in {time.perf_counter() - began:.2f} s: {asked[0].finding.value}")


if __name__ == "__main__":
    main()
