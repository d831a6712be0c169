"""The catalogue that ships with the application holds together."""

from pathlib import Path

from app.paths import paths_for
from tests.included import catalog


def test_every_entry_is_whole_and_its_licence_is_there() -> None:
    known = catalog()
    assert known.included in known.entries
    for entry in known.entries:
        assert len(entry.sha256) == 64
        assert entry.size_bytes > 0
        assert (paths_for(None).resources / "licences" / entry.license_file).is_file()


def test_a_file_is_called_as_its_entry_or_as_itself() -> None:
    known = catalog()
    assert known.name_of(Path("elsewhere") / known.included.file_name) == known.included.name
    assert known.name_of(Path("elsewhere") / "Other-7B.Q4_K_M.gguf") == "Other-7B.Q4_K_M"


def test_a_file_is_recognised_by_its_checksum_alone() -> None:
    known = catalog()
    assert known.recognise(known.included.sha256) is known.included
    assert known.recognise("0" * 64) is None
