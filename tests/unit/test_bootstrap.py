"""What the parts do together when the profile is not as it should be."""

import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.bootstrap import Options, assemble, lock_service, window_services
from app.core.cancel import CancelToken
from app.core.errors import ProfileLockedError
from app.core.generation import Chunk, SamplingParameters
from app.core.lock import LockChange, LockKind, ProfileKey
from app.core.run import RunStep
from app.core.settings import Settings
from app.core.speed import STANDARD_TESTS
from app.services.events import ReplyFinished
from app.services.lock import LockService
from app.storage.run_marker import RunMarker
from app.storage.settings import SettingsStore
from app.storage.state_files import StateFiles


def test_a_good_profile_needs_no_notice(tmp_path: Path) -> None:
    application = assemble(Options(profile=tmp_path / "new" / "profile"))
    application.close()
    assert application.notices == ()
    assert application.paths.database.is_file()
    assert application.paths.log_file.is_file()


def test_a_temporary_profile_is_removed_at_the_end() -> None:
    application = assemble(Options(temp_profile=True))
    assert application.paths.profile.is_dir()
    application.close()
    assert not application.paths.profile.exists()


def test_only_a_new_profile_that_is_kept_is_asked_how_to_start(tmp_path: Path) -> None:
    def is_first_run(options: Options) -> bool:
        application = assemble(options)
        application.close()
        return window_services(application).is_first_run

    kept = Options(profile=tmp_path, fake_engine=True)
    assert is_first_run(kept)
    assert is_first_run(kept), "until somebody has left that page"
    assert not is_first_run(Options(temp_profile=True, fake_engine=True))
    SettingsStore(tmp_path / "settings.json").save(Settings(first_run_done=True))
    assert not is_first_run(kept)
    other = Options(profile=tmp_path / "used", fake_engine=True)
    application = assemble(other)
    application.conversations.create("An earlier version's")
    application.close()
    assert not is_first_run(other), "whoever has conversations has started long ago"


@pytest.mark.expects_log_records
def test_broken_settings_are_set_aside_with_a_notice(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{ not json")
    application = assemble(Options(profile=tmp_path))
    application.close()
    (notice,) = application.notices
    assert "settings" in notice
    kept = [path for path in tmp_path.iterdir() if path.is_file() and path.read_bytes() == b"{ not json"]
    assert len(kept) == 1
    assert kept[0].name in notice


@pytest.mark.expects_log_records
def test_a_damaged_database_is_set_aside_with_a_notice(tmp_path: Path) -> None:
    (tmp_path / "conversations.db").write_bytes(b"nonsense" * 1000)
    application = assemble(Options(profile=tmp_path))
    assert application.conversations.list() == []
    application.close()
    (notice,) = application.notices
    assert "set aside" in notice


LONG = " ".join(f"word{n}" for n in range(100))


def _chat(options: Options, *texts: str) -> None:
    """Send each text in a conversation of its own, and close as the application does."""
    application = assemble(options)
    try:
        application.models.load(None, CancelToken(), lambda _: None)
        for text in texts:
            list(application.chat.send(text, CancelToken(), sampling=SamplingParameters(max_tokens=1)))
    finally:
        application.models.unload()
        application.close()


def _mark_as_crashed(profile: Path, step: RunStep) -> None:
    """What a process leaves that died in this step."""
    folder = profile / "running"
    folder.mkdir(exist_ok=True)
    mark = {
        "writer": "4194300 1.000",
        "step": step,
        "model_name": "SmolLM2",
        "model_path": "/models/smol.gguf",
        "began_at": "2026-11-25T12:00:00+00:00",
    }
    (folder / "4194300.json").write_text(json.dumps(mark))


def test_a_crash_is_handed_to_the_window_once(tmp_path: Path) -> None:
    _mark_as_crashed(tmp_path, RunStep.LOADING)
    application = assemble(Options(profile=tmp_path))
    services = window_services(application)
    application.close()
    assert services.crash is not None
    assert services.crash is application.crash
    assert "while loading SmolLM2" in services.crash.sentence
    assert services.crash.log_file == application.paths.log_file
    again = assemble(Options(profile=tmp_path))
    again.close()
    assert again.crash is None


def test_closing_keeps_the_open_conversation_s_state_and_ends_every_step(tmp_path: Path) -> None:
    _chat(Options(profile=tmp_path, fake_engine=True), LONG)
    assert [p.name.partition("-")[0] for p in (tmp_path / "states").glob("*.state")] == ["1"]
    assert list((tmp_path / "running").iterdir()) == []


def test_a_temporary_profile_writes_no_states(monkeypatch: pytest.MonkeyPatch) -> None:
    placed: list[int] = []
    monkeypatch.setattr(StateFiles, "place", lambda _self, conversation_id, _key: placed.append(conversation_id))
    _chat(Options(temp_profile=True, fake_engine=True), LONG, "other " + LONG)
    assert placed == []


def test_deleted_conversations_take_their_states_along(tmp_path: Path) -> None:
    _chat(Options(profile=tmp_path, fake_engine=True), LONG, "other " + LONG)
    application = assemble(Options(profile=tmp_path, fake_engine=True))
    application.conversations.delete(1)
    application.close()
    assert {p.name.partition("-")[0] for p in (tmp_path / "states").iterdir()} == {"2"}


def test_states_of_conversations_that_are_gone_are_deleted_at_the_start(tmp_path: Path) -> None:
    _chat(Options(profile=tmp_path, fake_engine=True), LONG)
    with closing(sqlite3.connect(tmp_path / "conversations.db")) as other:
        other.execute("DELETE FROM conversations")
        other.commit()
    assemble(Options(profile=tmp_path, fake_engine=True)).close()
    assert list((tmp_path / "states").iterdir()) == []


@pytest.mark.parametrize(("step", "kept"), [(RunStep.RESTORING, False), (RunStep.LOADING, True)])
def test_states_that_may_have_led_to_a_crash_are_not_tried_again(tmp_path: Path, step: RunStep, kept: bool) -> None:
    _chat(Options(profile=tmp_path, fake_engine=True), LONG)
    _mark_as_crashed(tmp_path, step)
    assemble(Options(profile=tmp_path, fake_engine=True)).close()
    assert any((tmp_path / "states").iterdir()) is kept


@pytest.mark.expects_log_records
def test_a_database_that_was_set_aside_takes_the_states_along(tmp_path: Path) -> None:
    _chat(Options(profile=tmp_path, fake_engine=True), LONG)
    (tmp_path / "conversations.db").write_bytes(b"nonsense" * 1000)
    assemble(Options(profile=tmp_path, fake_engine=True)).close()
    assert list((tmp_path / "states").iterdir()) == [], "their numbers mean other conversations now"


@pytest.mark.expects_log_records
def test_a_database_that_cannot_be_opened_leaves_the_states_alone(tmp_path: Path) -> None:
    _chat(Options(profile=tmp_path, fake_engine=True), LONG)
    with closing(sqlite3.connect(tmp_path / "conversations.db")) as other:
        other.execute("PRAGMA user_version = 9999")
    _chat(Options(profile=tmp_path, fake_engine=True), "other " + LONG)
    assert [p.name.partition("-")[0] for p in (tmp_path / "states").glob("*.state")] == ["1"]


def test_a_profile_that_forgets_chats_keeps_what_is_learnt_about_files(tmp_path: Path) -> None:
    application = assemble(Options(profile=tmp_path / "new", forgets_chats=True))
    application.conversations.create("A question")
    application.close()
    assert application.notices == ()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["machine.db"]
    assert not application.paths.profile.exists()


@pytest.mark.expects_log_records
def test_what_is_learnt_about_files_may_be_lost_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "machine.db").write_bytes(b"nonsense" * 1000)
    application = assemble(Options(profile=tmp_path))
    assert application.speed.earlier() == []
    application.close()
    assert application.notices == ()
    assert "set aside" in application.paths.log_file.read_text()


@pytest.mark.expects_log_records
def test_without_a_place_for_it_everything_is_learnt_anew(tmp_path: Path) -> None:
    (tmp_path / "machine.db").mkdir()
    application = assemble(Options(profile=tmp_path, fake_engine=True))
    application.models.load(None, CancelToken(), lambda _: None)
    assert len(list(application.speed.run(STANDARD_TESTS[:1], 1, CancelToken()))) > 1
    assert len(application.speed.earlier()) == 1
    application.close()
    assert application.notices == ()
    assert "cannot be opened" in application.paths.log_file.read_text()


@pytest.mark.expects_log_records
def test_without_a_place_for_what_is_learnt_states_are_kept_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "machine.db").mkdir()
    _chat(Options(profile=tmp_path, fake_engine=True), LONG)
    assert [p.name.partition("-")[0] for p in (tmp_path / "states").glob("*.state")] == ["1"]


def test_only_who_tells_a_crash_takes_it(tmp_path: Path) -> None:
    _mark_as_crashed(tmp_path, RunStep.LOADING)
    for quiet in (Options(profile=tmp_path, tells_crashes=False), Options(profile=tmp_path, forgets_chats=True)):
        application = assemble(quiet)
        application.close()
        assert application.crash is None
    telling = assemble(Options(profile=tmp_path))
    telling.close()
    assert telling.crash is not None


def test_what_asks_and_forgets_leaves_its_mark_where_the_window_finds_it(tmp_path: Path) -> None:
    application = assemble(Options(profile=tmp_path, forgets_chats=True, fake_engine=True))
    application.models.load(None, CancelToken(), lambda _: None)
    steps = application.chat.send("Hello", CancelToken())
    marks = [list((tmp_path / "running").glob("*.json")) for event in steps if isinstance(event, Chunk)]
    application.models.unload()
    application.close()
    assert marks
    assert all(len(found) == 1 for found in marks)
    assert list((tmp_path / "running").iterdir()) == []


def test_saving_and_restoring_a_state_are_steps_that_a_crash_would_be_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[RunStep] = []
    begin = RunMarker.begin

    def noting(marker: RunMarker, step: RunStep, name: str, path: Path, *, may_use_gpu: bool) -> None:
        begun.append(step)
        begin(marker, step, name, path, may_use_gpu=may_use_gpu)

    monkeypatch.setattr(RunMarker, "begin", noting)
    _chat(Options(profile=tmp_path, fake_engine=True), LONG, "other " + LONG)
    assert begun.count(RunStep.SAVING) == 2
    application = assemble(Options(profile=tmp_path, fake_engine=True))
    application.models.load(None, CancelToken(), lambda _: None)
    list(application.chat.send("More.", CancelToken(), conversation_id=1, sampling=SamplingParameters(max_tokens=1)))
    application.models.unload()
    application.close()
    assert RunStep.RESTORING in begun


PASSPHRASE = "correct horse"
SECRET = "zirconium-parrot"


def _holding(folder: Path, text: str) -> list[str]:
    """The files that hold the text as it is, in UTF-8 or as JSON."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def _locked(options: Options) -> tuple[LockService, ProfileKey]:
    lock = lock_service(options)
    assert lock is not None
    key = lock.change(None, LockChange(LockKind.PASSPHRASE, PASSPHRASE), lambda _: None)
    assert key is not None
    return lock, key


def test_a_locked_profile_is_used_with_its_key_and_holds_no_text(tmp_path: Path) -> None:
    options = Options(profile=tmp_path, fake_engine=True)
    lock, key = _locked(options)
    application = assemble(options, key)
    try:
        application.models.load(None, CancelToken(), lambda _: None)
        long = " ".join([SECRET] * 100)
        first, second = (list(application.chat.send(text, CancelToken())) for text in (long, LONG))
        assert first
        assert second
        assert list((tmp_path / "states").glob("*.state")), "the first conversation's state was saved"
        assert _holding(tmp_path, SECRET) == [], "while it is in use, log and states included"
    finally:
        application.models.unload()
        application.close()
    assert _holding(tmp_path, SECRET) == []
    again = assemble(options, lock.open_with_passphrase(PASSPHRASE))
    texts = [m.text for c in again.conversations.list() for m in again.conversations.messages(c.id)]
    again.close()
    assert any(SECRET in text for text in texts)
    if sys.platform != "win32":
        ours = list(tmp_path.rglob("*"))
        assert {p.stat().st_mode & 0o777 for p in ours if p.is_file()} == {0o600}
        assert {p.stat().st_mode & 0o777 for p in ours if p.is_dir()} == {0o700}


def test_saved_states_of_a_locked_profile_bring_the_conversation_back(tmp_path: Path) -> None:
    options = Options(profile=tmp_path, fake_engine=True)
    _, key = _locked(options)
    application = assemble(options, key)
    try:
        application.models.load(None, CancelToken(), lambda _: None)
        list(application.chat.send(LONG, CancelToken()))
        (first,) = application.conversations.list()
        list(application.chat.send(LONG[::-1], CancelToken()))
        events = list(application.chat.send("And now?", CancelToken(), conversation_id=first.id))
    finally:
        application.models.unload()
        application.close()
    statistics = next(e.message.statistics for e in events if isinstance(e, ReplyFinished))
    assert statistics is not None
    assert statistics.reused_tokens > 90


def test_a_locked_profile_without_its_key_is_refused_and_left(tmp_path: Path) -> None:
    options = Options(profile=tmp_path, fake_engine=True)
    _locked(options)
    before = (tmp_path / "lock.json").read_bytes()
    with pytest.raises(ProfileLockedError):
        assemble(options)
    assert (tmp_path / "lock.json").read_bytes() == before
    assert not (tmp_path / "tmp").exists()
    forgetting = assemble(replace(options, forgets_chats=True))
    assert forgetting.notices == ()
    forgetting.conversations.create(SECRET)
    assert _holding(tmp_path, SECRET) == [], "what is forgotten at the end is encrypted until then"
    forgetting.close()
    assert not (tmp_path / "tmp").exists()


@pytest.mark.expects_log_records
def test_a_lock_that_cannot_be_read_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    options = Options(profile=tmp_path, fake_engine=True)
    _locked(options)
    (tmp_path / "lock.json").write_text("{ not json")
    application = assemble(options)
    application.conversations.create("Not kept")
    application.close()
    (notice,) = application.notices
    assert "lock.json" in notice
    assert "not be kept" in notice
    assert (tmp_path / "lock.json").read_text() == "{ not json"
