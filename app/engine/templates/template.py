"""How a conversation becomes one prompt: by the model's own chat template, with repairs where that is strict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from app.core.conversation import Role
from app.core.errors import ChatTemplateError
from app.core.model import TemplateSource
from app.core.prompt import PromptMessage
from app.engine.templates.families import find_family, named_source
from app.engine.templates.limits import RenderLimits
from app.engine.templates.markers import find_markers, open_at_end, written_on
from app.engine.templates.program import TemplateProgram
from app.engine.templates.reasoning import ReasoningMarkers
from app.engine.templates.repair import LEFT_OUT, Messages, RepairedMessages, joined, repaired_variants, shape_of
from app.engine.templates.sandbox import TEMPLATE_FAILURES

BROKEN_FILE_TEMPLATE = "The chat template in the model's file is broken: the one of its family was used."

_WORDS_LENGTH = 300


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A prompt's text, the sentences that say what was changed for the template, and how it ends.

    `opens_reasoning`: it ends inside the reasoning. `mid_text`: it ends in the middle of reasoning or answer, which is
    written on.
    """

    text: str
    repairs: tuple[str, ...] = ()
    opens_reasoning: bool = False
    mid_text: bool = False


class PromptTemplate(Protocol):
    """What makes prompts of messages."""

    source: str
    bos_token: str
    eos_token: str
    origin: TemplateSource

    @property
    def has_thinking_switch(self) -> bool:
        """Whether the reasoning can be turned on and off."""

    @property
    def reasoning(self) -> ReasoningMarkers | None:
        """How its models mark reasoning; None when they do not reason."""

    def render(
        self, messages: Sequence[PromptMessage], *, thinking: bool | None = None, continues: bool = False
    ) -> RenderedPrompt:
        """The prompt that ends where the assistant's answer begins, or with `continues` where it was left off.

        Raises ChatTemplateError.
        """


class ChatTemplate:
    """A Jinja template, for one thread. Raises ChatTemplateError when it cannot be compiled.

    `note` is a sentence that stands with the repairs of every prompt.
    """

    def __init__(
        self,
        source: str,
        *,
        bos_token: str,
        eos_token: str,
        origin: TemplateSource = TemplateSource.FILE,
        note: str = "",
        limits: RenderLimits | None = None,
    ) -> None:
        self.source = source
        self.bos_token = bos_token
        self.eos_token = eos_token
        self.origin = origin
        self._program = TemplateProgram(source, bos_token, eos_token, limits or RenderLimits())
        self._reasoning = find_markers(source)
        self._notes = (note,) if note else ()

    @property
    def has_thinking_switch(self) -> bool:
        """See PromptTemplate."""
        return self._program.has_switch

    @property
    def reasoning(self) -> ReasoningMarkers | None:
        """See PromptTemplate; found from what the template's own text names."""
        return self._reasoning

    def render(
        self, messages: Sequence[PromptMessage], *, thinking: bool | None = None, continues: bool = False
    ) -> RenderedPrompt:
        """See PromptTemplate; the error carries the template's own words, when no repair makes it take the messages."""
        before, written, joins = _split(tuple(messages), continues)
        accepted = self._accepted(before)
        text = self._rendered(accepted.messages, thinking)
        opens = self._opens(text, thinking)
        repairs = self._notes + accepted.repairs + joins
        if written is None:
            return RenderedPrompt(text, repairs, opens)
        whole = written_on(self._reasoning, text, opens, written.reasoning, written.text)
        opens = not written.text and (opens or (whole != text and open_at_end(self._reasoning, whole[len(text) :])))
        return RenderedPrompt(whole, repairs, opens, mid_text=bool(written.text or written.reasoning))

    def _accepted(self, messages: Messages) -> RepairedMessages:
        """The variant of the messages with the fewest changes that the template takes whole, or at least in essence."""
        has_system = any(message.role is Role.SYSTEM for message in messages)
        in_essence: RepairedMessages | None = None
        for variant in repaired_variants(messages):
            verdict = self._program.verdict(shape_of(variant.messages))
            if verdict.takes_all:
                return in_essence if in_essence and LEFT_OUT in variant.repairs else variant
            keeps_system = not has_system or any(message.role is Role.SYSTEM for message in variant.messages)
            if verdict.takes_request and keeps_system and in_essence is None:
                in_essence = replace(variant, repairs=(*variant.repairs, LEFT_OUT))
        return in_essence or RepairedMessages(messages, ())

    def _rendered(self, messages: Messages, thinking: bool | None) -> str:
        try:
            text = self._program.run(messages, self._program.switches(thinking))
        except TEMPLATE_FAILURES as error:
            words = " ".join(str(error).split())[:_WORDS_LENGTH] or type(error).__name__
            raise ChatTemplateError(
                f"The model's chat template refuses this conversation: {words}", repr(error)
            ) from error
        last = next((m.text.strip() for m in reversed(messages) if m.role is Role.USER), "")
        if last not in text and not self._program.verdict(shape_of(messages)).takes_request:
            raise ChatTemplateError("The model's chat template leaves your message out; choose another model.")
        return text

    def _opens(self, text: str, thinking: bool | None) -> bool:
        """Whether the end of the prompt, which the template wrote after the last message, is inside the reasoning."""
        if self._reasoning is None or self._reasoning.harmony:
            return False
        ending = self._program.ending(thinking)
        if ending and text.endswith(ending):
            return open_at_end(self._reasoning, ending)
        return text.rstrip().endswith(self._reasoning.openings)  # it ends otherwise because of what the messages say


class PlainCompletion:
    """For a base model, which knows no roles: the messages' texts, one after the other, and the model writes on."""

    source = ""
    origin = TemplateSource.NONE
    has_thinking_switch = False
    reasoning: ReasoningMarkers | None = None

    def __init__(self, *, bos_token: str, eos_token: str) -> None:
        self.bos_token = bos_token
        self.eos_token = eos_token

    def render(
        self, messages: Sequence[PromptMessage], *, thinking: bool | None = None, continues: bool = False
    ) -> RenderedPrompt:
        """See PromptTemplate. What the model wrote follows its beginning; every other text starts a paragraph."""
        del thinking  # a base model has no such switch
        text = ""
        for message in messages:
            apart = text and message.role is not Role.ASSISTANT and not text.endswith("\n")
            text += ("\n\n" if apart else "") + message.text
        return RenderedPrompt(text, mid_text=continues)


def template_for(
    *,
    override: str | None,
    file_template: str,
    architecture: str,
    model_name: str,
    bos_token: str,
    eos_token: str,
    vocabulary_has: Callable[[str], bool],
) -> ChatTemplate | PlainCompletion:
    """The catalogue's template, else the file's, else the family's, else none: a base model completes plainly.

    `vocabulary_has`: whether a text is one token. Raises ChatTemplateError when the catalogue's or the file's template
    is broken and the family is not known.
    """

    def compiled(source: str, origin: TemplateSource, note: str = "") -> ChatTemplate:
        return ChatTemplate(source, bos_token=bos_token, eos_token=eos_token, origin=origin, note=note)

    if override:
        return compiled(override, TemplateSource.CATALOGUE)
    family = find_family(architecture, model_name, vocabulary_has)
    if file_template.strip():
        try:
            return compiled(named_source(file_template) or file_template, TemplateSource.FILE)
        except ChatTemplateError:
            if family is None:
                raise
            return compiled(family.source, TemplateSource.ARCHITECTURE, BROKEN_FILE_TEMPLATE)
    if family is not None:
        return compiled(family.source, TemplateSource.ARCHITECTURE)
    return PlainCompletion(bos_token=bos_token, eos_token=eos_token)


def _split(messages: Messages, continues: bool) -> tuple[Messages, PromptMessage | None, tuple[str, ...]]:
    """The messages before the one that is written on, that one (None without), and what was done to part them."""
    first = len(messages)
    while continues and first and messages[first - 1].role is Role.ASSISTANT:
        first -= 1
    if first == len(messages):
        return messages, None, ()
    (written,), sentence = joined(messages[first:])
    return messages[:first], written, (sentence,) if first < len(messages) - 1 else ()
