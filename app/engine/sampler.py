"""Draws tokens from a chain of llama.cpp's samplers, within a grammar where there is one (imports llama_cpp)."""

import ctypes
from collections.abc import Sequence
from typing import Any

import llama_cpp.llama_cpp as llama

from app.core.errors import GenerationError

Handle = Any  # a C pointer, as ctypes returns it

_LIKELY = 1024  # among so many a grammar nearly always finds a token that it allows


class Sampler:
    """Draws one token after another; what it drew is what its stages remember. It owns the handles that it is given.

    `constrained` False suspends the grammar, for text that it is not meant for (reasoning); such tokens are not part of
    what the grammar reads.
    """

    def __init__(self, bias: Handle | None, stages: Sequence[Handle], grammar: Handle | None) -> None:
        self.constrained = True
        self._bias = bias
        self._rest = new_chain(stages)
        self._chain = new_chain([*self._before, self._rest])
        self._grammar = grammar
        self._draw = llama.llama_sampler_sample
        self._accept = llama.llama_sampler_accept
        if grammar is not None:
            likely = made(llama.llama_sampler_init_top_k(_LIKELY))
            self._likely = new_chain([*self._before, likely, grammar, self._rest])
            self._all = new_chain([*self._before, grammar, self._rest])
            self._views = [_View(chain) for chain in (self._chain, self._likely, self._all)]
            self._candidate: Any = (llama.llama_token_data * 1)()
            self._candidates = llama.llama_token_data_array(self._candidate, 1, -1, False)

    def sample(self, context: int, index: int) -> int:
        """Draw a token from the logits of the batch's output `index` (-1: the last) and remember it.

        Raises GenerationError where the grammar and the logit biases together allow no token.
        """
        if self._grammar is None or not self.constrained:
            return int(self._draw(self._chain, context, index))
        # Over a whole vocabulary a grammar costs more than a small model. So it judges the one token that was drawn
        # without it, as in llama.cpp's own server; when it refuses that one, the likeliest, and only then all of them.
        # With 49,152 tokens these take 0.1, 1 and 5 to 20 ms.
        for view in self._views:
            token = int(self._draw(view.handle, context, index))
            if self._allows(token):
                self._accept(self._chain, token)
                self._accept(self._grammar, token)
                return token
        raise GenerationError("The answer's form allows nothing that the model could write next.")

    def remember(self, token: int) -> None:
        """Take a token that was not drawn here, such as one of the prompt, as what the penalties look back on."""
        self._accept(self._chain, token)

    def close(self) -> None:
        """Free the samplers; harmless when called twice."""
        if self._chain is None:
            return
        if self._grammar is not None:
            # A chain frees what it holds: what other chains hold too is taken out first.
            for chain in (self._likely, self._all):
                for place in reversed(range(llama.llama_sampler_chain_n(chain))):
                    if chain is self._all or place != len(self._before):  # all but the cut, which is that chain's own
                        llama.llama_sampler_chain_remove(chain, place)
                llama.llama_sampler_free(chain)
            llama.llama_sampler_free(self._grammar)
        llama.llama_sampler_free(self._chain)
        self._chain = self._grammar = None

    @property
    def _before(self) -> list[Handle]:
        return [] if self._bias is None else [self._bias]

    def _allows(self, token: int) -> bool:
        """Accepting what the grammar does not allow would abort the process."""
        candidate = self._candidate[0]
        candidate.id = token
        candidate.logit = 0.0
        self._candidates.size = 1
        llama.llama_sampler_apply(self._grammar, ctypes.byref(self._candidates))
        return bool(candidate.logit == 0.0)


class _View:
    """A chain seen so that it draws without remembering: llama_sampler_sample accepts what it drew, here it cannot."""

    def __init__(self, chain: Handle) -> None:
        original = chain.contents
        self._interface = llama.llama_sampler_i.from_buffer_copy(original.iface.contents)
        self._interface.accept = llama.llama_sampler_i_accept()  # NULL
        self._sampler = llama.llama_sampler(ctypes.pointer(self._interface), original.ctx)
        self.handle = ctypes.pointer(self._sampler)


def new_chain(stages: Sequence[Handle]) -> Handle:
    """A chain that owns its stages. Raises GenerationError when there is no memory."""
    chain = made(llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params()))
    for stage in stages:
        llama.llama_sampler_chain_add(chain, stage)
    return chain


def made(handle: Handle) -> Handle:
    """The handle of a sampler that was made; a NULL in a chain would kill the process."""
    if not handle:
        raise GenerationError("The sampler could not be made; there may be too little memory.")
    return handle
