"""Windows on a profile of their own, with an engine that does what a test's script says."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.engine.fake import FakeEngine, FakeScript
from app.paths import paths_for
from app.services.chat import ChatService
from app.services.connections import NetworkService
from app.services.downloads import DownloadService
from app.services.hub_search import HubSearchService
from app.services.plans import PlanService
from app.services.problem_report import ReportSources
from app.services.safe_start import CrashFound
from app.services.speed import SpeedService
from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database
from app.storage.drafts import DraftStore
from app.storage.hub_token import HubTokenStore
from app.storage.settings import SettingsStore
from app.storage.speed_reports import SpeedReportStore
from app.storage.temporary_chats import TemporaryChats, temporary_database
from app.ui.app import destroy
from app.ui.services import WindowServices
from app.ui.theme import Appearance
from app.ui.window import MainWindow
from tests.included import model_service
from tests.ui.driving import OpenWindow, a_moment
from tests.ui.library.fake_downloads import FakeDownloads
from tests.ui.library.fake_library import FakeLibrary
from tests.ui.library.fake_plans import FakePlans

RESOURCES = paths_for(Path("unused")).resources


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Forgive a remark that the offscreen platform makes of every window whose size is bounded."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints"))


@pytest.fixture
def appearance(qapp: object, qtbot: QtBot) -> Appearance:
    """The light theme on the application of the tests."""
    from PySide6.QtWidgets import QApplication

    from app.core.settings import Theme

    assert isinstance(qapp, QApplication)
    return Appearance(qapp, RESOURCES, Theme.LIGHT)


@pytest.fixture
def database(profile: Path) -> Iterator[Database]:
    opened = open_database(profile / "conversations.db", a_moment()).database
    yield opened
    opened.close()


@pytest.fixture
def open_window(
    qtbot: QtBot, profile: Path, database: Database, machine: Database
) -> Iterator[Callable[..., OpenWindow]]:
    """A function that opens a window; every one is shut down at the end. Open them one after the other."""
    opened: list[OpenWindow] = []

    def open_one(
        script: FakeScript | None = None,
        notices: tuple[str, ...] = (),
        engine: FakeEngine | None = None,
        crash: CrashFound | None = None,
        plans: PlanService | None = None,
        library: FakeLibrary | None = None,
        downloads: DownloadService | None = None,
        hub: HubSearchService | None = None,
        tokens: HubTokenStore | None = None,
        report: ReportSources | None = None,
        is_first_run: bool = False,
        network: NetworkService | None = None,
        given_model: Path | None = None,
    ) -> OpenWindow:
        engine = engine or FakeEngine(script)
        memory = temporary_database()
        conversations = ConversationStore(database, temporary=memory)
        library = library or FakeLibrary()
        planner = plans.planner if plans is not None else None
        models = model_service(engine, machine, planner=planner, on_loaded=library.note_use)
        settings = SettingsStore(profile / "settings.json")
        library.settings = settings
        services = WindowServices(
            chat=ChatService(engine, models, conversations),
            models=models,
            speed=SpeedService(engine, models, SpeedReportStore(machine)),
            conversations=conversations,
            settings=settings,
            resources=RESOURCES,
            plans=plans or FakePlans(),
            library=library,
            downloads=downloads or FakeDownloads(),
            notices=notices,
            crash=crash,
            is_first_run=is_first_run,
            hub=hub,
            tokens=tokens,
            temporary_chats=TemporaryChats(memory, conversations),
            drafts=DraftStore(database),
            network=network,
            given_model=given_model,
            report=report,
        )
        window = MainWindow(services)
        opened.append(OpenWindow(qtbot, window, services, engine))
        window.show()
        return opened[-1]

    yield open_one
    for one in opened:
        assert one.window.shutdown()
        one.window.replies.forget_unsaved()
        one.window.close()
        destroy(one.window)
        if one.services.temporary_chats is not None:
            one.services.temporary_chats.close()
