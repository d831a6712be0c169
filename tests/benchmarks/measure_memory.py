"""Compares the peak memory of a self-test with what llama.cpp reports of its own buffers, and with a run without it.

llama.cpp's report may count pages that were never touched, so the difference can be too small; what the window needs by
itself (the fake engine) and what importing llama_cpp adds are therefore measured too.

Run: python -m tests.benchmarks.measure_memory [--runs 3]
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys

_BUFFER = re.compile(r"(\S+)\s+(model|KV|compute|output)\s+buffer size\s*=\s*([\d.]+) MiB")


def main() -> None:
    """Print, for each run, the peak, llama.cpp's part and the rest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    rests = []
    for _ in range(parser.parse_args().runs):
        peak, buffers = _measure()
        own = sum(buffers.values())
        rests.append(peak - own)
        parts = ", ".join(f"{name} {size:.0f}" for name, size in buffers.items())
        print(f"peak {peak:.0f} MB, llama.cpp reports {own:.0f} MB ({parts}), beyond it {peak - own:.0f} MB")
    print(f"median beyond what llama.cpp reports: {statistics.median(rests):.0f} MB")
    window = float(json.loads(_self_test("--fake-engine").stdout)["peak_rss_mb"])
    print(f"the window without llama.cpp (fake engine): {window:.0f} MB; importing llama_cpp adds {_imported():.0f} MB")


def _measure() -> tuple[float, dict[str, float]]:
    """The peak in MB (10^6 bytes), and llama.cpp's buffers in MB by name."""
    done = _self_test("--debug")
    found = {f"{device} {kind}": float(size) * 2**20 / 1e6 for device, kind, size in _BUFFER.findall(done.stderr)}
    if not any(name.endswith("model") for name in found):
        sys.exit("llama.cpp reported no buffers; its log lines may have changed.")
    return float(json.loads(done.stdout)["peak_rss_mb"]), found


def _self_test(option: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app", option, "self-test", "--json"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )


def _imported() -> float:
    """What the engine's import alone adds to a Python process, in MB."""
    program = "import psutil; p = psutil.Process(); b = p.memory_info().rss; {}; print((p.memory_info().rss - b) / 1e6)"
    command = [sys.executable, "-c", program.format("import app.engine.completion, app.engine.templates.template")]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


if __name__ == "__main__":
    main()
