"""What is asked of a model: the messages as the chat template sees them, and how they are to be completed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.conversation import Role
from app.core.generation import OutputFormat, SamplingParameters

_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message as the chat template sees it; `reasoning` is what an assistant thought before its text."""

    role: Role
    text: str
    reasoning: str = ""

    def after(self, first: "PromptMessage") -> "PromptMessage":
        """This message in the role of `first` and with what that says before it, in paragraphs."""
        reasoning = _GAP.join(part for part in (first.reasoning, self.reasoning) if part)
        return replace(self, role=first.role, text=f"{first.text}{_GAP}{self.text}", reasoning=reasoning)


def turns_joined(messages: Sequence[PromptMessage]) -> tuple[PromptMessage, ...]:
    """The messages with neighbours of one role made one."""
    joined: list[PromptMessage] = []
    for message in messages:
        if joined and joined[-1].role is message.role:
            joined[-1] = message.after(joined[-1])
        else:
            joined.append(message)
    return tuple(joined)


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One completion.

    `thinking` sets the template's own switch, where it has one; None leaves it as the template has it. With
    `continues` the last message is the assistant's and is written on. `shifts_context`: at the end of the context the
    oldest part is forgotten and writing goes on, where the model can do that.
    """

    messages: tuple[PromptMessage, ...]
    sampling: SamplingParameters
    output: OutputFormat = OutputFormat()
    thinking: bool | None = None
    continues: bool = False
    shifts_context: bool = False
