"""The whole path on the included model: the window asks it, and it names Paris."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services.chat import ChatService
from app.services.speed import SpeedService
from app.storage.conversations import ConversationStore
from app.storage.database import Database
from app.storage.settings import SettingsStore
from app.storage.speed_reports import SpeedReportStore
from app.ui.self_test import QUESTION, run_self_test
from app.ui.services import WindowServices
from tests.included import INCLUDED_MODEL, model_service
from tests.ui.conftest import RESOURCES
from tests.ui.library.fake_downloads import FakeDownloads
from tests.ui.library.fake_library import FakeLibrary
from tests.ui.library.fake_plans import FakePlans

pytestmark = pytest.mark.real_model


@pytest.fixture
def services(database: Database, machine: Database, profile: Path, qtbot: QtBot) -> Iterator[WindowServices]:
    from app.engine.llama import LlamaEngine

    engine = LlamaEngine()
    store = ConversationStore(database)
    models = model_service(engine, machine)
    chat = ChatService(engine, models, store)
    speed = SpeedService(engine, models, SpeedReportStore(machine))
    yield WindowServices(
        chat,
        models,
        speed,
        store,
        SettingsStore(profile / "settings.json"),
        RESOURCES,
        FakePlans(),
        FakeLibrary(),
        FakeDownloads(),
    )
    assert models.current is None, "the window has given the model back"


def test_the_included_model_answers_in_the_window(services: WindowServices) -> None:
    assert INCLUDED_MODEL.is_file(), "set-up puts the included model there"
    report = run_self_test(lambda: services, None)
    assert report.failures == ()
    assert report.model == "SmolLM2 135M"
    assert report.tokens > 1
    assert report.tokens_per_second > 0
    question, answer = services.conversations.messages(services.conversations.list()[0].id)
    assert question.text == QUESTION
    assert "Paris" in answer.text
