"""Shows that packages go by the name that the release knows, and that nothing is installed without the right to."""

import os
from pathlib import Path

import pytest

from dev_steps import debian
from dev_steps.debian import command_for, is_debian_like, os_release, package_names
from dev_steps.failure import SetupError


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ({"ID": "debian", "VERSION_ID": "12"}, "libglib2.0-0"),
        ({"ID": "debian", "VERSION_ID": "13"}, "libglib2.0-0t64"),
        ({"ID": "debian"}, "libglib2.0-0t64"),
        ({"ID": "ubuntu", "VERSION_ID": "22.04"}, "libglib2.0-0"),
        ({"ID": "ubuntu", "VERSION_ID": "24.04"}, "libglib2.0-0t64"),
        ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian", "VERSION_ID": "21"}, "libglib2.0-0"),
    ],
)
def test_the_renamed_package_by_release(release: dict[str, str], expected: str) -> None:
    assert package_names(["libglib2.0-0", "libegl1"], release, lambda _: False) == [expected, "libegl1"]


def test_a_derivative_asks_apt() -> None:
    mint = {"ID": "linuxmint", "ID_LIKE": "ubuntu debian", "VERSION_ID": "22"}
    assert package_names(["libglib2.0-0"], mint, lambda name: name.endswith("t64")) == ["libglib2.0-0t64"]


def test_each_package_once() -> None:
    assert package_names(["xauth", "xvfb", "xauth"], {}, lambda _: False) == ["xauth", "xvfb"]


def test_a_description_of_the_system_is_read(tmp_path: Path) -> None:
    file = tmp_path / "os-release"
    file.write_text('NAME="Pop!_OS"\nID=pop\nID_LIKE="ubuntu debian"\nVERSION_ID="22.04"\n', encoding="utf-8")
    assert os_release(file)["VERSION_ID"] == "22.04"
    assert is_debian_like(os_release(file))
    assert not is_debian_like({"ID": "fedora"})
    assert os_release(tmp_path / "none") == {}


def test_the_command_is_what_a_person_types() -> None:
    assert command_for(["a", "b"], as_root=False) == (
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends a b"
    )
    assert "sudo" not in command_for(["a"], as_root=True)


def test_without_the_right_the_command_is_said_and_nothing_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SetupError) as raised:
        debian.provide(["g++"], ["a C++ compiler"], tmp_path)
    assert "lacks a C++ compiler" in raised.value.sentence
    assert "sudo apt-get install -y --no-install-recommends g++" in raised.value.sentence
    assert not list(tmp_path.iterdir())
