"""How the next token is drawn: the C sampler chain that stands for a set of sampling parameters."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import llama_cpp.llama_cpp as llama

from app.core.errors import GenerationError
from app.core.generation import SamplingParameters

_PENALTY_TOKENS = 64  # how far back a repetition is looked for; llama.cpp's own default
_MAX_SEED = 2**32 - 2  # the value above it means "random" in llama.cpp


@contextmanager
def sampler_chain(parameters: SamplingParameters, vocabulary_size: int) -> Iterator[object]:
    """A chain of llama.cpp samplers, freed at the end. Penalties come after top-k: over a whole vocabulary of 131,072
    they cost four times as much per token."""
    chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    if not chain:
        raise GenerationError("The sampler could not be made; there may be too little memory.")
    try:
        for stage in _stages(parameters, vocabulary_size):
            llama.llama_sampler_chain_add(chain, stage)
        yield chain
    finally:
        llama.llama_sampler_free(chain)


def _stages(parameters: SamplingParameters, vocabulary_size: int) -> Iterator[object]:
    if parameters.top_k > 0:
        yield llama.llama_sampler_init_top_k(parameters.top_k)
    if parameters.repeat_penalty != 1.0:
        yield llama.llama_sampler_init_penalties(vocabulary_size, _PENALTY_TOKENS, parameters.repeat_penalty, 0.0, 0.0)
    if parameters.temperature == 0:
        yield llama.llama_sampler_init_greedy()
        return
    if parameters.top_p < 1.0:
        yield llama.llama_sampler_init_top_p(parameters.top_p, 1)
    if parameters.min_p > 0.0:
        yield llama.llama_sampler_init_min_p(parameters.min_p, 1)
    yield llama.llama_sampler_init_temp(parameters.temperature)
    seed = parameters.seed if parameters.seed is not None else secrets.randbelow(_MAX_SEED + 1)
    yield llama.llama_sampler_init_dist(seed)
