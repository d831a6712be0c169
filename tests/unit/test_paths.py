"""Where things lie."""

from pathlib import Path

from app import network
from app.paths import paths_for


def test_everything_of_a_profile_lies_inside_it(tmp_path: Path) -> None:
    paths = paths_for(tmp_path)
    for path in (paths.database, paths.settings, paths.log_file):
        assert path.is_relative_to(tmp_path)
    assert list(tmp_path.iterdir()) == [], "asking makes nothing"


def test_the_own_profile_is_absolute_and_the_resources_are_there() -> None:
    paths = paths_for(None)
    assert paths.profile.is_absolute()
    assert "inglenook" in str(paths.profile).lower()
    assert paths.catalog.is_file()


def test_a_relative_profile_is_made_absolute() -> None:
    assert paths_for(Path("here")).profile == Path.cwd() / "here"


def test_libraries_are_told_to_be_quiet() -> None:
    environment: dict[str, str] = {"OTHER": "1"}
    network.quiet_libraries(environment)
    assert environment["HF_HUB_DISABLE_TELEMETRY"] == "1"
    assert environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"] == "1"
    assert environment["OTHER"] == "1"
