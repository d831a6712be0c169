"""What is asked of a model: the messages as the chat template sees them, and how they are to be completed."""

from dataclasses import dataclass

from app.core.conversation import Role
from app.core.generation import OutputFormat, SamplingParameters


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message as the chat template sees it; `reasoning` is what an assistant thought before its text."""

    role: Role
    text: str
    reasoning: str = ""


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
