"""A chat on a real database with a scripted engine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.generation import GenerationEvent
from app.core.prompt import GenerationRequest
from app.engine.fake import FakeEngine, FakeScript
from app.services.chat import ChatService
from app.services.models import ModelService
from app.services.prompt_cache import PromptCache
from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database
from app.storage.settings import SettingsStore
from app.storage.state_files import StateFiles
from tests.included import model_service


@dataclass(frozen=True)
class Parts:
    """What one test works with."""

    engine: FakeEngine
    models: ModelService
    conversations: ConversationStore
    chat: ChatService
    database: Database
    machine: Database
    settings: SettingsStore
    cache: PromptCache
    states: Path


def load_included(parts: Parts) -> None:
    """Load the included model."""
    parts.models.load(None, CancelToken(), lambda _: None)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Parts], list[GenerationRequest]]:
    """A function after which everything that the engine is asked is noted in the list that it returns."""

    def note(parts: Parts) -> list[GenerationRequest]:
        requests: list[GenerationRequest] = []
        generate = parts.engine.generate

        def noting(request: GenerationRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
            requests.append(request)
            return generate(request, cancel)

        monkeypatch.setattr(parts.engine, "generate", noting)
        return requests

    return note


@pytest.fixture
def make_parts(tmp_path: Path, machine: Database) -> Iterator[Callable[[FakeScript], Parts]]:
    opened: list[Database] = []

    def make(script: FakeScript) -> Parts:
        database = open_database(tmp_path / f"conversations-{len(opened)}.db", datetime.now(UTC)).database
        opened.append(database)
        engine = FakeEngine(script)
        models = model_service(engine, machine)
        settings = SettingsStore(tmp_path / f"settings-{len(opened)}.json")
        states = StateFiles(tmp_path / f"states-{len(opened)}")
        conversations = ConversationStore(database, on_deleted=states.forget, on_shortened=states.outdate)
        cache = PromptCache(engine, states, lambda: settings.load().prompt_cache_megabytes * 1_000_000)
        chat = ChatService(engine, models, conversations, settings, cache)
        folder = tmp_path / f"states-{len(opened)}"
        return Parts(engine, models, conversations, chat, database, machine, settings, cache, folder)

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def parts(make_parts: Callable[[FakeScript], Parts]) -> Parts:
    made = make_parts(FakeScript(reply="Paris is the capital of France."))
    load_included(made)
    return made
