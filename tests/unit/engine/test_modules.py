"""Only our own modules are loaded, never the one with AMX, and the best that this processor allows."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.engine import modules

PREFIX, SUFFIX = ("ggml-", ".dll") if sys.platform == "win32" else ("libggml-", ".so")


def put(folder: Path, *names: str) -> None:
    """Empty files by the names of modules."""
    for name in names:
        (folder / f"{PREFIX}{name}{SUFFIX}").touch()


def test_modules_are_known_by_their_names_alone(tmp_path: Path) -> None:
    put(tmp_path, "cpu-haswell", "cpu-sapphirerapids", "cpu-x64", "vulkan", "cuda", "evil", "rpc", "base")
    names = [path.stem.rsplit("-", 1)[-1] for path in modules.cpu_modules(tmp_path)]
    assert names == ["haswell", "x64"]
    assert list(modules.gpu_modules(tmp_path)) == ["cuda", "vulkan"]


def test_a_library_with_everything_built_in_has_no_modules(tmp_path: Path) -> None:
    put(tmp_path, "cpu", "cuda")
    assert modules.cpu_modules(tmp_path) == ()
    assert modules.gpu_modules(tmp_path) == {}


@pytest.mark.parametrize("frozen", [False, True])
def test_a_packaged_application_takes_its_own_folder_whatever_a_variable_says(
    frozen: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", frozen, raising=False)
    monkeypatch.setenv(modules.FOLDER_VARIABLE, str(tmp_path))
    environment = {modules.FOLDER_VARIABLE: str(tmp_path), "PATH": "/bin"}
    modules.use_own_libraries_only(environment)
    assert (modules.FOLDER_VARIABLE in environment) is not frozen
    assert environment["PATH"] == "/bin"
    assert modules.library_folder() == tmp_path
    monkeypatch.delenv(modules.FOLDER_VARIABLE)
    assert modules.library_folder().parent.name == "llama_cpp"
    assert modules.library_folder().is_absolute()


@pytest.mark.skipif(shutil.which("gcc") is None or sys.platform == "win32", reason="compiles modules with gcc")
def test_the_module_with_the_best_score_is_taken(tmp_path: Path) -> None:
    paths = []
    for name, body in {
        "old": "int ggml_backend_score(void) { return 3; }",
        "best": "int ggml_backend_score(void) { return 8; }",
        "new": "int ggml_backend_score(void) { return 0; }",
        "other": "int nothing(void) { return 0; }",
    }.items():
        path = tmp_path / f"libggml-cpu-{name}.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-xc", "-", "-o", str(path)], input=body.encode(), check=True)
        paths.append(path)
    (tmp_path / "libggml-cpu-broken.so").write_bytes(b"no library")
    paths.append(tmp_path / "libggml-cpu-broken.so")
    assert modules.best_cpu_module(paths) == tmp_path / "libggml-cpu-best.so"
    assert modules.best_cpu_module([path for path in paths if path.stem[-4:] not in ("best", "-old")]) is None
