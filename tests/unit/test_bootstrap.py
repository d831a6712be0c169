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
