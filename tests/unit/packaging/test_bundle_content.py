"""Shows what goes into the bundle, and that tools and what the system must bring stay out of it."""

import os
import tomllib
from pathlib import Path

import pytest

from dev_steps import bundle_content as content

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("name", "platform", "expected"),
    [
        ("PySide6/QtWidgets.abi3.so", "linux", True),
        ("PySide6/QtNetwork.abi3.so", "linux", False),
        ("PySide6/Qt/lib/libQt6Core.so.6", "linux", True),
        ("PySide6/Qt/lib/libQt6Quick.so.6", "linux", False),
        ("PySide6/Qt/lib/libicudata.so.73", "linux", True),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "linux", True),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", "linux", False),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", "linux", False),
        ("PySide6/Qt/plugins/tls/libqopensslbackend.so", "linux", False),
        ("PySide6/Qt/translations/qtbase_de.qm", "linux", False),
        ("PySide6\\plugins\\platforms\\qwindows.dll", "win32", True),
        ("PySide6\\plugins\\sqldrivers\\qsqlite.dll", "win32", False),
        ("PySide6\\Qt6Widgets.dll", "win32", True),
        ("PySide6\\Qt6Pdf.dll", "win32", False),
        ("PySide6\\opengl32sw.dll", "win32", False),
        ("PySide6/Qt/plugins/platforms/libqcocoa.dylib", "darwin", True),
        ("PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui", "darwin", True),
        ("PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml", "darwin", False),
        ("libstdc++.so.6", "linux", False),
        ("libvulkan.so.1", "linux", False),
        ("libxcb-cursor.so.0", "linux", True),
        ("libggml-base.so.0", "linux", False),
        ("llama_cpp/lib/libggml-base.so.0", "linux", True),
        ("libcublasLt.so.12", "linux", False),
        ("libcuda.so.1", "linux", False),
        ("llama_cpp/lib/libcublasLt.so.12", "linux", True),
        ("cublasLt64_12.dll", "win32", True),
        ("click-8.5.1.dist-info/METADATA", "linux", True),
        ("keyring-25.7.0.dist-info/entry_points.txt", "linux", True),
        ("click-8.5.1.dist-info/RECORD", "linux", False),
        ("click-8.5.1.dist-info\\RECORD", "win32", False),
        ("llama_cpp_python-0.3.36.dist-info/direct_url.json", "linux", False),
        ("click-8.5.1.dist-info/licenses/LICENSE.txt", "linux", False),
    ],
)
def test_what_is_kept(name: str, platform: str, expected: bool) -> None:
    assert content.is_kept(name, "BINARY", platform) is expected


def test_links_are_left_out_where_a_stick_may_know_none() -> None:
    assert not content.is_kept("libQt6Core.so.6", "SYMLINK", "linux")
    assert content.is_kept("QtCore.framework/QtCore", "SYMLINK", "darwin")


def test_tools_stay_out_and_what_the_application_needs_does_not() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    excluded = content.excluded_modules(project["dependencies"])
    assert {"pytest", "mypy", "pip", "setuptools", "PyInstaller", "hf_xet"} <= set(excluded)
    assert not {"PySide6", "llama_cpp", "numpy", "huggingface_hub", "httpx2", "jinja2", "app"} & set(excluded)


def test_extras_are_followed_only_where_they_are_asked_for() -> None:
    assert "pytest" not in content.distributions(["jsonschema"])
    assert "rfc3987-syntax" in content.distributions(["jsonschema[format-nongpl]"])
    assert "rfc3987-syntax" not in content.distributions(["jsonschema"])


def test_resources_lie_where_the_code_looks_for_them(tmp_path: Path) -> None:
    for name in ("catalog.json", "icons/x.svg", "models/m.gguf", "screenshots/chat.png"):
        path = tmp_path / "resources" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    places = [f"{folder}/{Path(file).name}" for file, folder in content.resources(tmp_path, with_model=True)]
    assert places == ["app/resources/catalog.json", "app/resources/icons/x.svg", "app/resources/models/m.gguf"]
    without = [Path(file).name for file, _ in content.resources(tmp_path, with_model=False)]
    assert without == ["catalog.json", "x.svg"]


@pytest.mark.parametrize(("platform", "expected"), [("linux", content.ENGINE), ("win32", ".")])
def test_cudas_runtime_lies_where_the_loader_looks(tmp_path: Path, platform: str, expected: str) -> None:
    engine = tmp_path / "libraries"
    engine.mkdir()
    (engine / "libggml-cuda.so").touch()
    runtime = [tmp_path / "libcublas.so.12", tmp_path / "libcudart.so.12"]
    environment = {content.ENGINE_LIBRARIES: str(engine), content.CUDA_LIBRARIES: os.pathsep.join(map(str, runtime))}
    found = {Path(file).name: folder for file, folder in content.engine_binaries(environment, platform)}
    assert found == {
        "libggml-cuda.so": content.ENGINE,
        "libcublas.so.12": expected,
        "libcudart.so.12": expected,
    }
    without = {content.ENGINE_LIBRARIES: str(engine), content.CUDA_LIBRARIES: ""}
    assert [folder for _, folder in content.engine_binaries(without, platform)] == [content.ENGINE]
