"""Draws the tokens of an answer one by one, drafting ahead where that pays (imports llama_cpp: import late)."""

from collections.abc import Generator

import numpy as np

from app.core.errors import GenerationError
from app.engine.context import Context
from app.engine.drafting import Drafter
from app.engine.loading import MAX_DRAFT
from app.engine.sampler import Sampler

# Where a batch is not exact, its logits were seen to differ from those of single tokens by up to 0.9 (SmolLM2; see
# tests/benchmarks/measure_batches): a draft's token is only trusted when it wins by more than twice that; else the next
# token is decoded alone. The KV cache keeps its rounding all the same, so a later close decision may still differ.
SURE_MARGIN = 2.0


class TokenWriter:
    """Yields tokens, each drawn after the one before was evaluated; ends by itself only when a decode is aborted.

    With a `drafter` the tokens are the same as without: every drafted token is compared with the one that is drawn.
    `greedy` and not `exact`: close decisions of a batch are made again by a single token.
    """

    def __init__(self, context: Context, sampler: Sampler, vocabulary_size: int) -> None:
        self._context = context
        self._sampler = sampler
        self._vocabulary_size = vocabulary_size
        self._drafter: Drafter | None = None
        self._checks_margins = False
        self.drafted = 0
        self.accepted = 0

    def draft_with(self, drafter: Drafter, *, checks_margins: bool) -> None:
        """Draft from now on."""
        self._drafter = drafter
        self._checks_margins = checks_margins

    def tokens(self) -> Generator[int]:
        """See the class. Between two tokens the reader may stop, or shift the context."""
        token = self._sampler.sample(self._context.handle, -1)
        while True:
            yield token
            draft = self._draft(token)
            if draft:
                following = yield from self._verify(token, draft)
                if following is None:
                    return
                token = following
            else:
                if not self._context.advance(token):
                    return
                token = self._sampler.sample(self._context.handle, -1)

    def _draft(self, token: int) -> list[int]:
        if self._drafter is None:
            return []
        cached = self._context.cached
        room = self._context.length - len(cached) - 2  # the token itself, and the one after the draft
        return self._drafter.draft([*cached, token], min(room, MAX_DRAFT)) if room > 0 else []

    def _verify(self, token: int, draft: list[int]) -> Generator[int, None, int | None]:
        """Evaluate `token` and its draft at once; yields what was right of the draft, returns the token after that.

        That one is drawn but not evaluated; None when the decode was aborted.
        """
        context, start = self._context, len(self._context.cached)
        if not context.advance_all([token, *draft]):
            return None
        following: int | None = None
        right = 0
        while self._is_sure(right):
            following = self._sampler.sample(context.handle, right)
            if right == len(draft) or following != draft[right]:
                break
            yield following
            following, right = None, right + 1
        self.drafted += len(draft)
        self.accepted += right
        if self._drafter is not None:
            self._drafter.learn(len(draft), right)
        if following is not None:
            self._cut(start + 1 + right)
            return following
        self._cut(start + right)
        if not context.advance([token, *draft][right]):
            return None
        return self._sampler.sample(context.handle, -1)

    def _is_sure(self, index: int) -> bool:
        if not self._checks_margins:
            return True
        logits = self._context.logits(index, self._vocabulary_size)
        second, first = np.partition(logits, -2)[-2:]
        return bool(first - second > SURE_MARGIN)

    def _cut(self, count: int) -> None:
        self._context.cut(count)
        if len(self._context.cached) != count:
            raise GenerationError("This model cannot take a wrong draft back. Turn speculation off and try again.")
