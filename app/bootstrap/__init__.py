"""Joins the real parts into one running application, by their constructors; the only place that names them."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app import __version__, logs
from app.bootstrap.children import ask_machine, machine_command, trial_command, try_model
from app.bootstrap.locked import NOT_KEPT, choose_key, lock_service, open_conversations
from app.bootstrap.opening import (
    Temporary,
    cache_bytes,
    is_first_run,
    may_come_of_states,
    open_machine_or_temporary,
    places_of,
    recover_answers,
    remembered_computer,
    settings_notices,
    tidy_states,
    tokens_of,
)
from app.bootstrap.options import Options
from app.bootstrap.real_parts import (
    make_checker,
    make_downloads,
    make_engine,
    make_hub,
    make_library,
    make_machine_source,
    make_network,
    make_vault,
    read_shape,
)
from app.bootstrap.reporting import report_sources
from app.core.errors import StorageError
from app.core.lock import ProfileKey
from app.core.machine import Machine
from app.core.memory import MemoryPlan
from app.core.offer import OfferedModel
from app.engine.modules import use_own_libraries_only
from app.hub.base import Hub
from app.network import quiet_libraries
from app.paths import Paths, paths_for
from app.portable import NOT_WRITABLE
from app.services.catalog import read_catalog
from app.services.chat import ChatService
from app.services.connections import NetworkService
from app.services.downloads import TERMINAL, WINDOW, DownloadService
from app.services.hub_search import HubSearchService
from app.services.library import LibraryService
from app.services.machines import MachineService
from app.services.model_files import ModelFiles
from app.services.models import ModelService
from app.services.plans import PlanService
from app.services.problem_report import ReportSources
from app.services.prompt_cache import PromptCache
from app.services.remote_models import RemoteModels
from app.services.safe_start import CrashFound, find_crash
from app.services.speed import SpeedService
from app.services.watched_engine import WatchedEngine
from app.storage.conversations import ConversationStore
from app.storage.hub_token import HubTokenStore
from app.storage.model_checks import ModelCheckStore
from app.storage.model_choices import ModelChoiceStore
from app.storage.profile import prepare_profile
from app.storage.run_marker import RunMarker
from app.storage.settings import SettingsStore
from app.storage.speed_reports import SpeedReportStore
from app.storage.state_files import StateFiles
from app.storage.temporary_chats import AllConversations, TemporaryChats
from app.storage.verified import VerifiedFiles

if TYPE_CHECKING:
    from app.ui.services import WindowServices

__all__ = [
    "Application",
    "ModelServices",
    "Options",
    "ask_machine",
    "assemble",
    "assemble_models",
    "assemble_plans",
    "describe_machine",
    "lock_service",
    "machine_command",
    "report_sources",
    "trial_command",
    "try_model",
    "use_own_libraries_only",
    "window_services",
]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Application:
    """The joined parts. `notices` are sentences that the user should read at the start; close() when all is done.

    `crash` is what the last run was doing inside llama.cpp when it ended there: nothing is to be loaded unasked then.
    `is_first_run`: the profile is kept, and nobody has used it yet.
    """

    paths: Paths
    chat: ChatService
    models: ModelService
    plans: PlanService
    downloads: DownloadService
    speed: SpeedService
    library: LibraryService
    model_files: ModelFiles
    conversations: ConversationStore
    settings: SettingsStore
    notices: tuple[str, ...]
    crash: CrashFound | None
    close: Callable[[], None]
    hub: HubSearchService
    tokens: HubTokenStore
    temporary_chats: TemporaryChats
    network: NetworkService
    report: ReportSources
    is_first_run: bool = False


def assemble(options: Options, key: ProfileKey | None = None) -> Application:
    """Join the parts of one running application.

    A profile that cannot be used is no reason to stop: a temporary one takes its place, and a notice says so. `key`
    is that of a locked profile, see lock_service(). Raises ProfileLockedError for such a one without its key; with
    `forgets_chats` none is needed.
    """
    quiet_libraries(os.environ)
    temporary = Temporary()
    kept = paths_for(temporary.folder() if options.temp_profile else options.profile)
    temporary.live_in(kept.temporary)
    paths = paths_for(temporary.folder()) if options.forgets_chats else kept
    notices = [NOT_WRITABLE.format(folder=paths.portable)] if paths.stands_in else []
    vault = make_vault(kept)
    try:
        prepare_profile(paths.profile)
    except StorageError as error:
        notices.append(f"{error.sentence} {NOT_KEPT}")
        paths = kept = paths_for(temporary.folder())
    try:
        chosen = choose_key(vault, key, notices, forgets_chats=options.forgets_chats)
    except StorageError:
        temporary.remove()
        raise
    places = places_of(kept)
    logs.start_logging(paths.log_file, options.debug)
    _log.info("Inglenook %s, profile %s", __version__, paths.profile)
    opened = open_conversations(paths, vault, chosen, temporary, notices)
    opened.database.places = places
    settings = SettingsStore(paths.settings, places=places)
    notices += settings_notices(settings)
    marker = RunMarker(kept.running, places=places)
    tells_crashes = options.tells_crashes and not options.forgets_chats
    crash = find_crash(marker, paths.log_file) if tells_crashes else None
    states = StateFiles(paths.states)
    kept_chats = ConversationStore(opened.database, on_deleted=states.forget, on_shortened=states.outdate)
    temporary_chats = TemporaryChats(kept_chats)
    conversations = AllConversations(kept_chats, temporary_chats.store)
    recover_answers(conversations)
    catalog = read_catalog(paths.catalog, paths.models)
    keeps_states = not temporary.is_used  # what is not kept leaves no trace, and another profile's states stay whole
    machine = open_machine_or_temporary(kept, temporary)
    files = ModelFiles(make_checker(options), VerifiedFiles(machine), ModelCheckStore(machine))
    engine = WatchedEngine(make_engine(options, catalog, files, chosen.key), marker, name_of=catalog.name_of)
    cache = PromptCache(engine, states if keeps_states else None, lambda: cache_bytes(settings))
    if keeps_states:
        tidy_states(states, cache, conversations, anew=opened.set_aside is not None or may_come_of_states(crash))
    engine.before_loss = cache.save
    computer = remembered_computer(kept, machine)
    machines = MachineService(make_machine_source(options), kept.machines, kept.profile, computer)
    reports = SpeedReportStore(machine)

    def in_use() -> MemoryPlan | None:
        return engine.model.memory if engine.model is not None else None

    network = make_network(options, machine, settings)
    tokens = tokens_of(kept)
    hub = make_hub(options, tokens, settings)
    remote = RemoteModels(hub, read_shape)
    plans = PlanService(machines, catalog, files, reports, remote, in_use)
    library = make_library(machine, catalog, files, settings, kept)
    models = ModelService(engine, catalog, files, ModelChoiceStore(machine), plans.planner, library.note_use)
    downloads = make_downloads(hub, machine, settings, kept, WINDOW, lambda: network.is_online)
    downloads.on_done = library.note_download

    def close() -> None:
        temporary_chats.close()
        network.close()
        opened.database.close()
        machine.close()
        logs.stop_logging()
        temporary.remove()

    return Application(
        paths=paths,
        chat=ChatService(engine, models, conversations, settings, cache),
        models=models,
        plans=plans,
        downloads=downloads,
        speed=SpeedService(engine, models, reports, files.shape),
        library=library,
        model_files=files,
        conversations=conversations,
        settings=settings,
        notices=tuple(notices),
        crash=crash,
        close=close,
        hub=HubSearchService(hub, remote, plans),
        tokens=tokens,
        temporary_chats=temporary_chats,
        network=network,
        report=ReportSources(paths.log_file, settings, machines.machine, kept.portable is not None),
        is_first_run=not (temporary.is_used or kept.stands_in) and is_first_run(settings, conversations),
    )


def describe_machine(options: Options) -> tuple[Machine, str]:
    """This computer, and the engine's version; neither a model nor the profile is opened."""
    models = paths_for(options.profile).profile
    if options.fake_engine:
        from app.engine.fake import FakeMachineSource

        return FakeMachineSource().ask(models), "fake"
    from app.engine.machine.query import MachineQuery

    answer = MachineQuery(*machine_command()).answer(models)
    return answer.machine, answer.engine_version


@dataclass(frozen=True, slots=True)
class ModelServices:
    """What the commands work with that find, fetch and keep models."""

    plans: PlanService
    downloads: DownloadService
    library: LibraryService
    offers: tuple[OfferedModel, ...]
    hub: Hub
    network: NetworkService


@contextmanager
def assemble_models(options: Options) -> Iterator[ModelServices]:
    """What finds and fetches models, for a command that asks for nothing else: no conversation or model is opened."""
    quiet_libraries(os.environ)
    temporary = Temporary()
    paths = paths_for(temporary.folder() if options.temp_profile else options.profile)
    temporary.live_in(paths.temporary)
    machine = open_machine_or_temporary(paths, temporary)
    logs.start_logging(paths.log_file, options.debug)
    try:
        files = ModelFiles(make_checker(options), VerifiedFiles(machine), ModelCheckStore(machine))
        computer = remembered_computer(paths, machine)
        machines = MachineService(make_machine_source(options), paths.machines, paths.profile, computer)
        catalog = read_catalog(paths.catalog, paths.models)
        settings = SettingsStore(paths.settings, places=places_of(paths))
        network = make_network(options, machine, settings)
        hub = make_hub(options, tokens_of(paths), settings)
        library = make_library(machine, catalog, files, settings, paths)
        downloads = make_downloads(hub, machine, settings, paths, TERMINAL, lambda: network.is_online)
        downloads.on_done = library.note_download
        plans = PlanService(machines, catalog, files, SpeedReportStore(machine), RemoteModels(hub, read_shape))
        try:
            yield ModelServices(plans, downloads, library, catalog.offers, hub, network)
        finally:
            network.close()
    finally:
        machine.close()
        logs.stop_logging()
        temporary.remove()


@contextmanager
def assemble_plans(options: Options) -> Iterator[PlanService]:
    """What plans, for a command that asks for nothing else."""
    with assemble_models(options) as models:
        yield models.plans


def window_services(application: Application) -> "WindowServices":
    """What the window needs of the application; Qt is imported here, not for the terminal's commands."""
    from app.ui.services import WindowServices

    return WindowServices(
        chat=application.chat,
        models=application.models,
        speed=application.speed,
        conversations=application.conversations,
        settings=application.settings,
        resources=application.paths.resources,
        plans=application.plans,
        library=application.library,
        downloads=application.downloads,
        notices=application.notices,
        crash=application.crash,
        is_first_run=application.is_first_run,
        hub=application.hub,
        tokens=application.tokens,
        temporary_chats=application.temporary_chats,
        network=application.network,
        report=application.report,
        profile=application.paths.profile,
    )
