"""Shows what several tokens decoded at once cost beside one, and how far their logits are from those of each alone.

For each layout of the KV cache the same text is read to a depth at which ggml-cpu splits the cache among the threads;
then the same tokens are decoded one by one and all at once. Where the greatest difference is 0, drafts are exact.

Run: python -m tests.benchmarks.measure_batches [--depth 700] [--rounds 7]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from app.core.cancel import CancelToken
from app.core.model import FlashAttention, KvCacheType, LoadParameters, Speculation
from app.engine.context import Context
from app.engine.instance import ModelInstance
from tests.included import included_parameters

_TEXT = "The river ran past the old mill and the children watched the boats go by. "
_TOKENS = 8


def layouts(parameters: LoadParameters) -> dict[str, LoadParameters]:
    """The layouts that are compared. A long batch of outputs is asked for in each."""
    drafting = replace(parameters, speculation=Speculation.ON)
    return {
        "f16, no flash attention": replace(drafting, flash_attention=FlashAttention.OFF),
        "f16 with keys as bf16, flash attention": replace(drafting, flash_attention=FlashAttention.ON),
        "q8_0, flash attention": replace(drafting, kv_cache_type=KvCacheType.Q8_0),
        "q4_0, flash attention": replace(drafting, kv_cache_type=KvCacheType.Q4_0),
    }


def compare(instance: ModelInstance, depth: int, rounds: int) -> tuple[float, float, float]:
    """Milliseconds for one token alone and for _TOKENS at once (medians), and the greatest difference of a logit."""
    context, size = instance.live, instance.vocabulary.size
    history = instance.vocabulary.tokenize(_TEXT * (depth // 10), add_special=True)[:depth]
    tokens = instance.vocabulary.tokenize(" Then suddenly a large green boat arrived", add_special=False)[:_TOKENS]
    for _ in context.read(history, CancelToken()):
        pass
    alone: list[npt.NDArray[np.float32]] = []
    single: list[float] = []
    together: list[float] = []
    for number in range(rounds):
        alone.clear()
        for token in tokens:
            single.append(_timed(partial(context.advance, token)))
            alone.append(context.logits(-1, size).copy())
        context.cut(depth)
        together.append(_timed(lambda: context.advance_all(tokens)))
        if number < rounds - 1:
            context.cut(depth)
    difference = max(_difference(context, index, logits, size) for index, logits in enumerate(alone))
    return statistics.median(single), statistics.median(together), difference


def _difference(context: Context, index: int, alone: npt.NDArray[np.float32], size: int) -> float:
    return float(np.abs(context.logits(index, size) - alone).max())


def _timed(decode: Callable[[], object]) -> float:
    started = time.perf_counter()
    decode()
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Print a line for each layout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--depth", type=int, default=700)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    for name, parameters in layouts(replace(included_parameters(), context_length=2048)).items():
        instance = ModelInstance(parameters, CancelToken(), lambda _: None)
        one, many, difference = compare(instance, arguments.depth, arguments.rounds)
        instance.close()
        print(f"{name}: one token {one:.1f} ms, {_TOKENS} at once {many:.1f} ms ({many / one:.2f} times); ", end="")
        print(f"logits differ by up to {difference:.3f}")


if __name__ == "__main__":
    main()
