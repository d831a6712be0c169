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


def test_a_candidate_needs_name_and_size() -> None:
    known = catalog()
    entry = known.included
    assert known.candidate(entry.file_name, entry.size_bytes) is entry
    assert known.candidate(entry.file_name, entry.size_bytes - 1) is None
    assert known.candidate("other.gguf", entry.size_bytes) is None
