"""Long conversations in the real application, and the time to the first token of another turn in them."""

import builtins
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.bootstrap import Application, Options, assemble
from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.generation import Chunk
from app.core.prompt import PromptMessage
from app.engine import state_sidecar
from app.engine.context import Context
from app.engine.instance import ModelInstance
from app.engine.llama import LlamaEngine
from app.engine.sampler import Sampler
from app.paths import paths_for
from app.services.context_plan import Outline, prompt_messages
from app.services.events import ReplyFinished
from app.services.prompt_cache import PromptCache
from app.storage.conversations import ConversationStore
from app.storage.run_marker import RunMarker
from app.storage.settings import SettingsStore
from app.storage.state_files import StateFiles
from tests.benchmarks.parts import Parts, Watched
from tests.benchmarks.plain_llama import instance_of

TURNS = 9
ANSWER_TOKENS = 8
NEW_TOKENS = "llama.cpp reads tokens"
_STORE = ("get", "messages", "message", "create", "add_message", "journal", "finish")
_QUESTION_SHARE = 5  # a question has a fifth of its turn's words
_WATCHED: list[Watched] = [
    *((ConversationStore, name, "conversations' database") for name in _STORE),
    (SettingsStore, "load", "settings' file"),
    (ModelInstance, "prompt", "template and tokenizer"),
    (Context, "keep_prefix", "comparing with the cache"),
    (Context, "_decode", NEW_TOKENS),
    (Sampler, "sample", "first token drawn"),
    (PromptCache, "save", "saving the other's state: the rest"),
    (Context, "write_state", "saving the other's state: llama.cpp writes"),
    (state_sidecar, "_measured", "checksums"),
    (state_sidecar, "verified", "restoring the state: the rest"),
    (Context, "read_state", "restoring the state: llama.cpp reads"),
    *((StateFiles, name, "state files found and tidied") for name in ("find", "place", "has_room", "keep_within")),
    *((RunMarker, name, "note for the case of a crash") for name in ("begin", "end")),
    (builtins, "__import__", "Python modules"),
]
_TEXT = paths_for(Path("unused")).resources / "licences" / "Apache-2.0.txt"


@dataclass(frozen=True, slots=True)
class Turn:
    """One more turn: milliseconds from sending to the first piece of the answer, in all and by what took them."""

    milliseconds: float
    prompt_tokens: int
    reused_tokens: int
    parts: dict[str, float]


class LongChat:
    """The application on a profile, without its window; the included model is loaded."""

    def __init__(self, profile: Path) -> None:
        self.application: Application = assemble(Options(profile=profile))
        self.application.models.load(None, CancelToken(), lambda _: None)
        engine = self.application.chat._engine._engine  # type: ignore[attr-defined]  # behind the one that is watched
        assert isinstance(engine, LlamaEngine)
        self.instance: ModelInstance = instance_of(engine)
        self.parts = Parts()
        self.parts.watch(_WATCHED)

    def close(self) -> None:
        """End as the window does: the state of the last conversation is saved."""
        self.application.models.unload()
        self.application.close()

    def add_conversation(self, tokens: int, offset: int, turns: int = TURNS) -> int:
        """Store a conversation of about `tokens` tokens, with the words from `offset` on; its id."""
        words = tokens
        for _ in range(3):  # how many words make so many tokens is found by counting
            pieces = list(_pieces(words, offset, turns))
            messages = [PromptMessage(role, text) for role, text in pieces]
            counted = len(self.instance.prompt(messages, None, continues=False)[1])
            words = words * tokens // counted
        store = self.application.conversations
        made = store.create("A long chat").id
        for role, text in pieces:
            store.add_message(made, role, text)
        return made

    def send(self, conversation_id: int, question: str) -> Turn:
        """Send a message and read the answer to its end; what it took to the answer's first piece."""
        model = self.application.models.current
        assert model is not None
        sampling = replace(model.sampling, max_tokens=ANSWER_TOKENS, seed=1)
        self.parts.restart()
        taken, parts = 0.0, {}
        started = time.perf_counter()
        for event in self.application.chat.send(
            question, CancelToken(), conversation_id=conversation_id, sampling=sampling
        ):
            if isinstance(event, Chunk) and not taken:
                taken, parts = (time.perf_counter() - started) * 1000, self.parts.milliseconds
            if isinstance(event, ReplyFinished):
                figures = event.message.statistics
        assert figures is not None
        parts["the rest"] = taken - sum(parts.values())
        return Turn(taken, figures.prompt_tokens, figures.reused_tokens, parts)

    def take_back(self, conversation_id: int, messages: int = 2) -> None:
        """Delete the newest messages, so that the next turn has as long a history."""
        last = self.application.conversations.messages(conversation_id)[-messages:]
        with self.application.conversations._stored.transaction() as connection:
            connection.executemany("DELETE FROM messages WHERE id = ?", [(message.id,) for message in last])

    def prompt_with(self, conversation_id: int, question: str) -> list[int]:
        """The tokens of the prompt that send() will make; they are not remembered for it."""
        history = self.application.conversations.messages(conversation_id)
        messages = prompt_messages(Outline("", history, PromptMessage(Role.USER, question)), 0)
        tokens = self.instance.prompt(messages, None, continues=False)[1]
        self.instance.prompt([PromptMessage(Role.USER, "Something else.")], None, continues=False)
        return tokens

    def forget_states(self) -> None:
        """Delete every saved state and empty the cache: the next turn reads everything anew."""
        for file in self.application.paths.states.iterdir():
            file.unlink()
        self.instance.live.clear()


def question(number: int) -> str:
    """A new question, which differs from the others in its first words."""
    return (
        f"{number} more things to ask: what does that mean for somebody who writes a small program at home and gives "
        "it to friends? Please answer in a few words."
    )


def _pieces(words: int, offset: int, turns: int) -> Iterator[tuple[Role, str]]:
    text = _TEXT.read_text(encoding="utf-8").split()[offset:]
    per_turn = words // turns
    for start in range(0, per_turn * turns, per_turn):
        turn = text[start : start + per_turn]
        asked = per_turn // _QUESTION_SHARE
        yield Role.USER, " ".join(turn[:asked])
        yield Role.ASSISTANT, " ".join(turn[asked:])
