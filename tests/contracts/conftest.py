"""What the contract tests share: an engine of each kind, with and without a model, and how to complete a request."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.generation import Chunk, Finished, SamplingParameters
from app.core.prompt import GenerationRequest, PromptMessage
from app.engine.llama import LlamaEngine
from tests.included import included_parameters

Open = Callable[..., LlamaEngine]

GREEDY = SamplingParameters(temperature=0.0, max_tokens=24)
STORY = (PromptMessage(Role.USER, "Tell me a long story about a river."),)


def request_for(
    messages: Sequence[PromptMessage] = STORY, sampling: SamplingParameters = GREEDY, **options: Any
) -> GenerationRequest:
    return GenerationRequest(tuple(messages), sampling, **options)


def complete(engine: LlamaEngine, request: GenerationRequest) -> tuple[str, Finished]:
    """The whole answer and how it ended."""
    *before, last = engine.generate(request, CancelToken())
    assert isinstance(last, Finished)
    return "".join(e.text for e in before if isinstance(e, Chunk)), last


@pytest.fixture
def open_model() -> Iterator[Open]:
    """A function that loads the included model with changed load parameters; every one is unloaded at the end."""
    opened: list[LlamaEngine] = []

    def open_one(**changes: Any) -> LlamaEngine:
        engine = LlamaEngine()
        opened.append(engine)
        engine.load(replace(included_parameters(), **changes), CancelToken(), lambda _: None)
        return engine

    yield open_one
    for engine in opened:
        engine.unload()
