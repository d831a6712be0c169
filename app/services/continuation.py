"""How an answer that was cut short goes on: whether it may, with what, and after which prompt."""

from collections.abc import Sequence
from dataclasses import replace

from app.core.conversation import Message, MessageState, Role
from app.core.errors import InvalidParameterError
from app.core.generation import OutputKind, SamplingParameters, StopReason
from app.core.prompt import PromptMessage
from app.services.context_plan import Outline


def require_continuable(message: Message, is_last: bool) -> None:
    """Raises InvalidParameterError, with a sentence that says why, for an answer that cannot be written on."""
    if message.role is not Role.ASSISTANT or not is_last:
        raise InvalidParameterError("Only the last answer of a conversation can be continued.")
    if message.state is MessageState.STREAMING:
        raise InvalidParameterError("This answer is still being written in another window.")
    if message.provenance is not None and message.provenance.output.kind is not OutputKind.TEXT:
        raise InvalidParameterError("An answer in a fixed form cannot be continued. Ask again for a shorter one.")
    if not message.is_cut_short:
        raise InvalidParameterError("This answer is complete. Ask for more in a new message.")


def sampling_for_more(before: Message) -> SamplingParameters | None:
    """What the answer was made with, and a new seed; the string that stopped it stops it no more."""
    if before.provenance is None:
        return None
    sampling = replace(before.provenance.sampling, seed=None)
    return replace(sampling, stop=()) if before.stop_reason is StopReason.STOP_STRING else sampling


def outline_for_more(system_prompt: str, messages: Sequence[Message]) -> Outline:
    """The conversation up to its last answer; one that has no text yet is begun anew from its question."""
    answer, history = messages[-1], messages[:-1]
    if answer.text or answer.reasoning or not history or history[-1].role is not Role.USER:
        last = PromptMessage(Role.ASSISTANT, answer.text, answer.reasoning)
        return Outline(system_prompt, history, last, continues=True, last_id=answer.id)
    question = history[-1]
    return Outline(system_prompt, history[:-1], PromptMessage(Role.USER, question.text), last_id=question.id)
