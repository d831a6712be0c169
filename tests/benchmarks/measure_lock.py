"""Compares an encrypted database with the plain one that it was made of: opened, listed, read, searched."""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.core.conversation import Role
from app.storage.ciphers import new_key
from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database
from app.storage.sealed_copy import copy_under, held_alone
from tests.benchmarks.interleaved import in_words, print_table, ratios
from tests.benchmarks.make_profile import make_profile

_LONG = 1_000
_SEARCH = "SELECT id FROM messages WHERE text LIKE ?"
_NEVER_SAID = "%a word that nobody said%"


def _seconds(work: Callable[[], object]) -> float:
    """Of the processor's time: what else runs on the machine does not count."""
    started = time.thread_time()
    work()
    return time.thread_time() - started


def _opened(path: Path, key: bytes | None) -> Database:
    return open_database(path, datetime.now(UTC), key=key).database


def _figures(path: Path, key: bytes | None, long_id: int) -> dict[str, float]:
    """Each kind of use once: first as after a start, with nothing read yet, then again."""
    figures: dict[str, float] = {}
    found: list[Database] = []
    figures["opening"] = _seconds(lambda: found.append(_opened(path, key)))
    (database,) = found
    try:
        store = ConversationStore(database)
        for again in ("", ", again"):
            figures[f"list of 301 conversations{again}"] = _seconds(store.list)
            figures[f"a conversation of 1,000 messages{again}"] = _seconds(lambda: store.messages(long_id))
            figures[f"all messages searched{again}"] = _seconds(lambda: database.read(_SEARCH, (_NEVER_SAID,)))
        figures["a message written"] = _seconds(lambda: store.add_message(long_id, Role.USER, "One more."))
    finally:
        database.close()
    return figures


def _make(folder: Path, key: bytes) -> tuple[Path, Path, int]:
    plain = make_profile(folder, datetime.now(UTC))
    database = _opened(plain, None)
    store = ConversationStore(database)
    long_id = store.create("A long one").id
    for number in range(_LONG):
        store.add_message(long_id, Role.USER if number % 2 == 0 else Role.ASSISTANT, f"Message {number}. " * 40)
    database.close()
    sealed = folder / "sealed.db"
    with held_alone(plain, None) as connection:
        copy_under(connection, sealed, key, lambda _: None)
    return plain, sealed, long_id


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    key = new_key().database
    with tempfile.TemporaryDirectory() as folder:
        plain, sealed, long_id = _make(Path(folder), key)
        print(f"{plain.stat().st_size:,} bytes plain, {sealed.stat().st_size:,} encrypted, {rounds} rounds\n")
        figures: dict[str, list[dict[str, float]]] = {"plain": [], "sealed": []}
        for number in range(rounds + 1):
            pair = [("plain", plain, None), ("sealed", sealed, key)]
            for name, path, used in reversed(pair) if number % 2 else pair:
                taken = _figures(path, used, long_id)
                if number:  # the first imports the modules
                    figures[name].append(taken)
    for taken in (*figures["plain"], *figures["sealed"]):
        taken["opening, list, conversation and search together"] = sum(list(taken.values())[:4])
    rows = []
    for what in figures["plain"][0]:
        one, other = ([1000 * taken[what] for taken in figures[name]] for name in ("plain", "sealed"))
        rows.append((what, in_words(one, " ms"), in_words(other, " ms"), in_words(ratios(other, one), digits=2)))
    print_table(("what", "plain", "encrypted", "ratio of pairs"), rows)


if __name__ == "__main__":
    main()
