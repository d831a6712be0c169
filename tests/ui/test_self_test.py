"""The self-test itself: what it reports when all is well, and when it is not."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.conversation import Draft
from app.core.network import Connection, Purpose, Rule
from app.engine.fake import FakeEngine, FakeScript
from app.network.gate import Gate
from app.services.chat import ChatService
from app.services.connections import NetworkService
from app.services.speed import SpeedService
from app.storage.connections import ConnectionStore
from app.storage.conversations import ConversationStore
from app.storage.database import Database
from app.storage.drafts import DraftStore
from app.storage.settings import SettingsStore
from app.storage.speed_reports import SpeedReportStore
from app.ui.self_test import run_self_test
from app.ui.services import WindowServices
from tests.included import model_service
from tests.ui.conftest import RESOURCES
from tests.ui.library.fake_downloads import FakeDownloads
from tests.ui.library.fake_library import FakeLibrary
from tests.ui.library.fake_plans import FakePlans


@pytest.fixture
def make_services(
    database: Database, machine: Database, profile: Path, qtbot: QtBot
) -> Callable[[FakeScript], WindowServices]:
    def make(script: FakeScript) -> WindowServices:
        engine = FakeEngine(script)
        store = ConversationStore(database)
        models = model_service(engine, machine)
        chat = ChatService(engine, models, store)
        speed = SpeedService(engine, models, SpeedReportStore(machine))
        settings = SettingsStore(profile / "settings.json")
        return WindowServices(
            chat,
            models,
            speed,
            store,
            settings,
            RESOURCES,
            FakePlans(),
            FakeLibrary(),
            FakeDownloads(),
            network=NetworkService(Gate(), ConnectionStore(machine), settings),
        )

    return make


def test_a_working_window_is_reported_with_its_figures(
    make_services: Callable[[FakeScript], WindowServices],
) -> None:
    script = FakeScript(reply="Paris " * 79 + "Paris", token_seconds=0.01)
    report = run_self_test(lambda: make_services(script), None)
    assert report.failures == ()
    assert report.ok
    assert report.model == "SmolLM2 135M"
    assert report.tokens == 80
    assert 5 < report.tokens_per_second < 100
    assert report.time_to_first_token_ms >= 10
    assert report.first_paint_ms > 0
    assert 20 < report.peak_rss_mb < 4000
    assert report.screenshots == ()
    keys = json.loads(json.dumps(asdict(report)))
    assert set(keys) >= {"ok", "model", "tokens", "first_paint_ms", "peak_rss_mb", "screenshots", "failures"}


def test_a_model_that_does_not_load_is_a_failure_in_its_own_words(
    make_services: Callable[[FakeScript], WindowServices],
) -> None:
    report = run_self_test(lambda: make_services(FakeScript(load_error="No room for this model.")), None)
    assert not report.ok
    assert report.failures == ("No room for this model.",)
    assert report.tokens == 0


def test_an_answer_that_breaks_off_is_a_failure(make_services: Callable[[FakeScript], WindowServices]) -> None:
    report = run_self_test(lambda: make_services(FakeScript(reply="one two three", error_after_tokens=1)), None)
    assert not report.ok
    assert "The engine failed in mid-answer, as its script says." in report.failures
    assert "A stored message is not complete." in report.failures


def test_an_answer_that_never_ends_is_a_failure_and_not_a_wait(
    make_services: Callable[[FakeScript], WindowServices], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.self_test.ANSWER_SECONDS", 0.5)
    report = run_self_test(lambda: make_services(FakeScript(reply="word " * 3000, token_seconds=0.01)), None)
    assert any("not complete within" in failure for failure in report.failures)


def test_notices_at_the_start_are_reported(make_services: Callable[[FakeScript], WindowServices]) -> None:
    services = replace(make_services(FakeScript(reply="Paris.")), notices=("The database was set aside.",))
    report = run_self_test(lambda: services, None)
    assert "The database was set aside." in report.failures


def test_what_reaches_the_gate_is_a_failure_and_what_reached_it_in_earlier_runs_is_none(
    make_services: Callable[[FakeScript], WindowServices], machine: Database
) -> None:
    log = ConnectionStore(machine)
    log.keep((Connection("1", 1.7e9, "hub.example", Purpose.SEARCH, "models search", Rule.OFFLINE),))
    assert run_self_test(lambda: make_services(FakeScript(reply="Paris.")), None).failures == ()
    log.keep((Connection("2", time.time(), "elsewhere.example", Purpose.UNKNOWN, "", Rule.UNASKED),))
    (failure,) = run_self_test(lambda: make_services(FakeScript(reply="Paris.")), None).failures
    assert "elsewhere.example" in failure


def test_what_the_user_has_written_and_not_sent_stays_as_it_is(
    make_services: Callable[[FakeScript], WindowServices], database: Database
) -> None:
    drafts = DraftStore(database)
    drafts.save(None, Draft("Not sent yet"))
    services = replace(make_services(FakeScript(reply="Paris.")), drafts=drafts)
    assert run_self_test(lambda: services, None).failures == ()
    assert drafts.get(None).text == "Not sent yet"
