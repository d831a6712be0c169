"""The queue of downloads outlives its process, and two processes do not take the same one."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.core.download import Download, DownloadFile, DownloadState
from app.storage.database import Database
from app.storage.downloads import DownloadStore, Holder

HERE = Holder("1 1.0", "The window")
THERE = Holder("2 2.0", "A terminal")


@pytest.fixture
def store(machine: Database) -> DownloadStore:
    return DownloadStore(machine, lives=lambda process: process == THERE.process)


def _download(name: str, *targets: str, state: DownloadState = DownloadState.WAITING) -> Download:
    files = tuple(DownloadFile(f"sub/{t}", Path("/models") / t, 10, "ab" * 32) for t in targets or (f"{name}.gguf",))
    return Download(0, name, f"owner/{name}", "c0ffee", "Q4_K_M", files, state, license="mit")


def _names(store: DownloadStore) -> list[str]:
    return [download.name for download in store.list()]


def test_what_is_added_comes_back_the_same(store: DownloadStore, machine: Database) -> None:
    added = store.add(_download("a", "Größe-00001-of-00002.gguf", "Größe-00002-of-00002.gguf"))
    assert added.id > 0
    assert DownloadStore(machine).list() == (added,)
    assert store.get(added.id) == added
    assert store.get(added.id + 1) is None


def test_it_is_claimed_once_and_ended_by_its_holder_only(store: DownloadStore) -> None:
    added = store.add(_download("a"))
    assert store.claim(added.id, HERE)
    assert not store.claim(added.id, THERE)
    assert store.holder(added.id) == HERE
    assert store.keep_progress(added.id, HERE.process, 4)
    assert not store.keep_progress(added.id, THERE.process, 5)
    (running,) = store.list()
    assert (running.state, running.done_bytes) == (DownloadState.RUNNING, 4)
    ended = replace(running, state=DownloadState.FAILED, sentence="No.", page="https://x")
    assert not store.end(ended, THERE.process)
    assert store.end(ended, HERE.process)
    assert store.list() == (ended,)
    assert store.holder(added.id) is None


def test_a_paused_one_is_no_longer_its_holders(store: DownloadStore) -> None:
    added = store.add(_download("a"))
    store.claim(added.id, HERE)
    assert store.change(added.id, [DownloadState.RUNNING], DownloadState.PAUSED)
    assert not store.keep_progress(added.id, HERE.process, 4)
    assert not store.end(added, HERE.process)
    assert not store.claim(added.id, HERE)
    assert not store.change(added.id, [DownloadState.WAITING], DownloadState.PAUSED)


def test_those_of_dead_processes_wait_again(store: DownloadStore) -> None:
    mine, other = store.add(_download("a")), store.add(_download("b"))
    store.claim(mine.id, HERE)
    store.claim(other.id, THERE)
    assert store.take_over("It ended.") == 1
    dead, living = store.list()
    assert (dead.state, dead.sentence) == (DownloadState.WAITING, "It ended.")
    assert (living.state, living.sentence) == (DownloadState.RUNNING, "")


def test_those_that_wait_change_places_and_the_finished_come_last(store: DownloadStore) -> None:
    ids = {name: store.add(_download(name)).id for name in "abcde"}
    store.claim(ids["a"], HERE)
    running = store.get(ids["a"])
    assert running is not None
    store.change(ids["c"], [DownloadState.WAITING], DownloadState.PAUSED)
    store.move(ids["e"], 0)
    assert _names(store) == ["a", "e", "c", "b", "d"]
    store.move(ids["e"], 99)
    store.move(ids["d"], -5)
    store.move(ids["c"], 0)  # it does not wait
    assert _names(store) == ["a", "d", "c", "b", "e"]
    store.end(replace(running, state=DownloadState.DONE), HERE.process)
    store.add(_download("f"))
    assert _names(store) == ["d", "c", "b", "e", "f", "a"]


def test_what_was_put_in_its_place_is_known(store: DownloadStore) -> None:
    added = store.add(_download("a", "one.gguf", "two.gguf"))
    assert store.fetched(added.id) == ()
    store.keep_fetched(added.id, added.files[1])
    assert store.fetched(added.id) == (Path("/models/two.gguf"),)


def test_what_is_removed_leaves_nothing(store: DownloadStore, machine: Database) -> None:
    added = store.add(_download("a"))
    store.remove(added.id)
    assert store.list() == ()
    assert machine.read("SELECT * FROM download_files") == []
    assert store.add(_download("b")).id != added.id
