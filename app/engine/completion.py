"""One completion: the prompt read, tokens drawn one by one, text and figures given out (imports llama_cpp)."""

import time
from collections.abc import Generator, Iterator, Sequence

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.generation import (
    Chunk,
    ContextShifted,
    Finished,
    GenerationEvent,
    GenerationStatistics,
    PromptProgress,
    PromptRepaired,
    ReasoningChunk,
    StopReason,
)
from app.core.prompt import GenerationRequest
from app.engine.drafting import Drafter
from app.engine.instance import ModelInstance
from app.engine.sampling import sampler_chain
from app.engine.templates.reasoning import Piece, ReasoningSplitter
from app.engine.templates.template import RenderedPrompt
from app.engine.text import StopStrings, TextDecoder
from app.engine.writing import TokenWriter


class Completion:
    """Runs once. `started` is the perf_counter time of the request, from which the time to the first token counts.

    `grammar` (GBNF) binds the answer, but not the reasoning before it.
    """

    def __init__(
        self,
        instance: ModelInstance,
        request: GenerationRequest,
        grammar: str | None,
        cancel: CancelToken,
        started: float,
    ) -> None:
        self._instance = instance
        self._context = instance.live
        self._request = request
        self._grammar = grammar
        self._cancel = cancel
        self._started = started
        self._decoder = TextDecoder()
        self._stops = StopStrings(request.sampling.stop)
        self._written = 0
        self._reasoning_tokens = 0
        self._reasoning_began = self._reasoning_ended = 0.0
        self._first = self._last = started
        self._drafts = (0, 0)

    def run(self, rendered: RenderedPrompt, tokens: Sequence[int]) -> Generator[GenerationEvent]:
        """Complete the prompt; see Engine.generate."""
        for sentence in rendered.repairs:
            yield PromptRepaired(sentence)
        reused = self._context.keep_prefix(tokens)
        reading = time.perf_counter()
        fresh = tokens[reused:]
        for done in self._context.read(fresh, self._cancel):
            yield PromptProgress(done, len(fresh), reused)
        prompt_seconds = time.perf_counter() - reading
        reason = StopReason.CANCELLED
        if len(self._context.cached) == len(tokens):
            reason = yield from self._write(rendered)
        yield Finished(
            reason,
            GenerationStatistics(
                prompt_tokens=len(tokens),
                reused_tokens=reused,
                completion_tokens=self._written,
                prompt_seconds=prompt_seconds,
                generation_seconds=self._last - self._first,
                time_to_first_token=self._first - self._started if self._written else 0.0,
                reasoning_tokens=self._reasoning_tokens,
                reasoning_seconds=self._reasoning_ended - self._reasoning_began,
                drafted_tokens=self._drafts[0],
                accepted_tokens=self._drafts[1],
            ),
        )

    def _write(self, rendered: RenderedPrompt) -> Generator[GenerationEvent, None, StopReason]:
        """Draw tokens until something ends the answer; returns what."""
        template, vocabulary = self._instance.template, self._instance.vocabulary
        splitter = ReasoningSplitter(template.reasoning, rendered.opens_reasoning, rendered.mid_text)
        reason = self._reason_to_stop()
        with (
            sampler_chain(
                self._request.sampling, self._instance.sampler_context, self._grammar, self._written_before()
            ) as sampler,
            self._context.aborting.follows(self._cancel),
        ):
            writer = TokenWriter(self._context, sampler, self._drafter(), self._cancel)
            tokens = writer.tokens()
            while reason is None:
                sampler.constrained = not splitter.is_inside
                token = next(tokens, None)
                if token is None:
                    reason = StopReason.CANCELLED
                elif vocabulary.ends_turn(token):
                    reason = StopReason.END_OF_TURN
                else:
                    self._count(splitter.is_inside)
                    yield from self._told(splitter.feed(self._decoder.feed(vocabulary.piece(token))))
                    reason = StopReason.STOP_STRING if self._stops.found else self._reason_to_stop()
                    if reason is StopReason.CONTEXT_FULL and (shifted := self._shift()):
                        yield ContextShifted(shifted)
                        reason = None
            tokens.close()
            self._drafts = (writer.drafted, writer.accepted)
        yield from self._told([*splitter.feed(self._decoder.rest()), *splitter.rest()])
        if held := self._stops.rest():
            yield self._chunk(held)
        return reason

    def _written_before(self) -> list[int]:
        """The tokens of the answer that is written on: penalties look back on the whole of it."""
        if not self._request.continues:
            return []
        return self._instance.vocabulary.tokenize(self._request.messages[-1].text, add_special=False)

    def _drafter(self) -> Drafter | None:
        """What drafts for this answer: nothing where rounding could make a greedy answer another one."""
        if self._request.sampling.temperature == 0 and not self._instance.batches_are_exact:
            return None
        return self._instance.drafter()

    def _told(self, pieces: Sequence[Piece]) -> Iterator[GenerationEvent]:
        for piece in pieces:
            if piece.is_reasoning:
                yield ReasoningChunk(piece.text, self._written, self._last - self._first)
            elif text := self._stops.feed(piece.text):
                yield self._chunk(text)

    def _reason_to_stop(self) -> StopReason | None:
        """What ends the answer before the next token is drawn."""
        if self._cancel.cancelled:
            return StopReason.CANCELLED
        if self._written == self._request.sampling.max_tokens:
            return StopReason.MAX_TOKENS
        if len(self._context.cached) >= self._context.length:
            return StopReason.CONTEXT_FULL
        return None

    def _shift(self) -> int:
        """Forget the older half of what follows the system prompt, if wanted and possible; how many tokens."""
        if not (self._request.shifts_context and self._context.can_shift):
            return 0
        keep = self._system_tokens()
        discard = (len(self._context.cached) - keep) // 2
        if discard > 0:
            self._context.shift(keep, discard)
        return discard

    def _system_tokens(self) -> int:
        """How many tokens at the start belong to the system prompt: those that do not depend on the first turn."""
        system = [m for m in self._request.messages if m.role is Role.SYSTEM]
        other = [*system, *(m for m in self._request.messages if m.role is Role.USER)][: len(system) + 1]
        _, alone = self._instance.prompt(other, self._request.thinking, continues=False)
        shared = 0
        for mine, cached in zip(alone, self._context.cached, strict=False):
            if mine != cached:
                break
            shared += 1
        return shared if system else min(shared, 1)

    def _count(self, is_reasoning: bool) -> None:
        now = time.perf_counter()
        self._last = now
        self._written += 1
        if self._written == 1:
            self._first = now
        if is_reasoning:
            self._reasoning_tokens += 1
            self._reasoning_ended = now
            if self._reasoning_tokens == 1:
                self._reasoning_began = now

    def _chunk(self, text: str) -> Chunk:
        return Chunk(text, self._written, self._last - self._first)
