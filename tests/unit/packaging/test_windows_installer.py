"""Shows that the Windows installer's parts say what they must, and that it compiles to the same bytes each time."""

import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dev_steps import windows_installer as installer
from dev_steps.failure import SetupError
from dev_steps.places import Places
from dev_steps.windows_wine import values_in

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    """A small bundle: the two programs, and a file with an odd name in a folder."""
    folder = tmp_path / "staged"
    (folder / "_internal" / "a b").mkdir(parents=True)
    (folder / installer.PROGRAM).write_bytes(b"MZ")
    (folder / installer.TERMINAL).write_bytes(b"MZ")
    (folder / "_internal" / "a b" / "ö $X.txt").write_bytes(b"x" * 1025)
    return folder


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("0.1.0", (0, 1, 0, 0)), ("1.2.3.4.5", (1, 2, 3, 4)), ("2.0rc1", (2, 0, 0, 0)), ("1.99999", (1, 65535, 0, 0))],
)
def test_a_version_has_four_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert installer.four_numbers(version) == numbers


def test_what_is_no_version_is_refused() -> None:
    with pytest.raises(SetupError, match="no version"):
        installer.four_numbers("new")


def test_the_version_resource_is_what_pyinstaller_reads() -> None:
    calls: dict[str, Any] = {}

    def recorder(name: str) -> Callable[..., Any]:
        def record(*values: Any, **named: Any) -> Any:
            calls.setdefault(name, []).append((values, named))
            return (name, values, named)

        return record

    names = (
        "VSVersionInfo",
        "FixedFileInfo",
        "StringFileInfo",
        "StringTable",
        "StringStruct",
        "VarFileInfo",
        "VarStruct",
    )
    # PyInstaller evaluates the text with these names; its own classes can be imported on Windows only.
    eval(installer.version_file("1.2.3", "Inglenook.exe", "It's a chat"), {name: recorder(name) for name in names})
    strings = dict(values for values, _ in calls["StringStruct"])
    assert strings["FileDescription"] == "It's a chat"
    assert strings["ProductVersion"] == "1.2.3"
    assert strings["OriginalFilename"] == "Inglenook.exe"
    assert calls["FixedFileInfo"][0][1]["filevers"] == (1, 2, 3, 0)
    assert calls["VarStruct"] == [(("Translation", [0x0409, 0x04B0]), {})]


def test_a_program_gets_its_icon_version_and_manifest(tmp_path: Path) -> None:
    options = installer.program_options(Places(ROOT, tmp_path), tmp_path / "work", "Inglenook.exe", "A chat")
    assert sorted(options) == ["icon", "manifest", "version"]
    assert all(Path(path).is_file() for path in options.values())


def test_only_what_was_unpacked_is_removed(staged: Path) -> None:
    install, remove = installer.file_macros(staged).split("!macroend\n")[:2]
    assert 'SetOutPath "$INSTDIR\\_internal\\a b"' in install
    assert f'File "/oname=ö $$X.txt" "{staged}/_internal/a b/ö $X.txt"' in install
    assert remove.splitlines()[1:] == [
        '  Delete "$INSTDIR\\_internal\\a b\\ö $$X.txt"',
        '  RMDir "$INSTDIR\\_internal\\a b"',
        '  RMDir "$INSTDIR\\_internal"',
        f'  Delete "$INSTDIR\\{installer.PROGRAM}"',
        f'  Delete "$INSTDIR\\{installer.TERMINAL}"',
    ]
    assert "/r" not in remove


def test_a_name_that_nsis_cannot_hold_is_refused() -> None:
    with pytest.raises(SetupError, match="cannot hold"):
        installer.quoted('a"b')


def test_the_size_is_rounded_up(staged: Path) -> None:
    assert installer.size_in_kb(staged) == 2


def test_a_folder_without_the_programs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "makensis")
    with pytest.raises(SetupError, match=r"lacks Inglenook\.exe"):
        installer.compile_installer(Places(ROOT, tmp_path), tmp_path, tmp_path / "x.exe")


def test_without_makensis_it_is_said(staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SetupError, match="makensis is not on PATH"):
        installer.compile_installer(Places(ROOT, tmp_path), staged, tmp_path / "x.exe")


@pytest.mark.skipif(shutil.which("makensis") is None, reason="NSIS is not installed")
def test_the_same_files_give_the_same_installer(staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    places = Places(ROOT, tmp_path / "cache")
    first, second = (tmp_path / name / "Inglenook-1-x64.exe" for name in ("a", "b"))
    installer.compile_installer(places, staged, first, "1.0")
    (staged / installer.PROGRAM).touch()
    installer.compile_installer(places, staged, second, "1.0")
    assert first.read_bytes() == second.read_bytes()
    assert [path.name for path in first.parent.iterdir()] == [first.name], "the parts are cleared away"


def test_the_manifest_asks_for_what_the_application_needs() -> None:
    tree = ET.parse(ROOT / installer.MANIFEST)
    found = {element.tag.split("}")[1]: element for element in tree.iter()}
    assert found["requestedExecutionLevel"].attrib == {"level": "asInvoker", "uiAccess": "false"}
    assert (found["dpiAwareness"].text or "").startswith("PerMonitorV2")
    assert found["longPathAware"].text == "true"
    assert found["activeCodePage"].text == "UTF-8"


def test_the_script_names_what_the_application_does() -> None:
    from app.storage import hub_token, keychain

    script = (ROOT / installer.SCRIPT).read_text(encoding="utf-8")
    assert f'!define PROGRAM "{installer.PROGRAM}"' in script
    assert f'!define TERMINAL "{installer.TERMINAL}"' in script
    assert f'!define CREDENTIAL "{keychain.SERVICE}"' in script
    assert f'!define TOKEN_USER "{hub_token._USER}"' in script


def test_the_registrys_answer_is_read() -> None:
    answer = (
        "\r\nHKEY_CURRENT_USER\\Software\\X\r\n    (Default)    REG_SZ    a  b\r\n    Size    REG_DWORD    0x2\r\n\r\n"
    )
    assert values_in(answer) == {"": "a  b", "Size": "0x2"}
    assert values_in("") == {}
