"""Paths that are written down relative to a portable folder, and found again when it was carried elsewhere."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.conversation import MessageState, Role
from app.core.download import Download, DownloadFile, DownloadState
from app.core.generation import SamplingParameters
from app.core.library import ModelOrigin
from app.core.model import LoadParameters, LoraAdapter
from app.core.model_file import FileStamp, TrialOutcome, TrialResult
from app.core.provenance import Provenance
from app.core.run import RunStep
from app.core.settings import Settings
from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database
from app.storage.downloads import DownloadStore
from app.storage.library import IndexedModel, LibraryIndex
from app.storage.machine import open_machine, relate_paths
from app.storage.model_checks import ModelCheckStore
from app.storage.model_choices import ModelChoice, ModelChoiceStore
from app.storage.places import Places
from app.storage.run_marker import RunMarker
from app.storage.settings import SettingsStore
from app.storage.verified import VerifiedFiles

NOW = datetime(2026, 11, 26, tzinfo=UTC)
ELSEWHERE = Path("/models/elsewhere.gguf").absolute()


def test_beneath_the_root_paths_are_relative_and_others_whole(tmp_path: Path) -> None:
    places = Places(tmp_path, relates=True)
    assert places.key(tmp_path / "data" / "x.gguf") == b"./data/x.gguf"
    assert places.path(b"./data/x.gguf") == tmp_path / "data" / "x.gguf"
    assert places.path(places.key(ELSEWHERE)) == ELSEWHERE
    assert places.text("") == ""
    assert places.text("relative.gguf") == "relative.gguf"
    assert places.resolved(places.text(str(tmp_path))) == str(tmp_path)
    assert Places(tmp_path / "other", relates=True).path(b"./data/x.gguf") == tmp_path / "other" / "data" / "x.gguf"


def test_elsewhere_nothing_changes_and_what_was_related_is_understood(tmp_path: Path) -> None:
    places = Places.of_file(tmp_path / "data" / "machine.db")
    path = tmp_path / "data" / "x.gguf"
    assert places.text(str(path)) == str(path)
    assert places.path(b"./data/x.gguf") == path, "a portable profile that another Inglenook opens"


def test_a_name_that_is_no_text_survives(tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.gguf"
    places = Places(tmp_path, relates=True)
    assert places.path(places.key(path)) == path


class Stick:
    """A portable folder with one of everything that names a file."""

    def __init__(self, root: Path) -> None:
        self.data = root / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        self.places = Places(root, relates=True)
        self.model = self.data / "models" / "owner" / "name" / "x.gguf"
        self.settings = SettingsStore(self.data / "settings.json", places=self.places)
        self.marker = RunMarker(self.data / "running", places=self.places)
        self.machine = open_machine(self.data / "machine.db", NOW).database
        self.chats = open_database(self.data / "conversations.db", NOW).database
        self.machine.places = self.chats.places = self.places

    def load(self) -> LoadParameters:
        return LoadParameters(self.model, draft_model=self.model, adapters=(LoraAdapter(self.model, 0.5),))

    def close(self) -> None:
        self.machine.close()
        self.chats.close()


def fill(stick: Stick) -> None:
    """Write down the model everywhere."""
    stick.model.parent.mkdir(parents=True)
    stick.model.write_bytes(b"GGUF")
    stick.settings.save(Settings(model_path=str(stick.model), other_model_folders=(str(stick.data), str(ELSEWHERE))))
    LibraryIndex(stick.machine).put(IndexedModel(stick.model, (stick.model,), ModelOrigin.DOWNLOADED))
    VerifiedFiles(stick.machine).remember(stick.model, "ab" * 32)
    ModelCheckStore(stick.machine).remember(
        stick.model, FileStamp(4, 5), "engine", TrialResult(TrialOutcome.PASSED, seconds=1)
    )
    values = {"draft_model": str(stick.model), "adapters": [[str(stick.model), 0.5]], "threads": 2}
    ModelChoiceStore(stick.machine).save(stick.model, ModelChoice(load=values))
    file = DownloadFile("y.gguf", stick.model.with_name("y.gguf"), 10, "")
    DownloadStore(stick.machine).add(
        Download(0, "y", "owner/name", "main", "Q4", (file,), DownloadState.PAUSED, done_bytes=3)
    )
    store = ConversationStore(stick.chats)
    conversation = store.create("title")
    reply = store.add_message(conversation.id, Role.ASSISTANT, "text", MessageState.STREAMING)
    made = Provenance("X", "x.gguf", 4, "", "Q4", "engine", "CPU", stick.load(), SamplingParameters())
    store.finish(reply.id, "text", MessageState.COMPLETE, None, None, provenance=made)


def check(stick: Stick) -> None:
    """Every store finds the model where it is now."""
    settings = stick.settings.load()
    assert settings.model_path == str(stick.model)
    assert settings.other_model_folders == (str(stick.data), str(ELSEWHERE))
    (known,) = LibraryIndex(stick.machine).all()
    assert (known.path, known.files) == (stick.model, (stick.model,))
    assert LibraryIndex(stick.machine).get(stick.model) == known
    assert VerifiedFiles(stick.machine).sha256(stick.model) == "ab" * 32
    assert ModelCheckStore(stick.machine).get(stick.model, FileStamp(4, 5), "engine") is not None
    choice = ModelChoiceStore(stick.machine).get(stick.model)
    assert choice.load == {"draft_model": str(stick.model), "adapters": [[str(stick.model), 0.5]], "threads": 2}
    (download,) = DownloadStore(stick.machine).list()
    assert download.files[0].target == stick.model.with_name("y.gguf")
    store = ConversationStore(stick.chats)
    (message,) = store.messages(store.list()[0].id)
    assert message.provenance is not None
    assert message.provenance.load == stick.load()


@pytest.fixture
def moved(tmp_path: Path) -> Stick:
    """One that was filled at one place and carried to another."""
    stick = Stick(tmp_path / "first drive")
    fill(stick)
    check(stick)
    stick.close()
    (tmp_path / "first drive").rename(tmp_path / "second")
    return Stick(tmp_path / "second")


def test_after_a_move_everything_is_found_again(moved: Stick, tmp_path: Path) -> None:
    check(moved)
    moved.close()
    for file in moved.data.rglob("*"):
        if file.is_file():
            assert b"first drive" not in file.read_bytes(), f"{file.name} knows the old place"


def test_what_was_doing_when_it_ended_is_told_of_the_file_s_new_place(tmp_path: Path) -> None:
    folder = tmp_path / "first"
    marker = RunMarker(folder / "data" / "running", places=Places(folder, relates=True))
    marker.begin(RunStep.LOADING, "X", folder / "data" / "x.gguf")
    (note,) = (folder / "data" / "running").iterdir()
    note.write_text(note.read_text().replace('"writer": "', '"writer": "gone'))  # its process is no more
    folder.rename(tmp_path / "second")
    again = RunMarker(tmp_path / "second" / "data" / "running", places=Places(tmp_path / "second", relates=True))
    (mark,) = again.take_left_behind()
    assert mark.model_path == tmp_path / "second" / "data" / "x.gguf"


def test_what_was_written_whole_before_is_related_once(tmp_path: Path) -> None:
    stick = Stick(tmp_path / "first")
    stick.machine.places = stick.chats.places = Places(tmp_path / "first")  # not portable yet
    fill(stick)
    stick.machine.places = stick.places
    for _ in range(2):
        relate_paths(stick.machine)
        assert paths_in(stick.machine) == {b"./data/models/owner/name/x.gguf", b"./data/models/owner/name/y.gguf"}
    check(stick)
    stick.close()


def paths_in(machine: Database) -> set[bytes]:
    columns = {"verified_files": "path", "model_checks": "path", "model_choices": "path", "library_models": "files"}
    found = {row[0] for table, column in columns.items() for row in machine.read(f"SELECT {column} FROM {table}")}
    return found | {row[0] for row in machine.read("SELECT target FROM download_files")}
