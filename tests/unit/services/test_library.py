"""The library over real files and a real database."""

import os
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadFile, DownloadState
from app.core.errors import CancelledError, InvalidParameterError, ModelFileError, StorageError
from app.core.library import ModelOrigin, Soundness
from app.core.model_file import FileFacts
from app.engine.base import ModelChecker
from app.engine.fake import FakeEngine, FakeScript
from app.engine.guards.checker import LlamaModelChecker
from app.engine.guards.fake_checker import FakeModelChecker
from app.engine.guards.gguf import ValueType
from app.services.library import LibraryService
from app.services.model_files import ModelFiles
from app.services.models import ModelService
from app.storage.database import Database
from app.storage.model_checks import ModelCheckStore
from app.storage.model_choices import ModelChoiceStore
from app.storage.other_apps.locations import AppLocations, app_locations
from app.storage.settings import SettingsStore
from app.storage.verified import VerifiedFiles
from tests import app_stores
from tests.app_stores import library, model, scanned, sha256
from tests.gguf_files import write_parts
from tests.included import INCLUDED_MODEL, catalog


class CountingChecker(LlamaModelChecker):
    """The real one; `read_paths` are the headers that were read."""

    def __init__(self) -> None:
        super().__init__((), Path())
        self.read_paths: list[str] = []

    def read(self, path: Path) -> FileFacts:
        """Noted, then read."""
        self.read_paths.append(path.name)
        return super().read(path)


@pytest.fixture
def checker() -> CountingChecker:
    return CountingChecker()


@pytest.fixture
def shelf(machine: Database, tmp_path: Path, checker: ModelChecker) -> LibraryService:
    return library(machine, tmp_path, checker=checker, trash=app_stores.removed_for_good)


def test_the_included_model_is_listed_before_anything_was_looked_at(shelf: LibraryService) -> None:
    (one,) = shelf.models()
    assert (one.name, one.origin, one.is_default) == ("SmolLM2 135M", ModelOrigin.INCLUDED, True)
    assert (one.license, one.path) == ("Apache-2.0", INCLUDED_MODEL)
    assert one.size_bytes == 98_362_432


def test_a_scan_reads_headers_once(shelf: LibraryService, checker: CountingChecker, tmp_path: Path) -> None:
    one = model(tmp_path / "models/Some-Model-Q4_K_M.gguf", "Some Model", general__license=(ValueType.STRING, "mit"))
    model(tmp_path / "models/deep/other.gguf", general__file_type=(ValueType.UINT32, 7))
    counts = [count for count in shelf.scan(CancelToken()) if count]
    assert counts[-1] >= 2
    found = scanned(shelf)
    assert (found[one.name].name, found[one.name].quantization, found[one.name].license) == (
        "Some Model",
        "Q4_K_M",
        "mit",
    )
    assert (found["other.gguf"].name, found["other.gguf"].quantization) == ("other", "Q8_0")
    assert found[one.name].context_length == 512
    assert found[one.name].parameter_count == 64 * 3 + 64 + 64 * 64 + 64
    assert found[one.name].size_bytes == one.stat().st_size
    assert found[one.name].origin is ModelOrigin.ADDED
    assert sorted(checker.read_paths) == sorted({*checker.read_paths})
    model(one, "Renamed")
    os.utime(one, ns=(1, 1))
    assert scanned(shelf)[one.name].name == "Renamed"
    assert checker.read_paths.count(one.name) == 2


def test_what_vanished_is_missing_and_comes_back(shelf: LibraryService, tmp_path: Path) -> None:
    one = model(tmp_path / "models/a.gguf")
    scanned(shelf)
    shelf.note_use(one)
    (tmp_path / "models").rename(tmp_path / "unplugged")
    gone = scanned(shelf)["a.gguf"]
    assert gone.is_missing
    assert gone.last_used is not None
    (tmp_path / "unplugged").rename(tmp_path / "models")
    assert not scanned(shelf)["a.gguf"].is_missing


def test_a_missing_one_is_only_taken_off_the_list(shelf: LibraryService, tmp_path: Path) -> None:
    one = model(tmp_path / "models/a.gguf")
    scanned(shelf)
    one.unlink()
    scanned(shelf)
    assert shelf.remove(one) == 0
    assert scanned(shelf) == {}


def test_other_things_than_models_are_left_out_and_broken_ones_say_so(shelf: LibraryService, tmp_path: Path) -> None:
    model(tmp_path / "models/innocent.gguf", general__architecture=(ValueType.STRING, "clip"))
    broken = model(tmp_path / "models/cut.gguf")
    os.truncate(broken, 100)
    (tmp_path / "models/text.gguf").write_text("hello", encoding="utf-8")
    found = scanned(shelf)
    assert set(found) == {"cut.gguf", "text.gguf"}
    assert "cut.gguf" in found["cut.gguf"].problem
    assert "is not a GGUF model file" in found["text.gguf"].problem


def test_split_files_are_one_model_and_go_together(shelf: LibraryService, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    parts = write_parts(tmp_path / "models")
    (one,) = scanned(shelf).values()
    assert one.files == tuple(parts)
    assert one.name == "model"
    size = sum(part.stat().st_size for part in parts)
    assert one.size_bytes == size
    assert shelf.remove(one.path) == size
    assert not any(part.exists() for part in parts)
    assert scanned(shelf) == {}


def test_several_folders(shelf: LibraryService, tmp_path: Path) -> None:
    other = tmp_path / "other"
    model(other / "in/b.gguf")
    with pytest.raises(InvalidParameterError, match="no folder"):
        shelf.add_folder(tmp_path / "none")
    shelf.add_folder(other)
    with pytest.raises(InvalidParameterError, match="already"):
        shelf.add_folder(other / "in")
    assert shelf.folders() == (tmp_path / "models", other)
    assert set(scanned(shelf)) == {"b.gguf"}
    assert {other, other / "in"} <= set(shelf.folders_to_watch())
    assert tmp_path / "models" not in shelf.folders_to_watch()  # it is not there yet
    shelf.forget_folder(other)
    assert scanned(shelf) == {}
    assert (other / "in/b.gguf").exists()
    with pytest.raises(InvalidParameterError):
        shelf.forget_folder(tmp_path / "models")


def test_a_file_added_in_place_stays_listed_whatever_folders_there_are(shelf: LibraryService, tmp_path: Path) -> None:
    one = model(tmp_path / "somewhere/a.gguf")
    added = shelf.add(one, CancelToken())
    assert (added.path, added.origin) == (one, ModelOrigin.ADDED)
    assert set(scanned(shelf)) == {"a.gguf"}
    assert not (tmp_path / "models").exists()
    with pytest.raises(ModelFileError, match="does not exist"):
        shelf.add(tmp_path / "none.gguf", CancelToken())


def test_a_copy_lies_in_the_folder_of_downloads(shelf: LibraryService, tmp_path: Path) -> None:
    one = model(tmp_path / "stick/a.gguf")
    progress: list[float] = []
    added = shelf.add(one, CancelToken(), copy=True, on_progress=progress.append)
    assert added.path == tmp_path / "models/a.gguf"
    assert added.path.read_bytes() == one.read_bytes()
    assert added.sha256 == sha256(one)  # it was worked out on the way
    assert progress[-1] == 1.0
    shutil.rmtree(tmp_path / "stick")
    assert not scanned(shelf)["a.gguf"].is_missing


def every_app(home: Path) -> dict[ModelOrigin, Path]:
    return {
        ModelOrigin.LM_STUDIO: app_stores.lm_studio(home / ".lmstudio"),
        ModelOrigin.OLLAMA: app_stores.ollama(home / ".ollama/models"),
        ModelOrigin.JAN: app_stores.jan(home / ".local/share/Jan/data"),
        ModelOrigin.GPT4ALL: app_stores.gpt4all(home / ".local/share/nomic.ai/GPT4All"),
        ModelOrigin.HUGGING_FACE: app_stores.hugging_face(home / ".cache/huggingface/hub"),
    }


def test_other_applications_models_are_used_in_place_and_never_touched(machine: Database, tmp_path: Path) -> None:
    home = tmp_path / "home"
    places = every_app(home)
    before = app_stores.tree(home)
    shelf = library(machine, tmp_path, app_locations(home, {}, "linux"))
    shelf.add_folder(home)  # a careless choice, in which all of them lie
    found = {one.origin: one for one in scanned(shelf).values()}
    assert {origin: one.path for origin, one in found.items()} == places
    assert found[ModelOrigin.OLLAMA].name == "llama3.2:latest"
    assert found[ModelOrigin.OLLAMA].quantization == "Q4_K_M"
    assert found[ModelOrigin.JAN].quantization == "Q4_K_M"
    assert found[ModelOrigin.HUGGING_FACE].repository == "bartowski/SmolLM2-360M-Instruct-GGUF"
    assert not any(one.problem for one in found.values())
    assert shelf.verify(places[ModelOrigin.OLLAMA], CancelToken()).soundness is Soundness.SOUND
    for path in places.values():
        shelf.note_use(path)
        assert shelf.remove(path) == 0
    assert scanned(shelf) == {}
    assert app_stores.tree(home) == before
    shelf.note_use(places[ModelOrigin.JAN])  # opened by hand, it is listed again
    assert set(scanned(shelf)) == {"model.gguf"}


def test_an_applications_file_that_was_opened_by_hand_is_not_ours(machine: Database, tmp_path: Path) -> None:
    blob = app_stores.hugging_face(tmp_path / ".cache/huggingface/hub").resolve()
    shelf = library(machine, tmp_path, app_locations(tmp_path, {}, "linux"))
    assert shelf.add(blob, CancelToken()).origin is ModelOrigin.HUGGING_FACE
    assert shelf.remove(blob) == 0
    assert blob.exists()


def test_one_file_under_two_names_is_listed_once(shelf: LibraryService, tmp_path: Path) -> None:
    one = model(tmp_path / "models/a.gguf")
    (tmp_path / "models/b.gguf").symlink_to(one)
    assert set(scanned(shelf)) == {"a.gguf"}


def test_duplicates_are_told_once_their_checksums_are_known(shelf: LibraryService, tmp_path: Path) -> None:
    one = model(tmp_path / "models/a.gguf", "One")
    shutil.copy(one, tmp_path / "models/b.gguf")
    model(tmp_path / "models/same-size.gguf", "Two")
    model(tmp_path / "models/larger.gguf", "One of another size")
    assert not any(found.same_as or found.sha256 for found in scanned(shelf).values())
    assert shelf.find_duplicates(CancelToken()) == 3  # nothing else is as large as the largest
    found = scanned(shelf)
    assert {name: one.same_as for name, one in found.items() if one.same_as} == {"b.gguf": one}
    assert shelf.find_duplicates(CancelToken()) == 0


def downloaded(path: Path, digest: str) -> Download:
    files = (DownloadFile("a-Q4_0.gguf", path, path.stat().st_size, digest),)
    return Download(1, "A", "owner/name", "c0ffee", "Q4_0", files, DownloadState.DONE, license="mit")


def test_a_download_is_listed_and_verified_by_what_the_hub_said(shelf: LibraryService, tmp_path: Path) -> None:
    one = model(tmp_path / "models/a-Q4_0.gguf")
    shelf.note_download(downloaded(one, sha256(one)))
    (listed,) = scanned(shelf).values()
    assert (listed.origin, listed.repository, listed.license) == (ModelOrigin.DOWNLOADED, "owner/name", "mit")
    assert shelf.verify(one, CancelToken()).soundness is Soundness.SOUND
    content = bytearray(one.read_bytes())
    content[-1] ^= 1
    stamp = one.stat()
    one.write_bytes(content)
    os.utime(one, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # rot does not change the time
    found = shelf.verify(one, CancelToken())
    assert found.soundness is Soundness.DAMAGED
    assert str(one) in found.sentence
    assert found.sha256 == sha256(one)
    assert scanned(shelf)[one.name].origin is ModelOrigin.DOWNLOADED


def test_verifying_what_nobody_has_vouched_for(shelf: LibraryService, tmp_path: Path) -> None:
    one = model(tmp_path / "models/a.gguf")
    scanned(shelf)
    assert shelf.verify(one, CancelToken()).soundness is Soundness.UNKNOWN
    assert scanned(shelf)["a.gguf"].sha256 == sha256(one)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        shelf.verify(one, cancel)
    with pytest.raises(StorageError, match="no model of the library"):
        shelf.verify(tmp_path / "other.gguf", CancelToken())


@pytest.mark.real_model
def test_a_copy_of_the_included_model_is_recognised_by_its_checksum(shelf: LibraryService, tmp_path: Path) -> None:
    copy = tmp_path / "models/renamed.gguf"
    copy.parent.mkdir()
    shutil.copy(INCLUDED_MODEL, copy)
    scanned(shelf)
    assert shelf.verify(copy, CancelToken()).soundness is Soundness.SOUND
    found = scanned(shelf)["renamed.gguf"]
    assert (found.name, found.license, found.same_as) == ("SmolLM2 135M", "Apache-2.0", INCLUDED_MODEL)
    with pytest.raises(StorageError, match="comes with Inglenook"):
        shelf.remove(INCLUDED_MODEL)


def test_a_header_that_names_a_model_of_the_catalogue(shelf: LibraryService, tmp_path: Path) -> None:
    known = next(one for one in catalog().recommendations if one.words and not one.architecture)
    layers = (ValueType.UINT32, known.layer_count or 2)
    model(tmp_path / "models/x.gguf", " ".join(known.words), llama__block_count=layers)
    offer = catalog().offer(known.id)
    found = scanned(shelf)["x.gguf"]
    assert offer is not None
    assert (found.name, found.license) == (known.name, offer.license)


def test_the_default_is_chosen_and_given_up_with_its_file(shelf: LibraryService, tmp_path: Path) -> None:
    settings = SettingsStore(tmp_path / "settings.json")
    settings.save(replace(settings.load(), text_percent=120))
    one = model(tmp_path / "models/a.gguf")
    scanned(shelf)
    shelf.choose_default(one)
    assert [found.path for found in shelf.models() if found.is_default] == [one]
    assert settings.load().model_path == str(one)
    shelf.remove(one)
    assert [found.path for found in shelf.models() if found.is_default] == [INCLUDED_MODEL]
    assert (settings.load().model_path, settings.load().text_percent) == ("", 120)


def test_a_read_only_file_stays_with_its_place_in_the_list(machine: Database, tmp_path: Path) -> None:
    shelf = library(machine, tmp_path)
    one = model(tmp_path / "models/a.gguf")
    one.chmod(0o444)
    scanned(shelf)
    with pytest.raises(StorageError, match="read-only"):
        shelf.remove(one)
    assert set(scanned(shelf)) == {"a.gguf"}


def fetched(shelf: LibraryService, folder: Path, *names: str, repository: str = "owner/Seeing-GGUF") -> list[Path]:
    """Models and projectors of one repository, as a download leaves them."""
    paths = [model(folder / repository / name) for name in names]
    files = tuple(DownloadFile(path.name, path, path.stat().st_size, "") for path in paths)
    shelf.note_download(Download(1, "Seeing", repository, "main", "Q4_K_M", files, DownloadState.DONE))
    return paths


def test_the_last_model_of_a_repository_takes_its_projector_along(shelf: LibraryService, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    small, projector = fetched(shelf, folder, "seeing-Q4_K_M.gguf", "mmproj-F16.gguf")
    (large,) = fetched(shelf, folder, "Q8_0/seeing-Q8_0.gguf")
    (other,) = fetched(shelf, folder, "mmproj-F16.gguf", repository="owner/Other-GGUF")
    assert shelf.removal(small).projectors == ()
    shelf.remove(small)
    assert projector.exists(), "the other precision needs it"
    removal = shelf.removal(large)
    assert (removal.files, removal.projectors) == ((large,), (projector,))
    both = large.stat().st_size + projector.stat().st_size
    assert removal.size_bytes == both
    assert shelf.remove(large) == both
    assert (projector.exists(), other.exists()) == (False, True)


def test_a_projector_stays_for_what_is_on_its_way(shelf: LibraryService, tmp_path: Path) -> None:
    one, projector = fetched(shelf, tmp_path / "models", "seeing-Q4_K_M.gguf", "mmproj-F16.gguf")
    (one.parent / "seeing-Q8_0.gguf.part").write_bytes(b"GGUF")
    shelf.remove(one)
    assert projector.exists()


def test_a_projector_that_was_not_downloaded_with_the_model_stays(shelf: LibraryService, tmp_path: Path) -> None:
    one = model(tmp_path / "models/owner/Seeing-GGUF/seeing-Q4_K_M.gguf")
    projector = model(one.with_name("mmproj-F16.gguf"))
    scanned(shelf)
    shelf.remove(one)
    assert projector.exists(), "the user has put both there"


@pytest.mark.skipif(sys.platform == "win32", reason="making links takes a right there")
def test_a_projector_behind_a_link_is_somebody_else_s(shelf: LibraryService, tmp_path: Path) -> None:
    one, linked = fetched(shelf, tmp_path / "models", "seeing-Q4_K_M.gguf", "linked/mmproj-F16.gguf")
    linked.parent.rename(tmp_path / "elsewhere")
    linked.parent.symlink_to(tmp_path / "elsewhere")
    assert shelf.removal(one).projectors == ()


def test_a_load_is_noted(shelf: LibraryService, machine: Database, tmp_path: Path) -> None:
    one = model(tmp_path / "somewhere/a.gguf")
    before = datetime.now(UTC)
    files = ModelFiles(FakeModelChecker(), VerifiedFiles(machine), ModelCheckStore(machine))
    choices = ModelChoiceStore(machine)
    models = ModelService(FakeEngine(FakeScript()), catalog(), files, choices, on_loaded=shelf.note_use)
    models.load(one, CancelToken(), lambda _: None)
    (found,) = shelf.models()[1:]
    assert found.path == one
    assert found.last_used is not None
    assert before <= found.last_used <= datetime.now(UTC)


def test_a_use_that_cannot_be_noted_harms_nobody(shelf: LibraryService, tmp_path: Path) -> None:
    shelf.note_use(tmp_path / "gone.gguf")
    assert len(shelf.models()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_name_that_is_no_unicode(shelf: LibraryService, tmp_path: Path) -> None:
    one = model(tmp_path / "models" / os.fsdecode(b"Gr\xf6\xdfe-Q8_0.gguf"))
    (found,) = scanned(shelf).values()
    assert found.path == one
    assert found.name.startswith("Gr")
    shelf.choose_default(one)
    assert [listed.path for listed in shelf.models() if listed.is_default] == [one]
    shelf.remove(one)
    assert not one.exists()


def test_a_scan_that_was_stopped_marks_nothing(shelf: LibraryService, tmp_path: Path) -> None:
    model(tmp_path / "models/a.gguf")
    scanned(shelf)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(shelf.scan(cancel))
    assert [one.is_missing for one in shelf.models()] == [False, False]


def test_portable_folders_see_no_applications(machine: Database, tmp_path: Path) -> None:
    every_app(tmp_path)
    assert scanned(library(machine, tmp_path, AppLocations())) == {}
