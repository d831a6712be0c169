"""One compiled chat template, what a trial run of it shows, and the variables that it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jinja2 import nodes

from app.core.conversation import Role
from app.core.errors import ChatTemplateError
from app.core.prompt import PromptMessage
from app.engine.templates.limits import RenderLimits
from app.engine.templates.sandbox import TEMPLATE_FAILURES, GuardedEnvironment

_ON_OFF = {"enable_thinking", "thinking", "enable_reasoning", "reasoning"}  # templates read one of these names
_BUDGET = "thinking_budget"
_EFFORT = "reasoning_effort"

Switches = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a template makes of messages in some order: refused, or the roles of which it loses a message."""

    refused: bool = False
    lost: frozenset[Role] = frozenset()
    loses_last: bool = False

    @property
    def takes_request(self) -> bool:
        """Whether at least the system prompt and the last message get through."""
        return not self.refused and not self.loses_last and Role.SYSTEM not in self.lost

    @property
    def takes_all(self) -> bool:
        """Whether everything gets through."""
        return not self.refused and not self.lost


class TemplateProgram:
    """Compiles once, runs for every prompt, on one thread. Raises ChatTemplateError when it cannot be compiled.

    An earlier turn's reasoning is given as `reasoning_content` and `thinking`, the two names that templates read; what
    becomes of it is the template's decision, and one that reads neither leaves it out.
    """

    def __init__(self, source: str, bos_token: str, eos_token: str, limits: RenderLimits) -> None:
        self._is_harmony = "<|channel|>" in source
        self._tokens = {"bos_token": bos_token, "eos_token": eos_token}
        self._environment = GuardedEnvironment(limits)
        try:
            self._template = self._environment.compiled(source)
            self._reads = frozenset(n.name for n in self._environment.parse(source).find_all(nodes.Name))
        except TEMPLATE_FAILURES as error:
            raise ChatTemplateError(
                "The model's chat template is broken; choose another model.", repr(error)
            ) from error
        self._verdicts: dict[tuple[Role, ...], Verdict] = {}
        self._endings: dict[bool | None, str] = {}
        self._in_parts = False
        if not self.verdict((Role.USER,)).takes_all:  # templates for pictures read the content as a list of parts
            self._verdicts.clear()
            self._in_parts = True
            if not self.verdict((Role.USER,)).takes_all:
                self._verdicts.clear()
                self._in_parts = False

    def run(self, messages: Sequence[PromptMessage], switches: Switches) -> str:
        """The prompt; raises one of TEMPLATE_FAILURES."""
        self._environment.meter.begin()
        return self._template.render(
            messages=[self._as_read(message) for message in messages],
            add_generation_prompt=True,
            tools=None,
            **self._tokens,
            **switches,
        )

    def verdict(self, roles: tuple[Role, ...]) -> Verdict:
        """What the template makes of messages in this order, tried with texts that cannot occur otherwise; cached."""
        if roles not in self._verdicts:
            probe = _probe(*roles)
            try:
                text = self.run(probe, {}).lower()
            except TEMPLATE_FAILURES:
                self._verdicts[roles] = Verdict(refused=True)
            else:
                lost = frozenset(message.role for message in probe if message.text not in text)
                self._verdicts[roles] = Verdict(False, lost, bool(probe) and probe[-1].text not in text)
        return self._verdicts[roles]

    def ending(self, thinking: bool | None) -> str:
        """What follows the last message of the user in a prompt; empty when that cannot be told. Cached."""
        if thinking not in self._endings:
            (question,) = probe = _probe(Role.USER)
            try:
                text = self.run(probe, self.switches(thinking))
            except TEMPLATE_FAILURES:
                text = ""
            self._endings[thinking] = text.rpartition(question.text)[2] if question.text in text else ""
        return self._endings[thinking]

    def switches(self, thinking: bool | None) -> Switches:
        """The variables that turn the reasoning on or off, as far as the template reads them; none for None."""
        return {} if thinking is None else self._on if thinking else self._off

    @cached_property
    def has_switch(self) -> bool:
        """Whether these variables make a difference."""
        for roles in ((Role.SYSTEM, Role.USER), (Role.USER,)):
            try:
                return self.run(_probe(*roles), self._on) != self.run(_probe(*roles), self._off)
            except TEMPLATE_FAILURES:
                continue
        return False

    @cached_property
    def _on(self) -> Switches:
        return self._plain_switches(True) | self._effort("high", "medium")

    @cached_property
    def _off(self) -> Switches:
        budget = {_BUDGET: 0} if _BUDGET in self._reads else {}
        # gpt-oss has no way to go without reasoning: its template would write any word, but only knows these.
        efforts = ("low",) if self._is_harmony else ("none", "low")
        return self._plain_switches(False) | budget | self._effort(*efforts)

    def _plain_switches(self, on: bool) -> dict[str, object]:
        return dict.fromkeys(sorted(_ON_OFF & self._reads), on)

    def _effort(self, *efforts: str) -> dict[str, object]:
        """The first effort that the template does not refuse."""
        if _EFFORT not in self._reads:
            return {}
        for effort in efforts:
            try:
                self.run(_probe(Role.USER), {_EFFORT: effort})
            except TEMPLATE_FAILURES:
                continue
            return {_EFFORT: effort}
        return {}

    def _as_read(self, message: PromptMessage) -> dict[str, object]:
        content = [{"type": "text", "text": message.text}] if self._in_parts else message.text
        plain: dict[str, object] = {"role": message.role.value, "content": content}
        if message.reasoning:
            plain |= {"reasoning_content": message.reasoning, "thinking": message.reasoning}
        return plain


def _probe(*roles: Role) -> tuple[PromptMessage, ...]:
    return tuple(PromptMessage(role, f"qzx{index}xzq") for index, role in enumerate(roles))
