"""Shows that of NVIDIA's toolkit exactly the three libraries are shipped that its licence lists, and with it."""

import json
from pathlib import Path

import pytest

from dev_steps import bundle_content, cuda_runtime
from dev_steps.failure import SetupError
from dev_steps.places import Places

# What lies in the toolkit's folders, as its packages list it (12.6), cut down to what looks alike.
LINUX = [
    "libOpenCL.so.1",
    "libcublas.so",
    "libcublas.so.12",
    "libcublas.so.12.6.4.1",
    "libcublasLt.so",
    "libcublasLt.so.12",
    "libcublasLt.so.12.6.4.1",
    "libcublasLt_static.a",
    "libcublas_static.a",
    "libcudadevrt.a",
    "libcudart.so",
    "libcudart.so.12",
    "libcudart.so.12.6.77",
    "libcudart_static.a",
    "libcufft.so.11",
    "libcusolver.so.11",
    "libcusparse.so.12",
    "libnppc.so.12",
    "libnvJitLink.so.12",
    "libnvblas.so.12",
    "libnvrtc.so.12",
    "libnvrtc-builtins.so.12.6",
    "stubs",
]
WINDOWS = [
    "bin2c.exe",
    "cublas64_12.dll",
    "cublasLt64_12.dll",
    "cudart32_12.dll",
    "cudart64_12.dll",
    "cudafe++.exe",
    "cufft64_11.dll",
    "cusparse64_12.dll",
    "nppc64_12.dll",
    "nvblas64_12.dll",
    "nvcc.exe",
    "nvJitLink_120_0.dll",
    "nvrtc64_120_0.dll",
    "ptxas.exe",
]
EULA = "NVIDIA ... Attachment A ... CUDA Runtime: cudart.dll, libcudart.so ... cublas.dll, cublasLt.dll"
FOLDERS = {"linux": ("targets/x86_64-linux/lib", LINUX), "win32": ("bin", WINDOWS)}
WANTED = {
    "linux": ["libcudart.so.12", "libcublas.so.12", "libcublasLt.so.12"],
    "win32": ["cudart64_12.dll", "cublas64_12.dll", "cublasLt64_12.dll"],
}


def toolkit(folder: Path, platform: str) -> Path:
    """A toolkit of version 12.6.3 with its licence; each library holds its own name."""
    inside, names = FOLDERS[platform]
    (folder / inside).mkdir(parents=True)
    for name in names:
        (folder / inside / name).write_text(name, encoding="utf-8")
    (folder / "version.json").write_text(json.dumps({"cuda": {"version": "12.6.3"}}), encoding="utf-8")
    (folder / "EULA.txt").write_text(EULA, encoding="utf-8")
    return folder


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_three_libraries_and_the_licence_are_shipped(places: Places, tmp_path: Path, platform: str) -> None:
    folder = toolkit(tmp_path / "cuda", platform)
    found = cuda_runtime.find({"CUDA_PATH": str(folder)}, platform)
    assert [path.name for path in found.libraries] == WANTED[platform]
    assert (found.text, found.version) == (folder / "EULA.txt", "12.6.3")
    size = cuda_runtime.stage(places, found)
    assert size == sum(len(name) for name in WANTED[platform])
    assert [path.read_text(encoding="utf-8") for path in cuda_runtime.staged(places)] == sorted(WANTED[platform])
    assert all(bundle_content.is_gpu_module(name) for name in WANTED[platform])
    assert [part["name"] for part in cuda_runtime.components(places)] == sorted(WANTED[platform])
    licences = tmp_path / "licences"
    licences.mkdir()
    cuda_runtime.add_text(places, licences)
    assert (licences / "NVIDIA CUDA runtime" / "EULA.txt").read_text(encoding="utf-8") == EULA
    assert "NVIDIA CUDA runtime 12.6.3" in (licences / "README.txt").read_text(encoding="utf-8")


def test_a_later_bundle_without_cuda_has_nothing_of_it(places: Places, tmp_path: Path) -> None:
    cuda_runtime.stage(places, cuda_runtime.find({"CUDA_PATH": str(toolkit(tmp_path / "cuda", "linux"))}, "linux"))
    assert cuda_runtime.stage(places, None) == 0
    assert cuda_runtime.staged(places) == []
    assert cuda_runtime.components(places) == []
    cuda_runtime.add_text(places, tmp_path / "there is no such folder")


def test_the_toolkit_is_that_of_the_compiler(tmp_path: Path) -> None:
    folder = toolkit(tmp_path / "cuda", "linux")
    compiler = folder / "bin" / "nvcc"
    compiler.parent.mkdir()
    compiler.touch(mode=0o755)
    found = cuda_runtime.find({"PATH": str(compiler.parent)}, "linux")
    assert found.libraries[0] == (folder / "targets/x86_64-linux/lib/libcudart.so.12").resolve()


def test_without_a_toolkit_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="set CUDA_PATH"):
        cuda_runtime.find({"PATH": str(tmp_path)}, "linux")
    with pytest.raises(SetupError, match="no runtime libraries in"):
        cuda_runtime.find({"CUDA_PATH": str(tmp_path)}, "linux")


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([name for name in LINUX if name != "libcublasLt.so.12"], "has no cublasLt"),
        ([*LINUX, "libcudart.so.11"], r"has 2 of cudart: libcudart\.so\.11, libcudart\.so\.12"),
    ],
)
def test_none_or_two_of_a_library_stop_the_build(names: list[str], sentence: str) -> None:
    with pytest.raises(SetupError, match=sentence):
        cuda_runtime.chosen(names, "linux")


@pytest.mark.parametrize("text", [None, "", "NVIDIA forbids all but cudart."])
def test_without_the_licence_that_lists_them_nothing_is_shipped(tmp_path: Path, text: str | None) -> None:
    folder = toolkit(tmp_path / "cuda", "linux")
    (folder / "EULA.txt").unlink()
    if text is not None:
        (folder / "EULA.txt").write_text(text, encoding="utf-8")
    # Of a version whose packages no system has, so that none of them brings the text.
    (folder / "version.json").write_text(json.dumps({"cuda": {"version": "0.7.1"}}), encoding="utf-8")
    with pytest.raises(SetupError, match=r"must not be shipped.+\(cuda-documentation-0-7\)"):
        cuda_runtime.find({"CUDA_PATH": str(folder)}, "linux")
