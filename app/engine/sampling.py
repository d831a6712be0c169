"""How the next token is drawn: the C samplers that stand for a set of sampling parameters (imports llama_cpp)."""

import ctypes
import math
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import llama_cpp.llama_cpp as llama

from app.core.errors import GenerationError, InvalidParameterError, OutputFormatError
from app.core.generation import SamplingParameters, TokenBias

_MAX_SEED = 2**32 - 2  # the value above it means "random" in llama.cpp
_KEEP = 1  # how many tokens a truncating stage must leave

# With top-k off, the penalties still get a cut: over a vocabulary of 49,152 they take 0.61 ms a token, after it 0.33.
# Beyond the 1,024 likeliest tokens lies 0.01 % of the probability at temperature 0.8 and 0.3 % at 1 (SmolLM2), and top-p
# and min-p end far before. At 1.5 it is 9 %: above 1 the user's "off" is taken at its word.
_WIDE_TOP_K = 1024
_WIDE_TEMPERATURE = 1.0

_Handle = Any  # a C pointer, as ctypes returns it


@dataclass(frozen=True, slots=True)
class SamplerContext:
    """What the samplers must know of a model: its vocabulary's handle, lengths in tokens, and how text becomes tokens."""

    vocabulary: int
    vocabulary_size: int
    trained_context_length: int
    tokenize: Callable[[str], Sequence[int]]


def resolved_seed(parameters: SamplingParameters) -> SamplingParameters:
    """The parameters with a seed drawn where none was given, so that the answer can be made again."""
    if parameters.seed is not None:
        return parameters
    return replace(parameters, seed=secrets.randbelow(_MAX_SEED + 1))


class Sampler:
    """Draws one token after another; what it drew is what its stages remember.

    `constrained` False suspends the grammar, for text that it is not meant for (reasoning); such tokens are not part of
    what the grammar reads.
    """

    def __init__(self, chain: _Handle, grammar: _Handle | None) -> None:
        self.constrained = True
        self._chain = chain
        self._grammar = grammar
        self._draw = llama.llama_sampler_sample
        self._accept = llama.llama_sampler_accept
        if grammar is not None:
            self._whole = _new_chain([grammar, chain])
            self._free_draw = _Peek(chain)
            self._bound_draw = _Peek(self._whole)
            self._candidate = (llama.llama_token_data * 1)()
            self._candidates = llama.llama_token_data_array(self._candidate, 1, -1, False)

    def sample(self, context: int, index: int) -> int:
        """Draw a token from the logits of the batch's output `index` (-1: the last) and remember it.

        Raises GenerationError where the grammar and the logit biases together allow no token.
        """
        if self._grammar is None or not self.constrained:
            return int(self._draw(self._chain, context, index))
        # A grammar over a whole vocabulary costs more than the model: it only judges the one token that was drawn, and
        # all of them when it refuses that one. So does llama.cpp's own server.
        token = int(self._draw(self._free_draw.handle, context, index))
        if not self._allows(token):
            token = int(self._draw(self._bound_draw.handle, context, index))
            if not self._allows(token):  # accepting it would abort the process
                raise GenerationError("The answer's form allows nothing that the model could write next.")
        self._accept(self._whole, token)
        return token

    def close(self) -> None:
        """Free the samplers; harmless when called twice."""
        if self._chain is None:
            return
        # A chain owns its stages, so the outer one frees both.
        llama.llama_sampler_free(self._chain if self._grammar is None else self._whole)
        self._chain = self._grammar = None

    def _allows(self, token: int) -> bool:
        candidate: Any = self._candidate[0]
        candidate.id = token
        candidate.logit = 0.0
        candidates = self._candidates
        candidates.size = 1
        llama.llama_sampler_apply(self._grammar, ctypes.byref(candidates))
        return bool(candidate.logit == 0.0)


class _Peek:
    """A view of a chain that draws without remembering: llama_sampler_sample accepts what it drew, this one cannot."""

    def __init__(self, chain: _Handle) -> None:
        original = chain.contents
        self._interface = llama.llama_sampler_i.from_buffer_copy(original.iface.contents)
        self._interface.accept = llama.llama_sampler_i_accept()  # NULL
        self._sampler = llama.llama_sampler(ctypes.pointer(self._interface), original.ctx)
        self.handle = ctypes.pointer(self._sampler)


@contextmanager
def sampler_chain(
    parameters: SamplingParameters, model: SamplerContext, grammar: str | None = None, history: Sequence[int] = ()
) -> Iterator[Sampler]:
    """The sampler of one completion, freed at the end.

    `grammar` is GBNF with the rule "root". `history` are the tokens before the answer, which penalties and DRY then
    see too. Raises InvalidParameterError for a bias on what is not one token, OutputFormatError for a grammar that
    llama.cpp refuses, GenerationError when there is no memory.
    """
    sampler = _make_sampler(resolved_seed(parameters), model, grammar, history)
    try:
        yield sampler
    finally:
        sampler.close()


def _make_sampler(
    parameters: SamplingParameters, model: SamplerContext, grammar: str | None, history: Sequence[int]
) -> Sampler:
    stages = list(_stages(parameters, model))  # may raise, while there is nothing to free
    handles = [_made(make()) for make in stages]
    chain = _new_chain(handles)
    for token in _remembered(parameters, history):
        llama.llama_sampler_accept(chain, token)
    if grammar is None:
        return Sampler(chain, None)
    handle = llama.llama_sampler_init_grammar(model.vocabulary, grammar.encode(), b"root")
    if not handle:
        llama.llama_sampler_free(chain)
        raise OutputFormatError("The grammar cannot be used: llama.cpp refuses it.")
    return Sampler(chain, handle)


def _new_chain(stages: Sequence[_Handle]) -> _Handle:
    chain = _made(llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params()))
    for stage in stages:
        llama.llama_sampler_chain_add(chain, stage)
    return chain


def _made(handle: _Handle) -> _Handle:
    """A NULL in a chain would kill the process."""
    if not handle:
        raise GenerationError("The sampler could not be made; there may be too little memory.")
    return handle


_Stages = Iterator[Callable[[], _Handle]]


def _stages(parameters: SamplingParameters, model: SamplerContext) -> _Stages:
    """How to make each stage, in order; what is at its neutral value is left out."""
    if parameters.logit_bias:
        biases = _biases(parameters.logit_bias, model)
        yield lambda: llama.llama_sampler_init_logit_bias(model.vocabulary_size, len(biases), biases)
    greedy = parameters.temperature == 0
    if parameters.top_n_sigma > 0 and not greedy and not parameters.mirostat:
        # Before top-k, unlike the other cuts: its sigma is that of all logits, and a few likely ones have a smaller one.
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


def _biases(biases: Sequence[TokenBias], model: SamplerContext) -> Any:
    """The C array of the biases; several on one token add up."""
    total: dict[int, float] = {}
    for bias in biases:
        token = _token(bias.token, model)
        total[token] = total.get(token, 0.0) + bias.bias
    array = (llama.llama_logit_bias * len(total))()
    for entry, (token, value) in zip(array, total.items(), strict=True):
        entry.token, entry.bias = token, value if math.isfinite(value) else -math.inf
    return array


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
