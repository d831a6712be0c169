"""The catalogue that ships with the application holds together."""

from app.paths import paths_for
from tests.included import catalog


def test_every_entry_is_whole_and_its_licence_is_there() -> None:
    known = catalog()
    assert known.included in known.entries
    for entry in known.entries:
        assert len(entry.sha256) == 64
        assert entry.size_bytes > 0
        assert (paths_for(None).resources / "licences" / entry.license_file).is_file()


def test_a_file_is_recognised_by_its_checksum_alone() -> None:
    known = catalog()
    assert known.recognise(known.included.sha256) is known.included
    assert known.recognise("0" * 64) is None
