"""Shows that a library of the system is shipped only with its package's licence text, and is listed."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from dev_steps import system_libraries
from dev_steps.failure import SetupError
from dev_steps.system_libraries import SystemPackage

# As dpkg-query answers on a Debian 12: some packages still bring their files in /lib, and one brings two libraries.
SEARCHED = """\
libbz2-1.0:amd64: /lib/x86_64-linux-gnu/libbz2.so.1.0.4
libssl3:amd64: /usr/lib/x86_64-linux-gnu/libcrypto.so.3
libssl3:amd64: /usr/lib/x86_64-linux-gnu/libssl.so.3
"""
SHOWN = "ii \tlibbz2-1.0\t1.0.8-5+b1\tamd64\nrc \tlibssl3\t2\ti386\nii \tlibssl3\t3.0.19-1~deb12u2\tamd64\n"
LIBRARIES = {
    name: f"/usr/lib/x86_64-linux-gnu/{file}"
    for name, file in {
        "libbz2.so.1.0": "libbz2.so.1.0.4",
        "libcrypto.so.3": "libcrypto.so.3",
        "libssl.so.3": "libssl.so.3",
    }.items()
}


def answered(arguments: Sequence[str]) -> str:
    return SEARCHED if arguments[0] == "--search" else SHOWN


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """The folders `doc` and `common`, as a Debian has them."""
    for package, text in {
        "libbz2-1.0": "a licence of its own",
        "libssl3": f"see {system_libraries.COMMON}/GPL-2.",
    }.items():
        (tmp_path / "doc" / package).mkdir(parents=True)
        (tmp_path / "doc" / package / "copyright").write_text(text, encoding="utf-8")
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "GPL-2").write_text("the text", encoding="utf-8")
    return tmp_path


def owners(system: Path, libraries: dict[str, str] | None = None) -> list[SystemPackage]:
    return system_libraries.owners(libraries or LIBRARIES, answered, system / "doc", system / "common")


def test_each_package_comes_with_its_libraries_and_texts(system: Path) -> None:
    bzip, ssl = owners(system)
    assert (bzip.name, bzip.version, bzip.libraries) == ("libbz2-1.0", "1.0.8-5+b1", ("libbz2.so.1.0",))
    assert (ssl.version, ssl.libraries) == ("3.0.19-1~deb12u2", ("libcrypto.so.3", "libssl.so.3"))
    assert [text.name for text in ssl.texts] == ["copyright", "GPL-2"]
    licences = system / "licences"
    licences.mkdir()
    (licences / "README.txt").write_text("Head\n", encoding="utf-8")
    system_libraries.add_texts([bzip, ssl], licences)
    assert (licences / "libssl3" / "GPL-2.txt").read_text(encoding="utf-8") == "the text"
    overview = (licences / "README.txt").read_text(encoding="utf-8").splitlines()
    assert overview[0] == "Head"
    assert overview[2] == "libssl3 3.0.19-1~deb12u2 (libcrypto.so.3, libssl.so.3): GPL-2.txt, copyright"


def test_a_library_without_a_package_stops_the_build(system: Path) -> None:
    strange = {**LIBRARIES, "libmystery.so.1": "/usr/local/lib/libmystery.so.1"}
    with pytest.raises(SetupError, match=r"brings /usr/local/lib/libmystery\.so\.1, so nobody knows its licence"):
        owners(system, strange)


def test_a_package_without_a_text_stops_the_build(system: Path) -> None:
    (system / "doc" / "libssl3" / "copyright").unlink()
    with pytest.raises(SetupError, match=r"libssl3/copyright is missing"):
        owners(system)


def test_nothing_of_the_system_needs_nothing(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text("{}", encoding="utf-8")
    assert system_libraries.packages(tmp_path / "record.json") == []


def test_before_the_bundle_nothing_is_known(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="known when it is made"):
        system_libraries.packages(tmp_path / "record.json")


def test_another_linux_is_told_where_to_make_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "record.json").write_text(json.dumps(LIBRARIES), encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match=r"only on Debian and Ubuntu.+libbz2\.so\.1\.0, libcrypto"):
        system_libraries.packages(tmp_path / "record.json")


def test_what_is_ours_is_not_the_systems(tmp_path: Path) -> None:
    own = tmp_path / "venv"
    entries = [
        ("libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3", "BINARY"),
        ("libpython3.11.so.1.0", "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0", "BINARY"),
        ("PySide6/Qt/lib/libQt6Core.so.6", str(own / "libQt6Core.so.6"), "BINARY"),
        ("python3.11/lib-dynload/_ssl.so", "/usr/lib/python3.11/lib-dynload/_ssl.so", "EXTENSION"),
    ]
    assert system_libraries.taken(entries, [own]) == {"libssl.so.3": "/usr/lib/x86_64-linux-gnu/libssl.so.3"}


@pytest.mark.skipif(sys.platform == "win32", reason="links as POSIX has them")
def test_the_file_is_asked_for_and_not_the_link(tmp_path: Path) -> None:
    (tmp_path / "libx.so.1.2").touch()
    (tmp_path / "libx.so.1").symlink_to("libx.so.1.2")
    asked: list[str] = []

    def ask(arguments: Sequence[str]) -> str:
        asked.extend(arguments)
        return ""

    with pytest.raises(SetupError, match="No package"):
        system_libraries.owners({"libx.so.1": str(tmp_path / "libx.so.1")}, ask)
    assert asked == ["--search", str((tmp_path / "libx.so.1.2").resolve())]


def test_the_bill_names_the_package_as_debian_does(system: Path) -> None:
    bzip, _ = system_libraries.components(owners(system), {"ID": "ubuntu"})
    assert bzip["purl"] == "pkg:deb/ubuntu/libbz2-1.0@1.0.8-5%2Bb1?arch=amd64"
    assert bzip["licenses"] == [{"license": {"name": "see licences/libbz2-1.0/copyright"}}]
