"""`inglenook ask`: one question, one answer, nothing kept."""

import json
import math
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

from app.bootstrap import Application, Options, assemble
from app.cli import exit_codes
from app.cli.terminal import interruptible, load_model, show_notices
from app.core.cancel import CancelToken
from app.core.conversation import Message
from app.core.errors import InvalidParameterError
from app.core.generation import Chunk, SamplingParameters, StopReason
from app.core.model import LoadedModel
from app.services.events import ReplyFinished


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line sets in place of the model's own sampling; None leaves it."""

    temperature: float | None = None
    seed: int | None = None
    max_tokens: int | None = None

    def applied_to(self, sampling: SamplingParameters) -> SamplingParameters:
        """The model's sampling with these values put in."""
        return replace(
            sampling,
            temperature=sampling.temperature if self.temperature is None else self.temperature,
            seed=sampling.seed if self.seed is None else self.seed,
            max_tokens=sampling.max_tokens if self.max_tokens is None else self.max_tokens,
        )


def ask_once(options: Options, text: str, model: Path | None, system: str, overrides: Overrides, as_json: bool) -> int:
    """Answer `text` ("-": standard input) on stdout; returns the exit code. Raises InglenookError."""
    question = sys.stdin.read() if text == "-" else text
    if not question.strip():
        raise InvalidParameterError("The question is empty. Write something to ask.")
    overrides.applied_to(SamplingParameters())  # refuse bad values before a model is loaded for nothing
    application = assemble(replace(options, forgets_chats=True))
    try:
        show_notices(application)
        with interruptible() as cancel:
            loaded = load_model(application, model, cancel)
            reply = _answer(application, loaded, question, system, overrides, cancel, echo=not as_json)
    finally:
        application.models.unload()
        application.close()
    click.echo(_as_json(reply, loaded) if as_json else "")
    return exit_codes.CANCELLED if reply.stop_reason is StopReason.CANCELLED else exit_codes.DONE


def _answer(
    application: Application,
    loaded: LoadedModel,
    question: str,
    system: str,
    overrides: Overrides,
    cancel: CancelToken,
    *,
    echo: bool,
) -> Message:
    sampling = overrides.applied_to(loaded.sampling)
    reply: Message | None = None
    for event in application.chat.send(question, cancel, system_prompt=system, sampling=sampling):
        if isinstance(event, Chunk) and echo:
            click.echo(event.text, nl=False)
        elif isinstance(event, ReplyFinished):
            reply = event.message
    assert reply is not None, "a reply that did not raise has finished"
    return reply


def _as_json(reply: Message, loaded: LoadedModel) -> str:
    assert reply.stop_reason is not None
    assert reply.statistics is not None
    assert reply.provenance is not None
    return json.dumps(
        {
            "text": reply.text,
            "stop_reason": reply.stop_reason.value,
            "prompt_tokens": reply.statistics.prompt_tokens,
            "reused_tokens": reply.statistics.reused_tokens,
            "completion_tokens": reply.statistics.completion_tokens,
            "tokens_per_second": round(reply.statistics.tokens_per_second, 2),
            "time_to_first_token_ms": round(reply.statistics.time_to_first_token * 1000, 1),
            "sampling": _sampling_values(reply.provenance.sampling),
            "sampling_source": loaded.sampling_source.value,
        },
        ensure_ascii=False,
    )


def _sampling_values(sampling: SamplingParameters) -> dict[str, object]:
    """All parameters by name; a forbidden token's bias is the text "-inf", as JSON has no number for it."""
    biases = [[b.token, str(b.bias) if math.isinf(b.bias) else b.bias] for b in sampling.logit_bias]
    return {**asdict(sampling), "logit_bias": biases}
