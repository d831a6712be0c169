"""What each load parameter does to the real engine, and what a switch of models leaves behind."""

import os
import shutil
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import pytest

from app.core.cancel import CancelToken
from app.core.errors import ModelChangedError, ModelFileError, ModelLoadError
from app.core.model import FlashAttention, KvCacheType, LoraAdapter, RopeScaling, Speculation
from app.engine.guards.gguf import ValueType
from app.engine.llama import LlamaEngine
from tests.contracts.conftest import Open, complete, request_for
from tests.gguf_files import Header, Tensor
from tests.included import INCLUDED_MODEL, included_parameters

pytestmark = pytest.mark.real_model

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "changes",
    [
        {"kv_cache_type": KvCacheType.Q8_0},
        {"kv_cache_type": KvCacheType.Q4_0},
        {"flash_attention": FlashAttention.ON},
        {"flash_attention": FlashAttention.OFF},
        {"batch_tokens": 64},
        {"threads": 1},
        {"mmap": False},
        {"full_sliding_window": True},
        {"rope_scaling": RopeScaling.YARN, "rope_frequency_scale": 0.5},
        {"rope_frequency_base": 200_000.0},
        {"gpu_layers": 0},
    ],
    ids=lambda changes: " ".join(f"{name}={value}" for name, value in changes.items()),
)
def test_each_load_parameter_gives_a_model_that_answers(open_model: Open, changes: dict[str, object]) -> None:
    engine = open_model(context_length=512, **changes)
    assert complete(engine, request_for())[0].strip()
    assert engine.model is not None
    for name, value in changes.items():
        assert getattr(engine.model.load, name) == value, "info.load says what is in use"


def test_llama_cpp_itself_says_what_it_was_told(open_model: Open, tmp_path: Path) -> None:
    """Not what we note of the parameters, but what the library has made of them."""
    sizes = {}
    for kind in KvCacheType:
        engine = open_model(context_length=512, batch_tokens=64, threads=1, kv_cache_type=kind)
        assert engine._instance is not None
        handle = engine._instance.live.handle
        assert llama.llama_n_threads(handle) == llama.llama_n_threads_batch(handle) == 1
        assert llama.llama_n_batch(handle) == llama.llama_n_ubatch(handle) == 64
        assert llama.llama_n_ctx(handle) == 512
        complete(engine, request_for())
        engine.save_state(tmp_path / f"{kind}.state")
        sizes[kind] = (tmp_path / f"{kind}.state").stat().st_size
        engine.unload()
    assert sizes[KvCacheType.Q8_0] < 0.6 * sizes[KvCacheType.F16]
    assert sizes[KvCacheType.Q4_0] < 0.35 * sizes[KvCacheType.F16]


@pytest.mark.skipif(sys.platform != "linux", reason="read from Linux's table of mappings")
@pytest.mark.parametrize("mmap", [True, False])
def test_the_file_is_mapped_or_read_as_was_chosen(open_model: Open, mmap: bool) -> None:
    engine = open_model(mmap=mmap)
    maps = Path("/proc/self/maps").read_text()
    engine.unload()
    assert (str(INCLUDED_MODEL.resolve()) in maps) is mmap


def test_stretched_positions_change_what_is_written(open_model: Open) -> None:
    answers = set()
    for changes in (
        {},
        {"rope_frequency_base": 5_000.0},
        {"rope_scaling": RopeScaling.LINEAR, "rope_frequency_scale": 0.25},
    ):
        engine = open_model(context_length=512, **changes)
        answers.add(complete(engine, request_for())[0])
        engine.unload()
    assert len(answers) == 3


def test_what_is_left_open_is_filled_in(open_model: Open) -> None:
    info = open_model().model
    assert info is not None
    assert info.load.threads == len(os.sched_getaffinity(0)) or info.load.threads == len(os.sched_getaffinity(0)) - 1
    assert info.load.flash_attention is not FlashAttention.AUTO
    assert info.load.speculation is Speculation.OFF
    assert info.device.startswith("CPU")
    assert info.engine_version.startswith("llama-cpp-python 0.3.36")
    assert info.layer_count == 30
    assert info.vocabulary_size == 49152
    assert info.can_shift


def test_a_context_is_lowered_to_what_the_model_was_trained_on_unless_it_is_stretched(open_model: Open) -> None:
    plain = open_model(context_length=20_000)
    assert plain.model is not None
    assert plain.model.context_length == plain.model.trained_context_length == 8192
    plain.unload()
    stretched = open_model(context_length=10_000, rope_scaling=RopeScaling.YARN, rope_frequency_scale=0.5)
    assert stretched.model is not None
    assert stretched.model.context_length >= 10_000


def test_a_smaller_cache_type_writes_the_same_model_s_words(open_model: Open) -> None:
    exact, _ = complete(open_model(flash_attention=FlashAttention.ON), request_for())
    small, _ = complete(open_model(kv_cache_type=KvCacheType.Q8_0), request_for())
    assert small.split()[:3] == exact.split()[:3]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kv_cache_type": KvCacheType.Q8_0, "flash_attention": FlashAttention.OFF}, "needs flash attention"),
        ({"main_device": "CUDA7"}, "no GPU named CUDA7"),
        ({"device_split": (1.0, 2.0)}, "2 shares for 0 GPUs"),
    ],
)
def test_parameters_that_cannot_be_had_are_refused_in_words(
    open_model: Open, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ModelLoadError, match=words):
        open_model(**changes)


@pytest.mark.expects_log_records
def test_an_adapter_that_is_none_is_named(open_model: Open, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"lora\.gguf does not exist"):
        open_model(adapters=(LoraAdapter(tmp_path / "lora.gguf"),))
    with pytest.raises(ModelLoadError, match="is not a LoRA adapter for this model"):
        open_model(adapters=(LoraAdapter(INCLUDED_MODEL, 0.5),))


def adapter_file(path: Path, value: float) -> Path:
    """A LoRA adapter of rank 1 on the first layer's queries, every number of it being `value`."""
    width = 576
    kinds = {"general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora"}
    metadata: dict[str, tuple[ValueType, Any]] = {key: (ValueType.STRING, word) for key, word in kinds.items()}
    metadata["adapter.lora.alpha"] = (ValueType.FLOAT32, 1.0)
    ends = {"lora_a": (width, 1), "lora_b": (1, width)}
    tensors = [Tensor(f"blk.0.attn_q.weight.{end}", shape, bytes=4 * width) for end, shape in ends.items()]
    path.write_bytes(Header(metadata, tensors).to_bytes() + struct.pack(f"<{2 * width}f", *[value] * (2 * width)))
    return path


def test_an_adapter_acts_as_strongly_as_its_scale_says(open_model: Open, tmp_path: Path) -> None:
    adapter = adapter_file(tmp_path / "lora.gguf", 0.5)
    answers = []
    for adapters in ((), (LoraAdapter(adapter, 0.0),), (LoraAdapter(adapter, 1.0),)):
        engine = open_model(context_length=512, adapters=adapters)
        answers.append(complete(engine, request_for())[0])
        assert engine.model is not None
        assert engine.model.load.adapters == adapters
        engine.unload()
    plain, without_strength, adapted = answers
    assert without_strength == plain
    assert adapted != plain


SWITCHES = """
import gc
from dataclasses import replace

import psutil

from app.core.cancel import CancelToken
from app.engine.llama import LlamaEngine
from tests.contracts.conftest import GREEDY, complete, request_for
from tests.included import included_parameters

engine, process = LlamaEngine(), psutil.Process()

def switch(context_length):
    engine.load(replace(included_parameters(), context_length=context_length), CancelToken(), lambda _: None)
    complete(engine, request_for(sampling=replace(GREEDY, max_tokens=4)))

def resident():
    engine.unload()
    gc.collect()
    return process.memory_info().rss

for length in (512, 2048) * 2:  # what stays once and for all is there then
    switch(length)
before = resident()
for length in (512, 2048) * 5:
    switch(length)
print(resident() - before)
"""


def test_ten_switches_give_the_memory_back() -> None:
    """In a process of its own, whose memory nothing else moves."""
    command = [sys.executable, "-c", SWITCHES]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    growth = int(done.stdout)
    assert growth < 30_000_000, f"ten switches of a model of 98 MB left {growth / 1e6:.0f} MB"


@pytest.mark.parametrize("change", ["cut", "touched", "removed"])
def test_a_file_that_changes_under_the_model_is_noticed_before_it_is_used(tmp_path: Path, change: str) -> None:
    path = tmp_path / "copy.gguf"
    shutil.copyfile(INCLUDED_MODEL, path)
    engine = LlamaEngine()
    engine.load(replace(included_parameters(), path=path), CancelToken(), lambda _: None)
    assert complete(engine, request_for())[0]
    if change == "cut":
        os.truncate(path, 1_000_000)
    elif change == "touched":
        os.utime(path, ns=(1, 1))
    else:
        path.unlink()
    with pytest.raises(ModelChangedError, match="Open the model again"):
        complete(engine, request_for())
    assert engine.model is None
    engine.load(included_parameters(), CancelToken(), lambda _: None)
    assert complete(engine, request_for())[0]
    engine.unload()
