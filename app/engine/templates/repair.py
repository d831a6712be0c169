"""What can be changed in a conversation so that a strict chat template takes it, and the sentence that names it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.core.conversation import Role
from app.core.prompt import PromptMessage, turns_joined

Messages = tuple[PromptMessage, ...]

JOINED = "This model's template wants the roles to take turns: neighbouring messages of one role were joined."
LATER_FOLDED = (
    "This model's template takes a system message only at the beginning: a later one was put before the next message."
)
FOLDED = "This model's template has no system role: the system prompt was put before the first message."
FOLDED_ALONE = "This model's template has no system role: the system prompt was sent as a message of the user."
OPENING_DROPPED = "This model's template wants the user to speak first: the assistant's opening message was left out."
LEFT_OUT = "This model's template leaves earlier messages out: the model does not see all that was said before."


@dataclass(frozen=True, slots=True)
class RepairedMessages:
    """The messages as they may be tried, and what was changed to make them so."""

    messages: Messages
    repairs: tuple[str, ...]


def repaired_variants(messages: Messages) -> Iterator[RepairedMessages]:
    """The messages as they are, then with ever more changed; what leaves messages out comes last."""
    for names in _ORDER:
        changed, sentences = messages, []
        for change in names:
            after, sentence = change(changed)
            if after != changed:
                sentences.append(sentence)
                changed = after
        if len(sentences) == len(names):  # otherwise it is one of the others again
            yield RepairedMessages(changed, tuple(sentences))


def joined(messages: Messages) -> tuple[Messages, str]:
    """Neighbours of one role become one message, in paragraphs."""
    return turns_joined(messages), JOINED


def _folded(messages: Messages) -> tuple[Messages, str]:
    """Every system message goes into the message of the user that follows it, else into the one before it."""
    if all(message.role is not Role.USER for message in messages):
        return tuple(_as_user(m) if m.role is Role.SYSTEM else m for m in messages), FOLDED_ALONE
    out: list[PromptMessage] = []
    waiting: PromptMessage | None = None
    for message in messages:
        if message.role is Role.SYSTEM:
            waiting = message.after(waiting) if waiting else message
        elif message.role is Role.USER and waiting:
            out.append(message.after(_as_user(waiting)))
            waiting = None
        else:
            out.append(message)
    if waiting:
        last = max(index for index, message in enumerate(out) if message.role is Role.USER)
        out[last] = waiting.after(out[last])
    return tuple(out), FOLDED


def _later_folded(messages: Messages) -> tuple[Messages, str]:
    begun = next((index for index, message in enumerate(messages) if message.role is not Role.SYSTEM), len(messages))
    if any(message.role is Role.SYSTEM for message in messages[begun:]):
        return (*messages[:begun], *_folded(messages[begun:])[0]), LATER_FOLDED
    return messages, LATER_FOLDED


def _opening_dropped(messages: Messages) -> tuple[Messages, str]:
    """The assistant's messages before the first of the user are left out."""
    first = next((index for index, message in enumerate(messages) if message.role is Role.USER), 0)
    kept = tuple(message for message in messages[:first] if message.role is not Role.ASSISTANT)
    return (*kept, *messages[first:]), OPENING_DROPPED


def _cut_to_last(messages: Messages) -> tuple[Messages, str]:
    """The system prompt and the last message only."""
    kept = tuple(message for message in messages[:-1] if message.role is Role.SYSTEM)
    return (*kept, *messages[-1:]), LEFT_OUT


_Change = Callable[[Messages], tuple[Messages, str]]
_ORDER: tuple[tuple[_Change, ...], ...] = (
    (),
    (joined,),
    (_later_folded,),
    (_folded,),
    (_later_folded, joined),
    (_folded, joined),
    (_opening_dropped,),
    (_opening_dropped, joined),
    (_later_folded, _opening_dropped),
    (_folded, _opening_dropped),
    (_later_folded, _opening_dropped, joined),
    (_folded, _opening_dropped, joined),
    (_cut_to_last,),
    (_cut_to_last, _folded),
)


def shape_of(messages: Sequence[PromptMessage]) -> tuple[Role, ...]:
    """The order of the roles, in which a pair of turns that repeats stands once: templates judge both alike."""
    roles: list[Role] = []
    for message in messages:
        roles.append(message.role)
        if roles[-2:] == roles[-4:-2] and len(set(roles[-2:])) == 2:
            del roles[-2:]
    return tuple(roles)


def _as_user(message: PromptMessage) -> PromptMessage:
    return replace(message, role=Role.USER)
