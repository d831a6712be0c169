"""`inglenook ask`: one question, one answer, nothing kept."""

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click

from app.bootstrap import Application, Options, assemble
from app.cli import exit_codes
from app.cli.declared_options import Chosen
from app.cli.terminal import Aside, interruptible, load_model, show_aside, show_notices
from app.core.cancel import CancelToken
from app.core.conversation import Message
from app.core.errors import GenerationError, InvalidParameterError
from app.core.generation import (
    Chunk,
    OutputFormat,
    OutputKind,
    SamplingParameters,
    StopReason,
)
from app.core.model import LoadedModel, LoadParameters
from app.core.plain_json import plain
from app.core.settings import OverflowPolicy
from app.core.wording import stop_reason_note
from app.services.events import ReplyFinished
from app.services.structured import answer_fault, require_valid_schema, tries

_CUT_SHORT = (StopReason.MAX_TOKENS, StopReason.CONTEXT_FULL)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how; `text` "-" is standard input, `load` and `sampling` what is set in place of the usual."""

    text: str
    model: Path | None
    system: str
    output: OutputFormat
    thinking: bool | None
    overflow: OverflowPolicy | None
    load: Chosen[LoadParameters]
    sampling: Chosen[SamplingParameters]


def ask_once(options: Options, question: Question, as_json: bool) -> int:
    """Answer the question on stdout; returns the exit code. Raises InglenookError."""
    if question.text == "-":
        question = replace(question, text=sys.stdin.read())
    if not question.text.strip():
        raise InvalidParameterError("The question is empty. Write something to ask.")
    # Refuse bad values before a model is loaded for nothing.
    question.sampling.applied_to(SamplingParameters())
    question.load.applied_to(LoadParameters(Path()))
    require_valid_schema(question.output)
    application = assemble(replace(options, forgets_chats=True))
    try:
        show_notices(application)
        with interruptible() as cancel:
            loaded = load_model(application, question.model, cancel, question.load)
            reply = _valid_answer(application, loaded, question, cancel, echo=not as_json)
    finally:
        application.models.unload()
        application.close()
    click.echo(_as_json(reply, loaded) if as_json else "")
    if not as_json and reply.stop_reason in _CUT_SHORT:
        click.echo(f"{stop_reason_note(reply.stop_reason)}: the answer may go on.", err=True)
    return exit_codes.CANCELLED if reply.stop_reason is StopReason.CANCELLED else exit_codes.DONE


def _valid_answer(
    application: Application, loaded: LoadedModel, question: Question, cancel: CancelToken, *, echo: bool
) -> Message:
    """The answer; where it must have a form it is written out only when it has it."""
    sampling = question.sampling.applied_to(loaded.sampling)
    if question.output.kind is OutputKind.TEXT:
        return _answer(application, question, sampling, cancel, echo=echo)
    count = 0
    fault: str | None = None
    for output, another in tries(question.output, sampling):
        count += 1
        reply = _answer(application, replace(question, output=output), another, cancel, echo=False)
        cancel.raise_if_cancelled()
        fault = answer_fault(question.output, reply.text, reply.stop_reason)
        if fault is None:
            if echo:
                click.echo(reply.text, nl=False)
            return reply
    raise GenerationError(
        f"The model gave no valid answer in {count} tries; of the last one: {fault}. Allow more tokens, "
        "simplify the form, or use a larger model."
    )


def _answer(
    application: Application, question: Question, sampling: SamplingParameters, cancel: CancelToken, *, echo: bool
) -> Message:
    reply: Message | None = None
    for event in application.chat.send(
        question.text,
        cancel,
        system_prompt=question.system,
        sampling=sampling,
        output=question.output,
        thinking=question.thinking,
        overflow=question.overflow,
    ):
        if isinstance(event, Chunk) and echo:
            click.echo(event.text, nl=False)
        elif isinstance(event, Aside):
            show_aside(event)
        elif isinstance(event, ReplyFinished):
            reply = event.message
    assert reply is not None, "a reply that did not raise has finished"
    return reply


def _as_json(reply: Message, loaded: LoadedModel) -> str:
    """The answer, its figures, and all that it takes to make it again."""
    assert reply.stop_reason is not None
    assert reply.statistics is not None
    figures, made = reply.statistics, reply.provenance
    return json.dumps(
        {
            "text": reply.text,
            "reasoning": reply.reasoning,
            "stop_reason": reply.stop_reason.value,
            "prompt_tokens": figures.prompt_tokens,
            "reused_tokens": figures.reused_tokens,
            "completion_tokens": figures.completion_tokens,
            "drafted_tokens": figures.drafted_tokens,
            "accepted_tokens": figures.accepted_tokens,
            "tokens_per_second": round(figures.tokens_per_second, 2),
            "time_to_first_token_ms": round(figures.time_to_first_token * 1000, 1),
            "model": loaded.name,
            "sha256": made.sha256 if made else loaded.sha256,
            "device": made.device if made else loaded.info.device,
            "load": plain(made.load if made else loaded.info.load),
            "sampling": plain(made.sampling if made else loaded.sampling),
            "sampling_source": loaded.sampling_source.value,
        },
        ensure_ascii=False,
    )
