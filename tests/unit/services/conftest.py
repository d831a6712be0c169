"""A chat on a real database with a scripted engine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.engine.fake import FakeEngine, FakeScript
from app.services.chat import ChatService
from app.services.models import ModelService
from app.services.prompt_cache import PromptCache
from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database
from app.storage.settings import SettingsStore
from app.storage.state_files import StateFiles
from app.storage.verified import VerifiedFiles
from tests.included import INCLUDED_MODEL, catalog


@dataclass(frozen=True)
class Parts:
    """What one test works with."""

    engine: FakeEngine
    models: ModelService
    conversations: ConversationStore
    chat: ChatService
    database: Database
    settings: SettingsStore
    cache: PromptCache
    states: Path


def load_included(parts: Parts) -> None:
    """Load the included model, its checksum taken as known: only test_models is about working it out."""
    VerifiedFiles(parts.database).remember(INCLUDED_MODEL, catalog().included.sha256)
    parts.models.load(None, CancelToken(), lambda _: None)


@pytest.fixture
def make_parts(tmp_path: Path) -> Iterator[Callable[[FakeScript], Parts]]:
    opened: list[Database] = []

    def make(script: FakeScript) -> Parts:
        database = open_database(tmp_path / f"conversations-{len(opened)}.db", datetime.now(UTC)).database
        opened.append(database)
        engine = FakeEngine(script)
        models = ModelService(engine, catalog(), VerifiedFiles(database))
        settings = SettingsStore(tmp_path / f"settings-{len(opened)}.json")
        states = StateFiles(tmp_path / f"states-{len(opened)}")
        conversations = ConversationStore(database, on_deleted=states.forget)
        cache = PromptCache(engine, states, lambda: settings.load().prompt_cache_megabytes * 1_000_000)
        chat = ChatService(engine, models, conversations, settings, cache)
        folder = tmp_path / f"states-{len(opened)}"
        return Parts(engine, models, conversations, chat, database, settings, cache, folder)

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def parts(make_parts: Callable[[FakeScript], Parts]) -> Parts:
    made = make_parts(FakeScript(reply="Paris is the capital of France."))
    load_included(made)
    return made
