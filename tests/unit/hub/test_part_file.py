"""What lies on the disk of an unfinished download, whatever befalls the program, the computer or the disk."""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from app.core.cancel import CancelToken
from app.core.errors import CancelledError, DiskFullError, StorageError
from app.core.safe_names import part_files
from app.hub import part_file
from app.hub.base import FetchProgress
from app.hub.fake import FakeHub, HubScript, PretendedFile
from app.hub.part_file import Identity, PartFile

ID = "somebody/Small-GGUF"
CONTENT = bytes(range(256)) * 8192  # 2 MiB
BUFFER = 1 << 18
IDENTITY = Identity(ID, "0" * 40, "x.gguf", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture(autouse=True)
def small_buffers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_file, "BUFFER_BYTES", BUFFER)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "x.gguf"


def put(part: PartFile, data: bytes) -> None:
    """Let some bytes come."""
    while data:
        room = part.room()[: len(data)]
        room[:] = data[: len(room)]
        part.received(len(room))
        data = data[len(room) :]


def opened(part: PartFile, identity: Identity = IDENTITY) -> int:
    """How many bytes are there and checked."""
    part.open(identity)
    list(part.check(CancelToken()))
    return part.count


def begun(target: Path, count: int) -> None:
    """Leave a part of so many bytes."""
    with PartFile(target) as part:
        opened(part)
        put(part, CONTENT[:count])


def restart_computer(target: Path) -> None:
    """Let the note be of the time before the computer was started."""
    note = part_files(target)[1]
    said = json.loads(note.read_text("utf-8"))
    note.write_text(json.dumps({**said, "computer_started": psutil.boot_time() - 3600}), encoding="utf-8")


def downloaded(target: Path, cancel: CancelToken | None = None) -> list[FetchProgress]:
    hub = FakeHub(HubScript().having(ID, {"x.gguf": PretendedFile(CONTENT)}))
    repository = hub.repository(ID, CancelToken())
    return list(hub.fetch(repository, repository.files[0], target, cancel or CancelToken()))


@pytest.mark.parametrize("count", [0, 1, BUFFER, BUFFER + 7, len(CONTENT)])
def test_every_byte_counts_after_the_program_ended(target: Path, count: int) -> None:
    begun(target, count)
    with PartFile(target) as part:
        assert opened(part) == count
        put(part, CONTENT[count:])
        assert part.digest() == IDENTITY.sha256
        part.place()
    assert target.read_bytes() == CONTENT
    assert [path for path in part_files(target) if path.exists()] == []


def test_a_buffer_is_not_filled_while_it_is_hashed(target: Path) -> None:
    with PartFile(target) as part:
        opened(part)
        first = part.room().obj
        put(part, CONTENT[:BUFFER])
        part.flush()
        assert part.room().obj is not first


def test_only_what_was_on_the_disk_counts_after_the_computer_ended(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_file, "SYNC_BYTES", BUFFER)
    begun(target, BUFFER + 1000)
    written = part_files(target)[0]
    written.write_bytes(written.read_bytes()[:-1000] + b"\0" * 1000)  # as a power loss leaves it
    restart_computer(target)
    with PartFile(target) as part:
        assert opened(part) == BUFFER
        put(part, CONTENT[BUFFER:])
        assert part.digest() == IDENTITY.sha256


def test_a_part_shorter_than_its_note_says_is_taken_as_it_is(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_file, "SYNC_BYTES", BUFFER)
    begun(target, BUFFER)
    restart_computer(target)
    part_files(target)[0].write_bytes(CONTENT[:10])
    with PartFile(target) as part:
        assert opened(part) == 10


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        (Identity("a/b", "1", "y.gguf", len(CONTENT), IDENTITY.sha256), True),
        (Identity(ID, "0" * 40, "x.gguf", len(CONTENT), "f" * 64), False),
        (Identity(ID, "0" * 40, "x.gguf", len(CONTENT) + 1, IDENTITY.sha256), False),
        (Identity(ID, "0" * 40, "x.gguf", len(CONTENT)), True),
        (Identity(ID, "1" * 40, "x.gguf", len(CONTENT)), False),
        (Identity(ID, "0" * 40, "y.gguf", len(CONTENT)), False),
    ],
)
def test_a_part_is_gone_on_with_for_the_same_bytes_only(target: Path, other: Identity, is_same: bool) -> None:
    begun(target, 1000)
    with PartFile(target) as part:
        assert part.open(other) is not is_same
        assert part.count == (1000 if is_same else 0)


def test_etags_tell_files_apart_where_hashes_are_not_known() -> None:
    one = Identity(ID, "1", "x", 5, etag="a")
    assert one.is_same(Identity(ID, "2", "x", 5, etag="a"))
    assert not one.is_same(Identity(ID, "1", "x", 5, etag="b"))


def test_a_part_of_nobody_knows_what_is_not_used(target: Path) -> None:
    part_files(target)[0].write_bytes(b"?" * 1000)
    downloaded(target)
    assert target.read_bytes() == CONTENT


def test_a_part_longer_than_the_file_is_not_used(target: Path) -> None:
    begun(target, 1000)
    with part_files(target)[0].open("ab") as file:
        file.write(b"?" * len(CONTENT))
    downloaded(target)
    assert target.read_bytes() == CONTENT


def test_checking_can_be_cancelled(target: Path) -> None:
    begun(target, 1000)
    cancel = CancelToken()
    with PartFile(target) as part:
        part.open(IDENTITY)
        cancel.cancel()
        with pytest.raises(CancelledError):
            list(part.check(cancel))
    assert part_files(target)[0].stat().st_size == 1000


@pytest.mark.expects_log_records
def test_a_full_disk_pauses_with_a_sentence_and_loses_nothing(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 100_000)
    content = CONTENT[:200_000]
    hub = FakeHub(HubScript().having(ID, {"x.gguf": PretendedFile(content)}))
    repository, target = hub.repository(ID, CancelToken()), small_disk / "x.gguf"
    events = hub.fetch(repository, repository.files[0], target, CancelToken())
    with pytest.raises(
        DiskFullError, match=r"The disk is full, so x\.gguf is not whole yet\. Free some space"
    ) as caught:
        list(events)
    assert caught.value.detail
    part, note, *_ = part_files(target)
    assert {path.name for path in small_disk.iterdir()} == {"ballast", part.name, note.name}
    kept = part.read_bytes()
    assert content.startswith(kept)
    assert len(kept) > 100_000
    ballast.unlink()
    list(hub.fetch(repository, repository.files[0], target, CancelToken()))
    assert target.read_bytes() == content
    assert [path.name for path in small_disk.iterdir()] == ["x.gguf"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, make_read_only: Callable[[Path], None]) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    make_read_only(folder)
    with pytest.raises(StorageError, match=r"Nothing can be written in .*models"):
        downloaded(folder / "x.gguf")
    with pytest.raises(StorageError, match=r"Nothing can be written in .*models"):
        downloaded(folder / "sub/x.gguf")


def test_a_file_in_the_folder_s_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be saved in"):
        downloaded(tmp_path / "models/x.gguf")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not remove a folder that is in use")
def test_a_folder_that_goes_away_during_the_download_is_noticed(tmp_path: Path) -> None:
    hub = FakeHub(HubScript(bytes_per_second=2_000_000).having(ID, {"x.gguf": PretendedFile(CONTENT)}))
    repository, target = hub.repository(ID, CancelToken()), tmp_path / "models/x.gguf"
    events = hub.fetch(repository, repository.files[0], target, CancelToken())
    next(events)
    shutil.rmtree(target.parent)
    with pytest.raises(StorageError, match=r"is out of reach\. If it is on a drive that was taken away"):
        list(events)
    assert not target.parent.exists(), "a folder of the same name on another drive would fill that one"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("number", [0, 1, 2], ids=["part", "note", "new note"])
@pytest.mark.parametrize("is_hard", [False, True], ids=["symbolic", "hard"])
def test_a_planted_link_leads_nobody_into_another_file(target: Path, number: int, is_hard: bool) -> None:
    precious = target.with_name("precious")
    precious.write_text("mine\n", encoding="utf-8")
    planted = part_files(target)[number]
    if is_hard:
        planted.hardlink_to(precious)
    else:
        planted.symlink_to(precious)
    downloaded(target)
    assert target.read_bytes() == CONTENT
    assert precious.read_text(encoding="utf-8") == "mine\n"
    assert not target.is_symlink()
