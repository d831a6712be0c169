"""Shows that each library of a wheel is taken once, by the name that it is opened by, and never the one with AMX."""

import zipfile
from pathlib import Path

import pytest

from dev_steps.engine_libraries import chosen, unpack

RELEASE = (
    "libggml-base.so libggml-base.so.0 libggml-base.so.0.25.3 libggml.so libggml.so.0 libggml.so.0.25.3 libllama.so "
    "libllama.so.0 libllama.so.0.5.0 libmtmd.so libmtmd.so.0 libllama-common.so libllama-common.so.0 "
    "libggml-cpu-haswell.so libggml-cpu-haswell.so.0 libggml-cpu-haswell.so.0.25.3 libggml-cpu-sapphirerapids.so "
    "libggml-cpu-sapphirerapids.so.0 libggml-vulkan.so"
)


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (RELEASE, "libggml-base.so.0 libggml-cpu-haswell.so libggml-vulkan.so libggml.so.0 libllama.so"),
        (
            "libggml-cpu.so libggml-cpu.so.0 libggml-cpu.so.0.25.3 libllama.so ggml.h llama.pc",
            "libggml-cpu.so.0 libllama.so",
        ),
        (
            "libggml.dylib libggml.0.dylib libggml.0.25.3.dylib libllama.dylib libllama.0.dylib libggml-metal.so "
            "libggml-cpu-apple_m1.so",
            "libggml-cpu-apple_m1.so libggml-metal.so libggml.0.dylib libllama.dylib",
        ),
        (
            "ggml.dll ggml-base.dll llama.dll llama-common.dll mtmd.dll ggml-cpu-haswell.dll ggml-vulkan.dll ggml.lib",
            "ggml-base.dll ggml-cpu-haswell.dll ggml-vulkan.dll ggml.dll llama.dll",
        ),
    ],
    ids=["Linux", "Linux, one variant", "macOS", "Windows"],
)
def test_each_library_is_chosen_once(names: str, wanted: str) -> None:
    assert chosen(names.split()) == wanted.split()


def test_a_wheel_is_unpacked_into_a_fresh_folder(tmp_path: Path) -> None:
    wheel = tmp_path / "engine.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for place in ("llama_cpp/lib", "lib"):
            archive.writestr(f"{place}/libllama.so", "llama")
            archive.writestr(f"{place}/libggml.so.0", "ggml")
        archive.writestr("bin/libggml-vulkan.so", "vulkan")
        archive.writestr("llama_cpp/llama.py", "")
    folder = tmp_path / "libraries"
    folder.mkdir()
    (folder / "libggml-old.so").write_text("of another wheel")
    paths = unpack(wheel, folder)
    assert [path.name for path in paths] == ["libggml-vulkan.so", "libggml.so.0", "libllama.so"]
    assert sorted(folder.iterdir()) == paths
    assert (folder / "libggml-vulkan.so").read_text() == "vulkan"
