"""The queue of downloads: order, pausing, going on, and how each download ends."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadState
from app.core.errors import (
    DiskFullError,
    GatedError,
    HubBusyError,
    HubChangedError,
    HubFaultError,
    HubOfflineError,
    HubTokenError,
    InglenookError,
    InvalidParameterError,
    ModelFileError,
    StorageError,
)
from app.core.safe_names import part_files
from app.core.settings import Settings
from app.services import download_run
from app.storage.database import Database
from app.storage.file_lock import file_lock
from app.storage.verified import VerifiedFiles
from tests.unit.services.download_parts import (
    CONTENT,
    ID,
    STEP_BYTES,
    Queue,
    SteppedHub,
    content_of,
    left_of,
    make_queue,
)

MODEL = "Model-Q4_K_M.gguf"
OTHERS = ("Model-Q8_0.gguf", "Model-Q6_K.gguf", "Model-Q5_K_M.gguf", "Model-Q2_K.gguf")
PARTS = ("BF16/Model-00001-of-00002.gguf", "BF16/Model-00002-of-00002.gguf")


@pytest.fixture
def hub() -> SteppedHub:
    return SteppedHub(MODEL, *OTHERS, *PARTS, "mmproj-F16.gguf")


@pytest.fixture
def queue(hub: SteppedHub, machine: Database, profile: Path) -> Queue:
    return make_queue(hub, machine, profile)


@pytest.fixture
def second(hub: SteppedHub, machine: Database, profile: Path) -> Queue:
    """Another service on the same profile."""
    return make_queue(hub, machine, profile, "A terminal")


@pytest.fixture
def looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_run, "_LOOK_SECONDS", 0.0)


def test_a_download_ends_in_its_place(queue: Queue, machine: Database) -> None:
    told: list[Download] = []
    queue.service.on_done = told.append
    added = queue.add()
    assert (added.state, added.done_bytes, added.license) == (DownloadState.WAITING, 0, "mit")
    done = queue.ended(added)
    target = queue.folder / "owner" / "Model-GGUF" / MODEL
    assert (done.state, done.done_bytes, done.model_path) == (DownloadState.DONE, done.size_bytes, target)
    assert target.read_bytes() == content_of(MODEL)
    assert told == [done]
    assert left_of(queue.folder) == [f"owner/Model-GGUF/{MODEL}"]
    assert VerifiedFiles(machine).sha256(target) == hashlib.sha256(content_of(MODEL)).hexdigest()


def test_what_is_queued_or_done_already_is_given_back(queue: Queue) -> None:
    added = queue.add()
    assert queue.add() == added
    done = queue.ended(added)
    assert queue.add() == done
    done.model_path.unlink()
    again = queue.add()
    assert again.state is DownloadState.WAITING
    assert queue.service.downloads() == (again,)


def test_parts_and_projector_are_one_download(queue: Queue) -> None:
    done = queue.ended(queue.add(PARTS[0], with_projector=True))
    assert [file.target.read_bytes() for file in done.files] == [
        content_of(path) for path in (*PARTS, "mmproj-F16.gguf")
    ]
    assert done.done_bytes == done.size_bytes


def test_the_right_file_that_is_there_already_is_done_at_once(queue: Queue, hub: SteppedHub) -> None:
    added = queue.add()
    added.model_path.parent.mkdir(parents=True)
    added.model_path.write_bytes(content_of(MODEL))
    assert queue.ended(added).state is DownloadState.DONE
    assert hub.fetched == []


@pytest.mark.parametrize("content", [b"mine", content_of(MODEL)[:-1] + b"!"], ids=["another size", "another hash"])
def test_another_file_is_never_overwritten(queue: Queue, hub: SteppedHub, content: bytes) -> None:
    added = queue.add()
    added.model_path.parent.mkdir(parents=True)
    added.model_path.write_bytes(content)
    ended = queue.ended(added)
    assert ended.state is DownloadState.PAUSED
    assert "another file" in ended.sentence
    queue.service.remove(added.id)
    assert added.model_path.read_bytes() == content
    assert hub.fetched == []


def test_as_many_start_as_may_run_at_once_in_their_order(queue: Queue) -> None:
    added = [queue.add(path) for path in OTHERS]
    assert queue.service.startable() == tuple(added[:3])
    queue.settings.save(Settings(downloads_at_once=2))
    queue.service.move(added[3].id, 0)
    assert queue.service.startable() == (added[3], added[0])
    running = queue.service.fetch(added[3].id, CancelToken())
    next(running)
    assert queue.service.startable() == (added[0],)
    queue.service.pause(added[0].id)
    assert queue.service.startable() == (added[1],)
    queue.service.resume(added[0].id)
    assert queue.service.startable() == (added[0],)
    list(running)
    assert [one.id for one in queue.service.downloads()] == [added[0].id, added[1].id, added[2].id, added[3].id]
    assert queue.service.startable() == (added[0], added[1])


def test_pausing_stops_it_and_resuming_goes_on_at_the_byte(queue: Queue, hub: SteppedHub) -> None:
    added = queue.add()
    hub.on_step = lambda done: queue.service.pause(added.id) if done == STEP_BYTES * 2 else None
    ended = queue.ended(added)
    assert (ended.state, ended.done_bytes, ended.sentence) == (DownloadState.PAUSED, STEP_BYTES * 2, "")
    assert queue.service.startable() == ()
    hub.on_step = lambda _: None
    queue.service.resume(added.id)
    assert queue.ended(added).state is DownloadState.DONE
    assert hub.fetched == [(MODEL, 0), (MODEL, STEP_BYTES * 2)]
    assert added.model_path.read_bytes() == content_of(MODEL)


def test_a_cancelled_token_pauses_it(queue: Queue, hub: SteppedHub) -> None:
    added = queue.add()
    cancel = CancelToken()
    hub.on_step = lambda done: cancel.cancel() if done else None
    assert queue.fetch(added, cancel)[-1].download.state is DownloadState.PAUSED
    assert queue.state(added) is DownloadState.PAUSED


def test_whoever_leaves_early_pauses_it(queue: Queue) -> None:
    added = queue.add()
    events = queue.service.fetch(added.id, CancelToken())
    next(events)
    assert queue.state(added) is DownloadState.RUNNING
    events.close()  # type: ignore[attr-defined] # it is a generator
    assert queue.state(added) is DownloadState.PAUSED


def test_closing_lets_it_wait_for_the_next_start(queue: Queue, second: Queue, hub: SteppedHub) -> None:
    added = queue.add()
    hub.on_step = lambda done: queue.service.close() if done == STEP_BYTES else None
    assert queue.fetch(added)[-1].download.state is DownloadState.WAITING
    assert queue.fetch(added) == []
    hub.on_step = lambda _: None
    assert [one.done_bytes for one in second.service.startable()] == [STEP_BYTES]
    assert second.ended(added).state is DownloadState.DONE


def test_two_services_do_not_fetch_the_same(queue: Queue, second: Queue) -> None:
    added = queue.add()
    running = queue.service.fetch(added.id, CancelToken())
    next(running)
    (told,) = second.fetch(added)
    assert told.download.state is DownloadState.RUNNING
    assert told.download.sentence.startswith("The window (process ")
    assert [progress.download.state for progress in running][-1] is DownloadState.DONE


@pytest.mark.usefixtures("looks_at_once")
def test_another_process_pauses_and_removes_what_runs_here(queue: Queue, second: Queue, hub: SteppedHub) -> None:
    paused, removed = queue.add(OTHERS[0]), queue.add(PARTS[0])
    hub.on_step = lambda done: second.service.pause(paused.id) if done == STEP_BYTES else None
    assert queue.ended(paused).state is DownloadState.PAUSED
    hub.on_step = lambda done: second.service.remove(removed.id) if hub.fetched[-1][0] == PARTS[1] and done else None
    ended = queue.fetch(removed)[-1].download
    assert (ended.state, ended.done_bytes) == (DownloadState.PAUSED, 0)
    assert left_of(queue.folder) == [f"owner/Model-GGUF/{OTHERS[0]}.part"]
    assert not (queue.folder / "owner" / "Model-GGUF" / "BF16").exists()


def test_removing_what_is_not_done_deletes_it_but_not_what_was_there_before(queue: Queue, hub: SteppedHub) -> None:
    added = queue.add(PARTS[0])
    second_part = added.files[1].target
    second_part.parent.mkdir(parents=True)
    second_part.write_bytes(content_of(PARTS[1]))
    hub.on_step = lambda done: queue.service.pause(added.id) if done else None
    queue.fetch(added)
    assert part_files(added.model_path)[0].exists()
    queue.service.remove(added.id)
    assert queue.service.downloads() == ()
    assert left_of(queue.folder) == [f"owner/Model-GGUF/{PARTS[1]}"]
    queue.service.remove(added.id)  # harmless


def test_removing_one_leaves_what_belongs_to_another(queue: Queue) -> None:
    done = queue.ended(queue.add())
    added = queue.add(with_projector=True)
    assert added.id != done.id
    queue.service.remove(added.id)
    assert left_of(queue.folder) == [f"owner/Model-GGUF/{MODEL}"]
    again = queue.ended(queue.add(with_projector=True))
    assert again.state is DownloadState.DONE


def test_removing_while_it_runs_stops_it(queue: Queue, hub: SteppedHub) -> None:
    added = queue.add()
    hub.on_step = lambda done: queue.service.remove(added.id) if done == STEP_BYTES else None
    assert queue.fetch(added)[-1].download.state is DownloadState.PAUSED
    assert queue.service.downloads() == ()
    assert left_of(queue.folder) == []
    assert queue.fetch(added) == []


def test_removing_a_finished_one_keeps_the_model(queue: Queue) -> None:
    done = queue.ended(queue.add())
    queue.service.remove(done.id)
    assert done.model_path.exists()


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (HubOfflineError("No network."), DownloadState.PAUSED),
        (HubBusyError("Wait."), DownloadState.PAUSED),
        (HubFaultError("A fault."), DownloadState.PAUSED),
        (DiskFullError("Full."), DownloadState.PAUSED),
        (StorageError("Read-only."), DownloadState.PAUSED),
        (GatedError("Agree first.", page="https://hub.example/owner/Model-GGUF"), DownloadState.FAILED),
        (HubTokenError("No.", page="https://hub.example/owner/Model-GGUF"), DownloadState.FAILED),
        (HubChangedError("Changed."), DownloadState.FAILED),
        (ModelFileError("It came damaged twice."), DownloadState.FAILED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, InglenookError) else "",
)
def test_each_failure_is_a_sentence_and_nothing_is_lost(
    queue: Queue, hub: SteppedHub, error: InglenookError, state: DownloadState
) -> None:
    def fail(done: int) -> None:
        if done == STEP_BYTES:
            raise error

    added = queue.add()
    hub.on_step = fail
    ended = queue.ended(added)
    assert (ended.state, ended.sentence, ended.done_bytes) == (state, error.sentence, STEP_BYTES)
    assert ended.page == (error.page if isinstance(error, GatedError | HubTokenError) else "")
    assert queue.service.startable() == ()
    hub.on_step = lambda _: None
    queue.service.resume(added.id)
    (waiting,) = queue.service.startable()
    assert (waiting.sentence, waiting.page) == ("", "")
    assert queue.ended(added).state is DownloadState.DONE
    assert hub.fetched[-1] == (MODEL, STEP_BYTES)


def test_a_gated_repository_is_told_when_it_is_added(queue: Queue, hub: SteppedHub) -> None:
    hub.script = replace(hub.script, failures={ID: GatedError("Agree first.", page="https://hub.example")})
    with pytest.raises(GatedError):
        queue.add()
    assert queue.service.downloads() == ()


def test_no_room_is_told_when_it_is_added(queue: Queue) -> None:
    first = queue.add()
    queue.free["free"] = first.size_bytes + 100
    with pytest.raises(DiskFullError, match="for other downloads"):
        queue.add(OTHERS[0])
    queue.free["free"] = first.size_bytes + 100 + 3 * len(CONTENT)
    queue.add(OTHERS[0])
    queue.free["free"] = None  # a network drive that does not tell
    queue.add(OTHERS[1])


def test_no_room_at_its_turn_pauses_it(queue: Queue) -> None:
    added = queue.add()
    queue.free["free"] = added.size_bytes - 1
    ended = queue.ended(added)
    assert ended.state is DownloadState.PAUSED
    assert "Free some space" in ended.sentence
    queue.free["free"] = added.size_bytes
    queue.service.resume(added.id)
    assert queue.ended(added).state is DownloadState.DONE


@pytest.mark.usefixtures("looks_at_once")
def test_a_disk_that_fills_meanwhile_pauses_it(queue: Queue, hub: SteppedHub, machine: Database, profile: Path) -> None:
    queue.service._disk._reserve_bytes = 1000
    added = queue.add()
    hub.on_step = lambda done: queue.free.update(free=499) if done == STEP_BYTES else None
    ended = queue.ended(added)
    assert (ended.state, ended.done_bytes) == (DownloadState.PAUSED, STEP_BYTES * 2)
    assert "What was fetched is kept" in ended.sentence


def test_a_drive_that_is_not_connected_pauses_it_and_nothing_is_lost(
    queue: Queue, hub: SteppedHub, tmp_path: Path
) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    queue.settings.save(Settings(models_folder=str(drive)))
    added = queue.add()
    hub.on_step = lambda done: queue.service.pause(added.id) if done == STEP_BYTES else None
    queue.fetch(added)
    away = drive.rename(tmp_path / "away")
    queue.service.resume(added.id)
    ended = queue.ended(added)
    assert (ended.state, ended.done_bytes) == (DownloadState.PAUSED, STEP_BYTES)
    assert "is not there" in ended.sentence
    assert not drive.exists()
    with pytest.raises(StorageError, match="is not there"):
        queue.add(OTHERS[0])
    away.rename(drive)
    hub.on_step = lambda _: None
    queue.service.resume(added.id)
    assert queue.ended(added).state is DownloadState.DONE
    assert hub.fetched[-1] == (MODEL, STEP_BYTES)


def test_a_mount_point_left_empty_is_asked_about_before_it_is_filled(
    queue: Queue, hub: SteppedHub, tmp_path: Path
) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    queue.settings.save(Settings(models_folder=str(drive)))
    added = queue.add()
    hub.on_step = lambda done: queue.service.pause(added.id) if done == STEP_BYTES else None
    queue.fetch(added)
    drive.rename(tmp_path / "away")
    drive.mkdir()
    queue.service.resume(added.id)
    ended = queue.ended(added)
    assert ended.state is DownloadState.PAUSED
    assert "no longer in" in ended.sentence
    assert left_of(drive) == []
    hub.on_step = lambda _: None
    queue.service.resume(added.id)
    assert queue.ended(added).state is DownloadState.DONE


@pytest.mark.usefixtures("looks_at_once")
def test_a_drive_that_goes_meanwhile_pauses_it(queue: Queue, hub: SteppedHub, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    queue.settings.save(Settings(models_folder=str(drive)))
    added = queue.add()

    def disconnect(done: int) -> None:
        if not done:
            drive.rename(tmp_path / "away")

    hub.on_step = disconnect
    ended = queue.ended(added)
    assert ended.state is DownloadState.PAUSED
    assert "has gone" in ended.sentence
    assert not drive.exists()


def test_a_file_that_another_program_fetches_is_left_to_it(queue: Queue, hub: SteppedHub) -> None:
    added = queue.add()
    added.model_path.parent.mkdir(parents=True)
    with file_lock(added.model_path):
        ended = queue.ended(added)
        assert ended.state is DownloadState.PAUSED
        assert "Another program" in ended.sentence
        part = part_files(added.model_path)[0]
        part.touch()
        queue.service.remove(added.id)
        assert part.exists()
    assert hub.fetched == []


def test_a_name_that_cannot_be_a_file_is_refused(machine: Database, profile: Path) -> None:
    queue = make_queue(SteppedHub("nul.gguf"), machine, profile)
    with pytest.raises(InvalidParameterError):
        queue.add("nul.gguf")


def test_the_speed_limit_follows_the_settings(queue: Queue) -> None:
    queue.settings.save(Settings(download_limit_megabytes=3))
    queue.ended(queue.add())
    assert queue.service._limit.bytes_per_second == 3_000_000


def test_steps_are_told_with_what_is_on_the_disk(queue: Queue) -> None:
    events = queue.fetch(queue.add())
    assert events[0].download.state is DownloadState.RUNNING
    told = [event.download.done_bytes for event in events]
    assert told == sorted(told)
    assert told[-1] == len(content_of(MODEL))
