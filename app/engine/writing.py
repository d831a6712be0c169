"""Draws the tokens of an answer one by one, drafting ahead where that pays (imports llama_cpp: import late)."""

from collections.abc import Generator

from app.core.cancel import CancelToken
from app.core.errors import GenerationError
from app.core.model import MAX_DRAFT
from app.engine.context import Context
from app.engine.drafting import Drafter
from app.engine.sampler import Sampler


class TokenWriter:
    """Yields tokens, each drawn after the one before was evaluated; ends by itself only when a decode is aborted.

    A `drafter` changes none of them: every drafted token is compared with the one that is drawn in its place.
    """

    def __init__(self, context: Context, sampler: Sampler, drafter: Drafter | None, cancel: CancelToken) -> None:
        self._context = context
        self._sampler = sampler
        self._drafter = drafter
        self._cancel = cancel
        self.drafted = 0
        self.accepted = 0

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
        return self._drafter.draft([*cached, token], min(room, MAX_DRAFT), self._cancel) if room > 0 else []

    def _verify(self, token: int, draft: list[int]) -> Generator[int, None, int | None]:
        """Evaluate `token` and its draft at once; yields what was right of the draft, returns the token after that.

        That one is drawn but not evaluated; None when the decode was aborted.
        """
        context, start = self._context, len(self._context.cached)
        if not context.advance_all([token, *draft]):
            return None
        right = 0
        following = self._sampler.sample(context.handle, 0)
        while right < len(draft) and following == draft[right]:
            yield following
            right += 1
            following = self._sampler.sample(context.handle, right)
        self.drafted += len(draft)
        self.accepted += right
        if self._drafter is not None:
            self._drafter.learn(len(draft), right)
        context.cut(start + 1 + right)
        if len(context.cached) != start + 1 + right:
            raise GenerationError("This model cannot take a wrong draft back. Turn speculation off and try again.")
        return following
