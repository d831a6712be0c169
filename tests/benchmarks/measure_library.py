"""Times the list of a library of 200 files over three folders from its index, and scans of it and of 10,000 files.

Run: python -m tests.benchmarks.measure_library [--runs 21]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.core.cancel import CancelToken
from app.services.library import LibraryService
from app.storage.machine import open_machine
from tests.app_stores import library
from tests.benchmarks.interleaved import in_words, print_table
from tests.gguf_files import small_model

_FILES = 200
_MANY = 10_000


def main() -> None:
    """Print a table of medians with their ranges."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=21)
    runs = parser.parse_args().runs
    rows = [*_measured(_FILES, 3, runs), *_measured(_MANY, 3, max(runs // 5, 3))]
    print_table(("what", "files", "time"), rows)


def _measured(count: int, folders: int, runs: int) -> list[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _fill(folder, count, folders)
        machine = open_machine(folder / "machine.db", datetime.now(UTC)).database
        try:
            shelf = library(machine, folder)
            for number in range(1, folders):
                shelf.add_folder(folder / f"more-{number}")
            first = _seconds(lambda: _scan(shelf))
            listed = [_seconds(shelf.models) * 1000 for _ in range(runs)]
            again = [_seconds(lambda: _scan(shelf)) * 1000 for _ in range(runs)]
            assert len(shelf.models()) == count + 1
        finally:
            machine.close()
    print(f"{count} files done", file=sys.stderr)
    return [
        ("list from the index", f"{count:,}", in_words(listed, " ms")),
        ("scan, nothing new", f"{count:,}", in_words(again, " ms")),
        ("first scan, small headers", f"{count:,}", f"{first * 1000:,.0f} ms"),
    ]


def _fill(folder: Path, count: int, folders: int) -> None:
    """Small files in the shape of models, each in a folder of its own as downloads are."""
    header = small_model()
    content = header.to_bytes().ljust(header.whole_size(), b"\0")
    for number in range(count):
        place = "models" if number % folders == 0 else f"more-{number % folders}"
        path = folder / place / f"owner-{number % 20}" / f"model-{number}" / f"model-{number}-Q4_K_M.gguf"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)


def _scan(shelf: LibraryService) -> None:
    for _ in shelf.scan(CancelToken()):
        pass


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
