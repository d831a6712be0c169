"""What the parts do together when the profile is not as it should be."""

from pathlib import Path

import pytest

from app.bootstrap import Options, assemble


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
    assert application.speed_reports.list() == []
    application.close()
    assert application.notices == ()
    assert "set aside" in application.paths.log_file.read_text()


@pytest.mark.expects_log_records
def test_without_a_place_for_it_everything_is_learnt_anew(tmp_path: Path) -> None:
    (tmp_path / "machine.db").mkdir()
    application = assemble(Options(profile=tmp_path))
    application.speed_reports.add("Some model", "", "{}")
    assert len(application.speed_reports.list()) == 1
    application.close()
    assert application.notices == ()
    assert "cannot be opened" in application.paths.log_file.read_text()
