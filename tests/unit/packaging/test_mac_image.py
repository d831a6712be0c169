"""Shows that what a Mac is told about the application is right, as far as that can be seen without one."""

import base64
import plistlib
import shutil
import subprocess
from pathlib import Path

import pytest

from dev_steps import mac_image, mac_secrets
from dev_steps.failure import SetupError
from dev_steps.places import Places

ROOT = Path(__file__).resolve().parents[3]
MACH_O = b"\xcf\xfa\xed\xfe" + bytes(28)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An application's folder as PyInstaller lays it out, in small."""
    folder = tmp_path / "Inglenook.app"
    contents = folder / "Contents"
    framework = contents / "Frameworks" / "PySide6" / "Qt" / "lib" / "QtCore.framework"
    for path in (
        contents / "MacOS" / "inglenook",
        contents / "Frameworks" / "libggml.dylib",
        framework / "Versions" / "A" / "QtCore",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(MACH_O)
    (contents / "Resources").mkdir()
    (contents / "Resources" / "catalog.json").write_text("{}", encoding="utf-8")
    (contents / "Resources" / "libggml.dylib").symlink_to("../Frameworks/libggml.dylib")
    return folder


def test_the_property_list_has_what_finder_needs() -> None:
    values = mac_image.info_plist(ROOT, "1.2.3")
    assert values["CFBundleIdentifier"] == "org.inglenook.Inglenook"
    assert values["CFBundleShortVersionString"] == values["CFBundleVersion"] == "1.2.3"
    assert values["LSMinimumSystemVersion"] == "13.0"
    assert values["LSArchitecturePriority"] == ["arm64"]
    assert values["NSHighResolutionCapable"] is True
    [declared] = values["UTImportedTypeDeclarations"]
    [opened] = values["CFBundleDocumentTypes"]
    assert opened["LSItemContentTypes"] == [declared["UTTypeIdentifier"]]
    assert declared["UTTypeTagSpecification"] == {"public.filename-extension": ["gguf"]}
    assert not [key for key in values if key.endswith("UsageDescription")], "it asks for no right that it does not use"


def test_the_hardened_runtime_is_opened_for_one_thing_only() -> None:
    entitlements = plistlib.loads((ROOT / mac_image.FOLDER / "entitlements.plist").read_bytes())
    assert entitlements == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


@pytest.mark.skipif(shutil.which("plistutil") is None, reason="libplist-utils is not installed")
@pytest.mark.parametrize("name", ["Info.plist", "entitlements.plist"])
def test_another_reader_takes_the_property_lists(name: str, tmp_path: Path) -> None:
    command = ["plistutil", "-i", str(ROOT / mac_image.FOLDER / name), "-o", str(tmp_path / "out")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert (tmp_path / "out").stat().st_size > 0


def test_what_is_inside_is_signed_first(app: Path) -> None:
    order = mac_image.code_in(app)
    names = [str(path.relative_to(app.parent)) for path in order]
    assert names[-1] == "Inglenook.app"
    assert names.index(next(n for n in names if n.endswith("A/QtCore"))) < names.index(
        next(n for n in names if n.endswith("QtCore.framework"))
    )
    assert not [name for name in names if "Resources" in name], "neither data nor links are signed"
    assert len(names) == len(set(names)) == 5


def test_only_programs_get_rights_and_only_with_a_name(app: Path) -> None:
    commands = mac_image.sign_commands(ROOT, app, "Developer ID Application: X")
    signed = commands[:-1]
    assert all("runtime" in command and "--timestamp" in command for command in signed)
    with_rights = [command[-1] for command in signed if "--entitlements" in command]
    assert with_rights == [app / "Contents" / "MacOS" / "inglenook", app]
    assert commands[-1][:2] == ["codesign", "--verify"]
    unnamed = mac_image.sign_commands(ROOT, app, mac_image.AD_HOC)
    assert not [command for command in unnamed if "runtime" in command or "--entitlements" in command]


def test_the_image_is_made_by_way_of_one_that_can_be_written(tmp_path: Path) -> None:
    writable, image = tmp_path / "w.dmg", tmp_path / "i.dmg"
    steps = mac_image.image_commands(ROOT, tmp_path, writable, image)
    assert steps.make[-1] == steps.attach[2] == steps.convert[2] == writable
    assert steps.convert[-1] == image
    assert steps.lay_out[-1] == mac_image.VOLUME
    assert (Path(steps.lay_out[1])).is_file()


def test_apples_answer_is_waited_for_and_stapled(tmp_path: Path) -> None:
    commands = mac_image.notary_commands(tmp_path / "i.dmg", ["--key", "k"])
    assert commands[0][:3] == ["xcrun", "notarytool", "submit"]
    assert "--wait" in commands[0]
    assert [command[2] for command in commands[1:3]] == ["staple", "validate"]


def test_no_image_is_made_elsewhere(tmp_path: Path, app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    with pytest.raises(SetupError, match="on a Mac"):
        mac_image.make_image(Places(ROOT, tmp_path), app, tmp_path / "i.dmg")


def test_the_account_of_the_notary_lies_in_a_file_for_a_while() -> None:
    secret = base64.b64encode(b"-----BEGIN").decode()
    secrets = dict(zip(mac_secrets.NOTARY, (secret, "ID", "ISSUER"), strict=True))
    with mac_secrets.notary_account(secrets) as account:
        path = Path(account[1])
        assert path.read_bytes() == b"-----BEGIN"
        assert path.stat().st_mode & 0o077 == 0
        assert account[2:] == ["--key-id", "ID", "--issuer", "ISSUER"]
    assert not path.exists()
    with mac_secrets.notary_account({**secrets, mac_secrets.NOTARY[2]: ""}) as account:
        assert account == []


def test_a_secret_that_is_no_base64_is_named_and_not_shown() -> None:
    with pytest.raises(SetupError) as caught:
        mac_secrets.decoded({"X": "geheim!"}, "X")
    assert caught.value.sentence == "The secret in X is not base64."


def test_a_failed_import_does_not_show_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def refuse(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        return subprocess.CompletedProcess(command, 1 if command[1] == "import" else 0)

    monkeypatch.setattr(subprocess, "run", refuse)
    environment = dict(zip(mac_secrets.CERTIFICATE, ("QUJD", "geheim"), strict=True))
    with pytest.raises(SetupError) as caught, mac_secrets.signing_keychain(environment):
        raise AssertionError
    assert "geheim" not in caught.value.sentence
    assert seen[-1][1] == "delete-keychain"
