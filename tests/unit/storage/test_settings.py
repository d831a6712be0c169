"""Settings are replaced as a whole, and a broken file costs the settings in it but not the file."""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.errors import DiskFullError, ProfileError, StorageError
from app.core.settings import Settings, Theme
from app.storage.settings import SettingsStore
from tests.unit.storage.conftest import NOW, ROOT, MakeReadOnly, StartProcess, kill

SAVE_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from app.core.settings import Settings, Theme
from app.storage.settings import SettingsStore
store = SettingsStore(Path(sys.argv[1]))
for number in count():
    store.save(Settings(theme=Theme.DARK, model_path="x" * (number % 50) * 1000))
    if number == 5:
        print("ready", flush=True)
"""

CHOSEN = Settings(theme=Theme.DARK, model_path="/models/Größe 🪵.gguf")


SAMPLES = sorted((ROOT / "tests" / "data").glob("settings-v*.json"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


@pytest.fixture
def store(path: Path) -> SettingsStore:
    return SettingsStore(path, lambda: NOW)


def test_without_a_file_there_are_defaults_and_no_file_is_made(store: SettingsStore, path: Path) -> None:
    assert store.load() == Settings()
    assert store.set_aside is None
    assert not path.exists()


def test_what_is_saved_is_loaded(store: SettingsStore, path: Path) -> None:
    store.save(CHOSEN)
    assert SettingsStore(path).load() == CHOSEN
    store.save(Settings())
    assert SettingsStore(path).load() == Settings()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not replace a file that is open")
def test_whoever_reads_while_it_is_saved_sees_the_old_file_whole(store: SettingsStore, path: Path) -> None:
    store.save(CHOSEN)
    old = path.read_text()
    with path.open() as reader:
        store.save(Settings())
        assert reader.read() == old


def test_a_path_that_is_no_unicode_survives(store: SettingsStore) -> None:
    settings = Settings(model_path=b"/models/caf\xe9.gguf".decode("utf-8", "surrogateescape"))
    store.save(settings)
    assert store.load() == settings


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b'"dark"', b"\xff\xfe\x00", b'{"theme": "dark"', b"[" * 100_000],
    ids=["empty", "open", "list", "number", "string", "no-utf8", "truncated", "deep"],
)
def test_a_broken_file_is_set_aside_and_the_defaults_hold(store: SettingsStore, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert store.load() == Settings()
    assert store.set_aside == path.with_name("settings-damaged-2026-11-23T150000.json")
    assert store.set_aside.read_bytes() == content
    assert not path.exists()
    store.save(CHOSEN)
    assert store.load() == CHOSEN
    assert store.set_aside.read_bytes() == content


def test_a_file_that_broke_meanwhile_is_not_overwritten(store: SettingsStore, path: Path) -> None:
    assert store.load() == Settings()
    path.write_bytes(b"{ edited by hand")
    store.save(CHOSEN)
    assert store.set_aside is not None
    assert store.set_aside.read_bytes() == b"{ edited by hand"
    assert store.load() == CHOSEN


def test_something_unreadable_in_its_place_is_set_aside(store: SettingsStore, path: Path) -> None:
    path.mkdir()
    (path / "inside").write_text("kept")
    assert store.load() == Settings()
    assert store.set_aside is not None
    assert (store.set_aside / "inside").read_text() == "kept"
    store.save(CHOSEN)
    assert store.load() == CHOSEN


def test_two_broken_files_of_one_second_are_both_kept(store: SettingsStore, path: Path) -> None:
    for content in ("first", "second"):
        path.write_text(content)
        store.load()
    kept = sorted(file.read_text() for file in path.parent.iterdir())
    assert kept == ["first", "second"]


def test_the_date_in_the_name_is_the_clock_s(path: Path) -> None:
    path.write_text("broken")
    store = SettingsStore(path, lambda: datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC))
    store.load()
    assert store.set_aside == path.with_name("settings-damaged-2031-02-03T040506.json")


def test_wrong_values_fall_back_one_by_one(store: SettingsStore, path: Path) -> None:
    path.write_text('{"theme": "purple", "model_path": "/models/x.gguf"}')
    assert store.load() == Settings(model_path="/models/x.gguf")
    assert store.set_aside is None


def test_what_a_newer_version_stored_stays(store: SettingsStore, path: Path) -> None:
    path.write_text('{"theme": "light", "from_the_future": {"depth": [1, 2]}}')
    store.save(CHOSEN)
    assert json.loads(path.read_text())["from_the_future"] == {"depth": [1, 2]}
    assert store.load() == CHOSEN


def test_a_full_disk_keeps_the_old_file_and_says_so(small_disk: Path) -> None:
    path = small_disk / "settings.json"
    store = SettingsStore(path)
    store.save(CHOSEN)
    with pytest.raises(DiskFullError) as caught:
        store.save(Settings(model_path="x" * 300_000))
    assert str(path) in caught.value.sentence
    assert store.load() == CHOSEN
    assert [file.name for file in small_disk.iterdir()] == [path.name]


def test_a_folder_that_cannot_be_written_says_so(
    store: SettingsStore, path: Path, make_read_only: MakeReadOnly
) -> None:
    store.save(CHOSEN)
    make_read_only(path.parent)
    with pytest.raises(ProfileError) as caught:
        store.save(Settings())
    assert str(path) in caught.value.sentence
    assert store.load() == CHOSEN


def test_a_broken_file_that_cannot_be_moved_says_so(path: Path, make_read_only: MakeReadOnly) -> None:
    path.write_text("broken")
    make_read_only(path.parent)
    with pytest.raises(ProfileError):
        SettingsStore(path).load()
    assert path.read_text() == "broken"


def test_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        SettingsStore(tmp_path / "gone" / "settings.json").save(Settings())
    assert str(tmp_path / "gone") in caught.value.sentence


def test_killed_while_saving_the_file_is_whole(path: Path, start_process: StartProcess) -> None:
    for _ in range(5):
        process: subprocess.Popen[str] = start_process(SAVE_FOR_EVER, path)
        kill(process)
        store = SettingsStore(path)
        assert store.load().theme is Theme.DARK
        assert store.set_aside is None


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.stem for sample in SAMPLES])
def test_what_an_earlier_version_stored_is_kept(path: Path, store: SettingsStore, sample: Path) -> None:
    shutil.copy(sample, path)
    stored = json.loads(sample.read_bytes())
    settings = store.load()
    assert store.set_aside is None
    read = json.loads(json.dumps(asdict(settings)))
    assert read == json.loads(json.dumps(asdict(Settings()))) | stored
    store.save(settings)
    assert store.load() == settings


def test_there_are_samples_of_earlier_settings() -> None:
    assert [sample.name for sample in SAMPLES] == [f"settings-v{number}.json" for number in range(1, 5)]
