"""The current directory is in no search for code, whoever put it there."""

import sys
from pathlib import Path

import pytest

from app.own_code import has_relative_part, leave_out_current_folder, start_again, without_relative_parts


def left(search: list[str], current: str, *, run_as_module: bool, root: str = "/opt/inglenook") -> list[str]:
    leave_out_current_folder(search, lambda: current, run_as_module=run_as_module, root=root)
    return search


def test_python_m_puts_it_first_and_it_is_taken_out() -> None:
    assert left(["/tmp/here", "/usr/lib/python"], "/tmp/here", run_as_module=True) == ["/usr/lib/python"]


def test_our_own_folder_stays_where_one_develops() -> None:
    assert left(["/opt/inglenook", "/lib"], "/opt/inglenook", run_as_module=True) == ["/opt/inglenook", "/lib"]


def test_a_script_s_own_folder_stays_also_when_one_stands_in_it() -> None:
    assert left(["/venv/bin", "", "/lib"], "/venv/bin", run_as_module=False) == ["/venv/bin", "/lib"]


def test_a_folder_that_is_gone_does_no_harm() -> None:
    def gone() -> str:
        raise FileNotFoundError

    search = ["/lib", ""]
    leave_out_current_folder(search, gone, run_as_module=True)
    assert search == ["/lib"]


@pytest.mark.skipif(sys.platform == "win32", reason="its paths are others")
@pytest.mark.parametrize(
    ("path", "relative", "kept"),
    [
        ("", False, ""),
        ("/usr/lib", False, "/usr/lib"),
        (":/usr/lib", True, "/usr/lib"),
        ("/usr/lib:", True, "/usr/lib"),
        ("/a:.:/b;lib", True, "/a:/b"),
    ],
)
def test_the_linker_s_path(path: str, relative: bool, kept: str) -> None:
    assert has_relative_part(path) is relative
    assert without_relative_parts(path) == kept


def test_it_is_started_again_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, arguments = ["python", "-P", "-m", "app", "ask", "x"], ["/opt/app/__main__.py", "ask", "x"]
    assert start_again(whole, arguments) == [sys.executable, "-P", "-m", "app", "ask", "x"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert start_again(whole, arguments) == [sys.executable, "ask", "x"]


def test_our_folder_is_the_one_above_the_package(tmp_path: Path) -> None:
    root = str(Path(__file__).resolve().parents[2])
    search = [root]
    leave_out_current_folder(search, lambda: root, run_as_module=True)
    assert search == [root]
