"""Shows the steps of a release: the bill of materials, the checksums, the self-test of what was installed."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from dev_steps import licences, release, sbom, system_libraries
from dev_steps.failure import SetupError
from dev_steps.places import Places

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's packages, as the tool that takes ten seconds for it would list them."""
    shipped = [
        part.name for part in licences.parts(ROOT) if part.version and part.name not in ("Python", "pyinstaller")
    ]
    parts = [{"type": "library", "bom-ref": name, "name": name, "version": "1"} for name in [*shipped, "pytest"]]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "application", "bom-ref": sbom.ROOT, "name": "inglenook"}},
        "components": parts,
        "dependencies": [{"ref": "numpy", "dependsOn": ["pytest"]}, {"ref": "pytest"}],
    }
    answers = {"cyclonedx_py": document, "dev_steps.licences": shipped}
    taken = [system_libraries.SystemPackage("libssl3", "3.0.19-1~deb12u2", "amd64", ("libssl.so.3",), ())]
    monkeypatch.setattr(system_libraries, "packages", lambda _: taken)
    monkeypatch.setattr(sbom, "_output", lambda command, _env: json.dumps(answers[command[2]]))


@pytest.mark.usefixtures("listed")
def test_the_bill_is_valid_and_lists_what_is_shipped(tmp_path: Path) -> None:
    target = sbom.write_bom(Places(ROOT, tmp_path), "1.2.3", tmp_path / "dist" / "x.cdx.json")
    text = target.read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    assert document["metadata"]["component"]["version"] == "1.2.3"
    names = {part["name"] for part in document["components"]}
    assert {"Qt", "Python", "llama.cpp", "SQLCipher", "OpenSSL", "Inter", "Lucide icons", "numpy"} <= names
    assert ("libssl3" in names) is sys.platform.startswith("linux")
    assert not {"pytest", "mypy", "pip", "hf-xet", "pyinstaller"} & names
    model = next(part for part in document["components"] if part["type"] == "machine-learning-model")
    assert len(model["hashes"][0]["content"]) == 64
    depends = {entry["ref"]: entry.get("dependsOn") for entry in document["dependencies"]}
    assert depends["numpy"] is None, "what is not shipped is nobody's part"
    assert set(depends) == {part["bom-ref"] for part in document["components"]} | {sbom.ROOT}


def test_a_package_that_the_bill_lacks_stops_the_release() -> None:
    with pytest.raises(SetupError, match="lacks what is shipped: gone"):
        sbom.bill({"components": [], "dependencies": [], "metadata": {"component": {}}}, ["gone"], [], "1")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="coreutils are not installed")
def test_the_checksums_are_those_that_sha256sum_checks(places: Places, tmp_path: Path) -> None:
    for name in ("linux/a b.deb", "windows/c.exe"):
        path = tmp_path / "packages" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(name.encode())
    assert release.release(places, ["gather", str(tmp_path / "packages")]) == 0
    folder = places.dist / "release"
    done = subprocess.run(["sha256sum", "--check", release.SUMS], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stdout.count(b": OK") == 2


def test_two_files_of_one_name_are_not_released(places: Places, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.exe").write_bytes(b"")
    with pytest.raises(SetupError, match=r"are called x\.exe"):
        release.gather(places, [str(tmp_path)])


def test_nothing_is_no_release(places: Places, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SetupError, match="nothing to release"):
        release.gather(places, [str(tmp_path / "empty")])


def test_the_tag_must_name_the_version(places: Places) -> None:
    (places.root / "app").mkdir()
    (places.root / "app" / "__init__.py").write_text('__version__ = "1.2.3"\n', encoding="utf-8")
    release.check_tag(places, ["refs/tags/v1.2.3"])
    with pytest.raises(SetupError, match="must be the same"):
        release.check_tag(places, ["refs/tags/v1.2.4"])


def test_an_unknown_step_is_named(places: Places) -> None:
    with pytest.raises(SetupError, match="not 'publish'") as caught:
        release.release(places, ["publish"])
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("prints", "code", "sentence"),
    [('{"ok": false}', 1, "failed with 1"), ("Traceback", 1, "ended with 1"), ('{"ok": false}', 0, "failed with 0")],
)
def test_a_failed_self_test_stops_the_release(prints: str, code: int, sentence: str, tmp_path: Path) -> None:
    program = _program(tmp_path, prints, code)
    with pytest.raises(SetupError, match=sentence):
        release.self_test(program)


def test_a_good_self_test_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release.self_test(_program(tmp_path, '{"ok": true, "tokens": 7}', 0))
    assert '"tokens": 7' in capsys.readouterr().err


def _program(folder: Path, prints: str, code: int) -> list[str]:
    script = folder / "program.py"
    script.write_text(f"import sys\nprint({prints!r})\nassert 'self-test' in sys.argv\nsys.exit({code})\n", "utf-8")
    return [sys.executable, str(script)]
