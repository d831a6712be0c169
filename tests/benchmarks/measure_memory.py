"""Compares the peak memory of a self-test with what llama.cpp reports of its own buffers.

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


def _measure() -> tuple[float, dict[str, float]]:
    """The peak in MB (10^6 bytes), and llama.cpp's buffers in MB by name."""
    done = subprocess.run(
        [sys.executable, "-m", "app", "--debug", "self-test", "--json"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found = {f"{device} {kind}": float(size) * 2**20 / 1e6 for device, kind, size in _BUFFER.findall(done.stderr)}
    if not any(name.endswith("model") for name in found):
        sys.exit("llama.cpp reported no buffers; its log lines may have changed.")
    return float(json.loads(done.stdout)["peak_rss_mb"]), found


if __name__ == "__main__":
    main()
