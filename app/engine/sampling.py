"""How the next token is drawn: the C samplers that stand for a set of sampling parameters (imports llama_cpp)."""

import ctypes
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import llama_cpp.llama_cpp as llama

from app.core.errors import InvalidParameterError, OutputFormatError
from app.core.generation import SamplingParameters
from app.engine.sampler import Handle, Sampler, made

_KEEP = 1  # how many tokens a truncating stage must leave

# With top-k off, the penalties still get a cut: over a vocabulary of 49,152 they take 0.61 ms a token, after it 0.33.
# Beyond the 1,024 likeliest tokens lies 0.01 % of the probability at temperature 0.8 and 0.3 % at 1 (SmolLM2); top-p
# and min-p end far before. At 1.5 it is 9 %: above 1 the user's "off" is taken at its word.
_WIDE_TOP_K = 1024
_WIDE_TEMPERATURE = 1.0


@dataclass(frozen=True, slots=True)
class SamplerContext:
    """What the samplers must know of a model: its vocabulary's handle, lengths in tokens, how text becomes tokens."""

    vocabulary: int
    vocabulary_size: int
    trained_context_length: int
    tokenize: Callable[[str], Sequence[int]]


@contextmanager
def sampler_chain(
    parameters: SamplingParameters, model: SamplerContext, grammar: str | None = None, history: Sequence[int] = ()
) -> Iterator[Sampler]:
    """The sampler of one completion, freed at the end.

    `grammar` is GBNF with the rule "root". `history` are the tokens before the answer, which penalties and DRY then
    see too. Raises InvalidParameterError for a bias on what is not one token, OutputFormatError for a grammar that
    llama.cpp refuses, GenerationError when there is no memory.
    """
    sampler = _make_sampler(parameters.seeded(), model, grammar, history)
    try:
        yield sampler
    finally:
        sampler.close()


def _make_sampler(
    parameters: SamplingParameters, model: SamplerContext, grammar: str | None, history: Sequence[int]
) -> Sampler:
    makers = list(_stages(parameters, model))  # may refuse a value, while there is nothing to free
    bias = _bias(parameters, model)
    handle = None
    if grammar is not None:
        handle = llama.llama_sampler_init_grammar(model.vocabulary, grammar.encode(), b"root")
        if not handle:
            raise OutputFormatError("The grammar cannot be used: llama.cpp refuses it.")
    sampler = Sampler(bias, [made(make()) for make in makers], handle)
    for token in _remembered(parameters, history):
        sampler.remember(token)
    return sampler


_Stages = Iterator[Callable[[], Handle]]


def _stages(parameters: SamplingParameters, model: SamplerContext) -> _Stages:
    """How to make each stage after the biases, in order; what is at its neutral value is left out."""
    greedy = parameters.temperature == 0
    if parameters.top_n_sigma > 0 and not greedy and not parameters.mirostat:
        # Before top-k, unlike the other cuts: its sigma is that of all logits; a few likely ones have a smaller one.
        yield lambda: llama.llama_sampler_init_top_n_sigma(parameters.top_n_sigma)
    if cut := _top_k(parameters, model.vocabulary_size):
        yield lambda: llama.llama_sampler_init_top_k(cut)
    yield from _penalties(parameters, model)
    if greedy:
        yield llama.llama_sampler_init_greedy
    elif parameters.mirostat:
        yield lambda: llama.llama_sampler_init_temp(parameters.temperature)
        yield lambda: llama.llama_sampler_init_mirostat_v2(
            parameters.seed, parameters.mirostat_tau, parameters.mirostat_eta
        )
    else:
        yield from _truncation(parameters)
        yield lambda: llama.llama_sampler_init_temp(parameters.temperature)
        yield lambda: llama.llama_sampler_init_dist(parameters.seed)


def _top_k(parameters: SamplingParameters, vocabulary_size: int) -> int:
    """How many tokens the first cut leaves; 0 is no cut."""
    penalised = _penalises(parameters) or _follows_repetitions(parameters)
    if parameters.temperature == 0 and not penalised:
        return 0  # the likeliest token is the likeliest of any number
    if parameters.top_k > 0 and not parameters.mirostat:
        return min(parameters.top_k, vocabulary_size)
    wide = penalised and parameters.temperature <= _WIDE_TEMPERATURE
    return min(_WIDE_TOP_K, vocabulary_size) if wide else 0


def _penalises(parameters: SamplingParameters) -> bool:
    some = parameters.repeat_penalty != 1 or parameters.presence_penalty != 0 or parameters.frequency_penalty != 0
    return some and parameters.penalty_range > 0


def _follows_repetitions(parameters: SamplingParameters) -> bool:
    return parameters.dry_multiplier > 0 and parameters.dry_range != 0


def _penalties(parameters: SamplingParameters, model: SamplerContext) -> _Stages:
    if _penalises(parameters):
        yield lambda: llama.llama_sampler_init_penalties(
            model.vocabulary_size,
            parameters.penalty_range,
            parameters.repeat_penalty,
            parameters.frequency_penalty,
            parameters.presence_penalty,
        )
    if _follows_repetitions(parameters):
        breakers = [text.encode() for text in parameters.dry_breakers if text]
        reach = model.trained_context_length if parameters.dry_range is None else parameters.dry_range
        yield lambda: llama.llama_sampler_init_dry(
            model.vocabulary,
            parameters.dry_multiplier,
            parameters.dry_base,
            parameters.dry_allowed_length,
            min(reach, 2**31 - 1),
            (ctypes.c_char_p * len(breakers))(*breakers),
            len(breakers),
        )


def _truncation(parameters: SamplingParameters) -> _Stages:
    if parameters.typical_p < 1:
        yield lambda: llama.llama_sampler_init_typical(parameters.typical_p, _KEEP)
    if parameters.top_p < 1:
        yield lambda: llama.llama_sampler_init_top_p(parameters.top_p, _KEEP)
    if parameters.min_p > 0:
        yield lambda: llama.llama_sampler_init_min_p(parameters.min_p, _KEEP)
    if parameters.xtc_probability > 0 and parameters.xtc_threshold <= 0.5:  # two tokens above a half do not exist
        yield lambda: llama.llama_sampler_init_xtc(
            parameters.xtc_probability, parameters.xtc_threshold, _KEEP, parameters.seed
        )


def _remembered(parameters: SamplingParameters, history: Sequence[int]) -> Sequence[int]:
    """The end of `history` that some stage looks back on."""
    reach = parameters.penalty_range if _penalises(parameters) else 0
    if _follows_repetitions(parameters):
        reach = len(history) if parameters.dry_range is None else max(reach, parameters.dry_range)
    return history[len(history) - min(reach, len(history)) :]


def _bias(parameters: SamplingParameters, model: SamplerContext) -> Handle | None:
    """The stage of the logit biases, None when there are none; several on one token add up."""
    if not parameters.logit_bias:
        return None
    total: dict[int, float] = {}
    for bias in parameters.logit_bias:
        token = _token(bias.token, model)
        total[token] = total.get(token, 0.0) + bias.bias
    array = (llama.llama_logit_bias * len(total))()
    for entry, (token, value) in zip(array, total.items(), strict=True):
        entry.token, entry.bias = token, value if math.isfinite(value) else -math.inf
    return made(llama.llama_sampler_init_logit_bias(model.vocabulary_size, len(total), array))


def _token(token: int | str, model: SamplerContext) -> int:
    if isinstance(token, str):
        tokens = model.tokenize(token)
        if len(tokens) != 1:
            raise InvalidParameterError(
                f"Logit bias: {token!r} is {len(tokens)} tokens in this model's vocabulary, and it must be exactly one."
            )
        return tokens[0]
    if not 0 <= token < model.vocabulary_size:
        raise InvalidParameterError(
            f"Logit bias: there is no token {token}; this model's tokens are 0 to {model.vocabulary_size - 1:,}."
        )
    return token
