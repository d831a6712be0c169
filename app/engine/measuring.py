"""Speed tests run on a loaded model, timed exactly as llama-bench times its own (imports llama_cpp: import late)."""

import random
import time
from collections.abc import Sequence
from contextlib import closing

import llama_cpp.llama_cpp as llama

from app.core.cancel import CancelToken
from app.core.errors import PromptTooLongError
from app.core.speed import SpeedSample, SpeedTest
from app.engine.instance import ModelInstance
from app.engine.sampler import Sampler, made

_SEED = 1  # of tokens without meaning: the same in every run, so that runs differ by nothing but the machine


def measure(instance: ModelInstance, test: SpeedTest, cancel: CancelToken) -> SpeedSample:
    """Run `test` once; see Engine.measure.

    The cache holds the test's depth before the clock starts, and again afterwards: reading it anew for every run would
    take most of the time, and llama-bench does not do it either.
    """
    if test.needed_tokens > instance.live.length:
        raise PromptTooLongError(
            f"The test {test.name} needs {test.needed_tokens:,} tokens, and the context holds {instance.live.length:,}."
        )
    draw = random.Random(_SEED)
    depth, prompt, writing = (
        draw.choices(range(instance.vocabulary.size), k=count)
        for count in (test.depth, test.prompt_tokens, test.completion_tokens)
    )
    try:
        _read(instance, depth[instance.live.keep_prefix([*depth, 0]) :], cancel)
        if test.is_task:
            return _task(instance, prompt, test.completion_tokens, cancel)
        return _bare(instance, prompt, writing, cancel)
    finally:
        instance.live.keep_prefix([*depth, 0])


def _bare(instance: ModelInstance, prompt: Sequence[int], writing: Sequence[int], cancel: CancelToken) -> SpeedSample:
    """llama-bench's test: decoding alone, without sampling; one decode for each token that is counted."""
    started = time.perf_counter()
    _read(instance, prompt, cancel)
    read = first = time.perf_counter()
    for number, token in enumerate(writing):
        cancel.raise_if_cancelled()
        instance.live.advance(token)
        llama.llama_synchronize(instance.live.handle)
        if number == 0:
            first = time.perf_counter()
    return SpeedSample(read - started, first - started, time.perf_counter() - first if writing else 0.0)


def _task(instance: ModelInstance, prompt: Sequence[int], completion_tokens: int, cancel: CancelToken) -> SpeedSample:
    """What a person waits for: the prompt, the first token, and all the others, whatever they are."""
    with closing(Sampler(None, [made(llama.llama_sampler_init_greedy())], None)) as sampler:
        started = time.perf_counter()
        _read(instance, prompt, cancel)
        read = time.perf_counter()
        token = sampler.sample(instance.live.handle, -1)
        first = time.perf_counter()
        for _ in range(completion_tokens - 1):
            cancel.raise_if_cancelled()
            instance.live.advance(token)
            token = sampler.sample(instance.live.handle, -1)
        return SpeedSample(read - started, first - started, time.perf_counter() - first)


def _read(instance: ModelInstance, tokens: Sequence[int], cancel: CancelToken) -> None:
    for _ in instance.live.read(tokens, cancel):
        pass
    cancel.raise_if_cancelled()  # a cancelled reading just ends early
    llama.llama_synchronize(instance.live.handle)
