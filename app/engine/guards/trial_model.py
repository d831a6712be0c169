"""A model on trial: a few tokens are written with it and a few decodes timed (imports llama_cpp: import late)."""

import array
import ctypes
import functools
import math
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import llama_cpp.llama_cpp as llama

from app.core.model import LoadParameters
from app.engine import bindings
from app.engine.gpu_choice import gpus_of, use_only
from app.engine.loading import counted_layers, default_threads, keep_experts_on_cpu
from app.engine.vocabulary import Vocabulary

TOKENS = 20
BATCH = 8
_CONTEXT_LENGTH = 1280
_TEXT = "The river ran past the old mill, and the children watched the boats go by all day."
_FILLING_TOKENS = 128
_FILLING_SECONDS = 0.8  # a model that needs longer to read them is not worth the wait
_COPIES = 8
_MEASURING_SECONDS = 1.8
_ROUNDS = 5
_FLASH_ATTENTION = (llama.LLAMA_FLASH_ATTN_TYPE_DISABLED, llama.LLAMA_FLASH_ATTN_TYPE_ENABLED)


class RefusedError(Exception):
    """llama.cpp did not load the model, or did not decode, and said so."""


class NonsenseError(Exception):
    """What the model computes are no numbers, or all the same."""


class TrialModel:
    """A model with a small context. Raises RefusedError, NonsenseError; a bad file may kill the process."""

    def __init__(self, wanted: LoadParameters) -> None:
        bindings.make_ready()
        self._threads = wanted.threads or default_threads()
        gpus = gpus_of(wanted.backend)
        self.on_gpu = bool(gpus) and wanted.gpu_layers != 0
        parameters = llama.llama_model_default_params()
        use_only(parameters, gpus)
        if wanted.gpu_layers is not None:
            parameters.n_gpu_layers = counted_layers(wanted.gpu_layers)
        keep_experts_on_cpu(parameters, wanted.expert_layers_on_cpu)
        self._model: int | None = llama.llama_model_load_from_file(os.fsencode(wanted.path), parameters)
        if not self._model:
            raise RefusedError(bindings.last_error())
        self._vocabulary = Vocabulary(self._model)
        self._contexts: list[_Context] = []
        self._prompt = self._vocabulary.tokenize(_TEXT, add_special=True) or [0]

    def close(self) -> None:
        """Free everything."""
        for context in self._contexts:
            context.close()
        if self._model:
            llama.llama_model_free(self._model)
            self._model = None

    def write(self) -> None:
        """Read a short text and write TOKENS tokens after it."""
        context = self._new_context(llama.LLAMA_FLASH_ATTN_TYPE_AUTO)
        # Threads that wait for one another on a computer which is busy elsewhere take ten times as long: half will do.
        context.use_threads(max(self._threads // 2, 1))
        sampler = llama.llama_sampler_init_greedy()
        count = self._vocabulary.size
        context.decode(self._prompt)
        _check_logits(context.logits(count))
        for _ in range(TOKENS):
            context.decode([llama.llama_sampler_sample(sampler, context.handle, -1)])
        _check_logits(context.logits(count))
        llama.llama_sampler_free(sampler)

    def measure(self) -> dict[str, Any]:
        """What a batch costs and whether flash attention is faster on the processor; empty where it takes too long.

        Neither is told on a computer that is so busy that the same step takes twice as long at one time as at another.
        """
        deadline = time.perf_counter() + _MEASURING_SECONDS
        context = self._contexts[0]
        context.use_threads(self._threads)
        ones = _timed({context: lambda: context.decode(self._prompt[:1])}, deadline)[context]
        if len(ones) < _ROUNDS or statistics.median(ones) > 2 * min(ones):
            return {}
        found: dict[str, Any] = {}
        batch = self._repeated(BATCH)
        batches = _timed({context: lambda: context.decode(batch, all_outputs=True)}, deadline)[context]
        if batches:
            found["batch_cost"] = min(batches) / min(ones)
        if not self.on_gpu and self._has_plain_cache():
            found.update(self._compare(deadline))
        return found

    def _compare(self, deadline: float) -> dict[str, dict[str, float]]:
        """The tokens/s with and without flash attention at a depth where it matters; empty when time runs out."""
        filling = self._repeated(_FILLING_TOKENS)
        works: dict[_Context, Callable[[], None]] = {}
        depths = []
        for context in (self._new_context(kind, _COPIES) for kind in _FLASH_ATTENTION):
            started = time.perf_counter()
            if started > deadline:
                return {}
            context.decode(filling)
            llama.llama_synchronize(context.handle)
            if time.perf_counter() - started > _FILLING_SECONDS:
                return {}
            depths.append(len(filling) * context.copied())
            works[context] = functools.partial(context.decode, self._prompt[:1])
        off, on = _timed(works, deadline + _FILLING_SECONDS).values()
        if len(on) < 2 or depths[0] != depths[1]:
            return {}
        return {"flash_attention": {"on": 1 / min(on), "off": 1 / min(off), "depth": depths[0]}}

    def _has_plain_cache(self) -> bool:
        return not llama.llama_model_is_recurrent(self._model) and not llama.llama_model_is_hybrid(self._model)

    def _new_context(self, flash_attention: int, sequences: int = 1) -> "_Context":
        context = _Context(self._model, self._threads, flash_attention, sequences)
        self._contexts.append(context)
        return context

    def _repeated(self, count: int) -> list[int]:
        return (self._prompt * (1 + count // len(self._prompt)))[:count]


class _Context:
    """One context of the model and how many tokens it holds."""

    def __init__(self, model: int | None, threads: int, flash_attention: int, sequences: int) -> None:
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = _CONTEXT_LENGTH
        parameters.n_batch = parameters.n_ubatch = _FILLING_TOKENS
        parameters.n_seq_max = sequences
        parameters.kv_unified = True
        parameters.n_outputs_max = BATCH
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.flash_attn_type = flash_attention
        parameters.no_perf = True
        self.handle: int | None = llama.llama_init_from_model(model, parameters)
        if not self.handle:
            raise RefusedError(bindings.last_error())
        self._sequences = sequences
        self._length = 0
        self._batch = llama.llama_batch_init(_FILLING_TOKENS, 0, 1)

    def close(self) -> None:
        """Free it."""
        if self.handle:
            llama.llama_batch_free(self._batch)
            llama.llama_free(self.handle)
            self.handle = None

    def use_threads(self, count: int) -> None:
        """Work with so many threads from now on."""
        llama.llama_set_n_threads(self.handle, count, count)

    def decode(self, tokens: Sequence[int], all_outputs: bool = False) -> None:
        """Evaluate tokens after those before; logits for the last one, or for all."""
        batch = self._batch
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = self._length + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = all_outputs or index == len(tokens) - 1
        code = llama.llama_decode(self.handle, batch)
        if code != 0:
            raise RefusedError(f"llama_decode returned {code}: {bindings.last_error()}")
        self._length += len(tokens)

    def copied(self) -> int:
        """Put copies of what the KV cache holds beside it, so that attention has more to do; how often it is there.

        That takes milliseconds, where reading as many tokens takes seconds. The copies' positions are the originals'.
        """
        size = llama.llama_state_seq_get_size(self.handle, 0)
        state = (ctypes.c_uint8 * size)()
        llama.llama_state_seq_get_data(self.handle, state, size, 0)
        memory = llama.llama_get_memory(self.handle)
        for sequence in range(1, self._sequences):
            if not llama.llama_state_seq_set_data(self.handle, state, size, sequence):
                return sequence
            llama.llama_memory_seq_cp(memory, sequence, 0, -1, -1)
        return self._sequences

    def logits(self, count: int) -> "array.array[float]":
        """The last token's logits."""
        pointer = llama.llama_get_logits_ith(self.handle, -1)
        if not pointer:
            raise NonsenseError("there are no logits")
        values = array.array("f")
        values.frombytes(ctypes.string_at(pointer, count * ctypes.sizeof(ctypes.c_float)))
        return values


def _timed(works: Mapping[_Context, Callable[[], None]], deadline: float) -> dict[_Context, list[float]]:
    """The seconds that each work on its context takes, by turns until all rounds are done or `deadline` has passed."""
    taken: dict[_Context, list[float]] = {context: [] for context in works}
    for _ in range(_ROUNDS):
        for context, work in works.items():
            llama.llama_synchronize(context.handle)
            started = time.perf_counter()
            if started > deadline:
                return taken
            work()
            llama.llama_synchronize(context.handle)
            taken[context].append(time.perf_counter() - started)
    return taken


def _check_logits(logits: "array.array[float]") -> None:
    total = sum(logits)
    if not math.isfinite(total) and any(value != value or value == math.inf for value in logits):
        raise NonsenseError("the logits are not finite")  # -inf alone is how a model forbids a token
    if min(logits) == max(logits):
        raise NonsenseError("the logits are all the same")
