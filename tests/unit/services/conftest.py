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
from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database
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


@pytest.fixture
def make_parts(tmp_path: Path, machine: Database) -> Iterator[Callable[[FakeScript], Parts]]:
    opened: list[Database] = []

    def make(script: FakeScript) -> Parts:
        database = open_database(tmp_path / f"conversations-{len(opened)}.db", datetime.now(UTC)).database
        opened.append(database)
        engine = FakeEngine(script)
        models = model_service(engine, machine)
        conversations = ConversationStore(database)
        return Parts(engine, models, conversations, ChatService(engine, models, conversations), database, machine)

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def parts(make_parts: Callable[[FakeScript], Parts]) -> Parts:
    made = make_parts(FakeScript(reply="Paris is the capital of France."))
    made.models.load(None, CancelToken(), lambda _: None)
    return made
