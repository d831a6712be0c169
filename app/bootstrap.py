"""Names the real parts and joins them; the only place that chooses between them."""

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app import __version__, logs, network
from app.core.errors import StorageError
from app.core.machine import Machine
from app.core.memory import MemoryPlan
from app.core.offer import OfferedModel
from app.core.settings import Settings
from app.core.shape import ModelShape
from app.engine.base import Engine, MachineSource, ModelChecker
from app.hub.base import Hub, ReadRange
from app.paths import Paths, paths_for
from app.services.catalog import Catalog, read_catalog
from app.services.chat import ChatService
from app.services.downloads import TERMINAL, WINDOW, DownloadService
from app.services.hub_search import HubSearchService
from app.services.library import LibraryService
from app.services.library_facts import LibraryFacts
from app.services.library_folders import LibraryFolders, LibraryPlaces
from app.services.machines import MachineService
from app.services.model_files import ModelFiles
from app.services.models import ModelService
from app.services.plans import PlanService
from app.services.prompt_cache import PromptCache
from app.services.remote_models import RemoteModels
from app.services.safe_start import CrashFound, find_crash
from app.services.speed import SpeedService
from app.services.watched_engine import WatchedEngine
from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database
from app.storage.download_disk import DownloadDisk
from app.storage.downloads import DownloadStore
from app.storage.hub_token import HubTokenStore
from app.storage.library import LibraryIndex
from app.storage.machine import open_machine
from app.storage.model_checks import ModelCheckStore
from app.storage.model_choices import ModelChoiceStore
from app.storage.other_apps.locations import app_locations
from app.storage.profile import prepare_profile
from app.storage.run_marker import RunMarker
from app.storage.settings import SettingsStore
from app.storage.speed_reports import SpeedReportStore
from app.storage.state_files import StateFiles
from app.storage.this_computer import ThisComputerStore
from app.storage.verified import VerifiedFiles

if TYPE_CHECKING:
    from app.ui.services import WindowServices

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line chose for the whole application. `profile` None is the user's own.

    With `forgets_chats` conversations, settings and log are in a temporary profile, and only what is learnt about model
    files and this computer is kept in the profile. `tells_crashes`: whoever asks tells the user how the last run ended;
    else that is left for the next start that does.
    """

    profile: Path | None = None
    temp_profile: bool = False
    fake_engine: bool = False
    debug: bool = False
    forgets_chats: bool = False
    tells_crashes: bool = True


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
    is_first_run: bool = False


def assemble(options: Options) -> Application:
    """Join the parts of one running application.

    A profile that cannot be used is no reason to stop: a temporary one takes its place, and a notice says so.
    """
    network.quiet_libraries(os.environ)
    temporary = _Temporary()
    kept = paths_for(temporary.folder() if options.temp_profile else options.profile)
    paths = paths_for(temporary.folder()) if options.forgets_chats else kept
    notices: list[str] = []
    try:
        prepare_profile(paths.profile)
    except StorageError as error:
        notices.append(f"{error.sentence} {_NOT_KEPT}")
        paths = kept = paths_for(temporary.folder())
    logs.start_logging(paths.log_file, options.debug)
    _log.info("Inglenook %s, profile %s", __version__, paths.profile)
    try:
        opened = open_database(paths.database, datetime.now().astimezone())
    except StorageError as error:
        _log.error("the conversations cannot be opened: %s (%s)", error.sentence, error.detail)
        notices.append(f"{error.sentence} {_NOT_KEPT}")
        opened = open_database(temporary.folder() / paths.database.name, datetime.now().astimezone())
    if opened.set_aside is not None:
        notices.append(
            "The file of your conversations was damaged. "
            f"It was set aside as {opened.set_aside}, and a new one was begun."
        )
    settings = SettingsStore(paths.settings)
    notices += _settings_notices(settings)
    marker = RunMarker(kept.running)
    tells_crashes = options.tells_crashes and not options.forgets_chats
    crash = find_crash(marker, paths.log_file) if tells_crashes else None
    states = StateFiles(paths.states)
    conversations = ConversationStore(opened.database, on_deleted=states.forget, on_shortened=states.outdate)
    _recover(conversations)
    catalog = read_catalog(paths.catalog, paths.models)
    engine = WatchedEngine(_make_engine(options, catalog), marker, name_of=catalog.name_of)
    keeps_states = not temporary.is_used  # what is not kept leaves no trace, and another profile's states stay whole
    cache = PromptCache(engine, states if keeps_states else None, lambda: _cache_bytes(settings))
    if keeps_states:
        _tidy_states(states, cache, conversations, anew=opened.set_aside is not None or _may_come_of_states(crash))
    engine.before_loss = cache.save
    machine = _open_machine(kept, temporary)
    files = ModelFiles(_make_checker(options), VerifiedFiles(machine), ModelCheckStore(machine))
    machines = MachineService(_make_machine_source(options), kept.machines, kept.profile, ThisComputerStore(machine))
    reports = SpeedReportStore(machine)

    def in_use() -> MemoryPlan | None:
        return engine.model.memory if engine.model is not None else None

    tokens = HubTokenStore()
    hub = _make_hub(options, tokens, settings)
    remote = RemoteModels(hub, _read_shape)
    plans = PlanService(machines, catalog, files, reports, remote, in_use)
    library = _library(machine, catalog, files, settings, kept)
    models = ModelService(engine, catalog, files, ModelChoiceStore(machine), plans.planner, library.note_use)
    downloads = _make_downloads(hub, machine, settings, kept, WINDOW)
    downloads.on_done = library.note_download

    def close() -> None:
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
        is_first_run=not temporary.is_used and _is_first_run(settings, conversations),
    )


def try_model(request: str) -> None:
    """Be the process in which a model file is tried; see app.engine.guards.trial_child."""
    from app.engine.guards.trial_child import main

    main(request)


def ask_machine(request: str) -> None:
    """Be the process in which this computer is asked what it is; see app.engine.machine.query_child."""
    from app.engine.machine.query_child import main

    main(request)


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


@contextmanager
def assemble_models(options: Options) -> Iterator[ModelServices]:
    """What finds and fetches models, for a command that asks for nothing else: no conversation or model is opened."""
    network.quiet_libraries(os.environ)
    temporary = _Temporary()
    paths = paths_for(temporary.folder() if options.temp_profile else options.profile)
    machine = _open_machine(paths, temporary)
    logs.start_logging(paths.log_file, options.debug)
    try:
        files = ModelFiles(_make_checker(options), VerifiedFiles(machine), ModelCheckStore(machine))
        machines = MachineService(
            _make_machine_source(options), paths.machines, paths.profile, ThisComputerStore(machine)
        )
        catalog = read_catalog(paths.catalog, paths.models)
        settings = SettingsStore(paths.settings)
        hub = _make_hub(options, HubTokenStore(), settings)
        library = _library(machine, catalog, files, settings, paths)
        downloads = _make_downloads(hub, machine, settings, paths, TERMINAL)
        downloads.on_done = library.note_download
        plans = PlanService(machines, catalog, files, SpeedReportStore(machine), RemoteModels(hub, _read_shape))
        yield ModelServices(plans, downloads, library, catalog.offers, hub)
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
    )


_NOT_KEPT = "Inglenook works on, but this session's conversations will not be kept."


class _Temporary:
    """Temporary folders, made when asked for and removed together."""

    def __init__(self) -> None:
        self._folders: list[tempfile.TemporaryDirectory[str]] = []

    @property
    def is_used(self) -> bool:
        """Whether anything lies in one of them."""
        return bool(self._folders)

    def folder(self) -> Path:
        """A new empty folder."""
        made = tempfile.TemporaryDirectory(prefix="inglenook-", ignore_cleanup_errors=True)
        self._folders.append(made)
        return Path(made.name)

    def remove(self) -> None:
        """Remove them all with what is in them."""
        for folder in self._folders:
            folder.cleanup()


def _open_machine(paths: Paths, temporary: _Temporary) -> Database:
    """What was learnt about model files; when it cannot be opened it is learnt anew, and nobody has to be told."""
    now = datetime.now().astimezone()
    try:
        prepare_profile(paths.profile)
        opened = open_machine(paths.machine, now)
    except StorageError as error:
        _log.warning("what is known of model files cannot be opened: %s (%s)", error.sentence, error.detail)
        opened = open_machine(temporary.folder() / paths.machine.name, now)
    if opened.set_aside is not None:
        _log.warning("what was known of model files was damaged and is set aside as %s", opened.set_aside)
    return opened.database


def _settings_notices(settings: SettingsStore) -> list[str]:
    """What the user should know of a settings file that could not be read."""
    try:
        settings.load()
    except StorageError as error:
        return [error.sentence]
    if settings.set_aside is None:
        return []
    return [
        f"The file of your settings was damaged. It was set aside as {settings.set_aside}; the defaults are in use."
    ]


def _recover(conversations: ConversationStore) -> None:
    try:
        recovered = conversations.recover_interrupted()
    except StorageError as error:
        _log.error("interrupted answers are not marked: %s (%s)", error.sentence, error.detail)
        return
    if recovered:
        _log.info("%d answers were cut off when Inglenook last ended; they are marked", recovered)


def _cache_bytes(settings: SettingsStore) -> int:
    try:
        return settings.load().prompt_cache_megabytes * 1_000_000
    except StorageError as error:
        _log.info("no states are saved: %s (%s)", error.sentence, error.detail)
        return 0


def _is_first_run(settings: SettingsStore, conversations: ConversationStore) -> bool:
    """Whether nobody has used this profile yet; where that cannot be told, nobody is asked how to start."""
    try:
        stored = settings.load()
        return not stored.first_run_done and not stored.model_path and not conversations.list()
    except StorageError as error:
        _log.info("it cannot be told whether this is the first start: %s (%s)", error.sentence, error.detail)
        return False


def _may_come_of_states(crash: CrashFound | None) -> bool:
    return crash is not None and crash.may_come_of_saved_states


def _tidy_states(states: StateFiles, cache: PromptCache, conversations: ConversationStore, *, anew: bool) -> None:
    """Delete the saved states of what is gone; with `anew` all of them, because none can be relied on."""
    try:
        if anew:
            states.clear()
        cache.tidy({conversation.id for conversation in conversations.list()})
    except StorageError as error:
        _log.info("saved states are not tidied: %s (%s)", error.sentence, error.detail)


def _make_engine(options: Options, catalog: Catalog) -> Engine:
    if options.fake_engine:
        from app.engine.fake import FakeEngine, FakeScript

        return FakeEngine(FakeScript(load_seconds=0.2, token_seconds=0.02))
    if not catalog.included_path.is_file():
        _log.warning("the included model is missing: %s", catalog.included_path)
    from app.engine.llama import LlamaEngine

    return LlamaEngine()


# Our own folder comes first on the path and the current one not at all (-P), so that an app.py or a llama_cpp which
# somebody put there is not run in place of ours.
_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from {module} import main; main(sys.argv[2])"
_TRIAL = "app.engine.guards.trial_child"
_QUERY = "app.engine.machine.query_child"


def _make_machine_source(options: Options) -> MachineSource:
    if options.fake_engine:
        from app.engine.fake import FakeMachineSource

        return FakeMachineSource()
    from app.engine.machine.query import MachineQuery

    return MachineQuery(*machine_command())


def _library(
    machine: Database, catalog: Catalog, files: ModelFiles, settings: SettingsStore, paths: Paths
) -> LibraryService:
    places = LibraryPlaces(paths.downloads, app_locations(Path.home(), os.environ, sys.platform))
    facts = LibraryFacts(catalog, SpeedReportStore(machine))
    return LibraryService(LibraryIndex(machine), facts, files, LibraryFolders(settings, places))


def _make_hub(options: Options, tokens: HubTokenStore, settings: SettingsStore) -> Hub:
    """The hub, or its mirror that the environment names as huggingface_hub's own users do."""
    if options.fake_engine:
        from app.hub.fake import FakeHub

        return FakeHub()
    from app.hub.huggingface import ENDPOINT, HuggingFaceHub

    chosen = _stored(settings)
    endpoint = os.environ.get("HF_ENDPOINT") or chosen.hub_endpoint or ENDPOINT
    return HuggingFaceHub(endpoint, tokens.get, chosen.proxy)


def _stored(settings: SettingsStore) -> Settings:
    """The settings, or the defaults where they cannot be read, of which the user is told elsewhere."""
    try:
        return settings.load()
    except StorageError as error:
        _log.info("the defaults are in use: %s (%s)", error.sentence, error.detail)
        return Settings()


def _make_downloads(
    hub: Hub, machine: Database, settings: SettingsStore, paths: Paths, program: str
) -> DownloadService:
    disk = DownloadDisk(paths.downloads)
    return DownloadService(hub, DownloadStore(machine), VerifiedFiles(machine), settings, disk, program)


def _read_shape(ranges: ReadRange, label: str) -> ModelShape:
    from app.engine.guards.gguf import read_header
    from app.engine.guards.shape import shape_of

    return shape_of(read_header(ranges, label))


def _make_checker(options: Options) -> ModelChecker:
    if options.fake_engine:
        from app.engine.guards.fake_checker import FakeModelChecker

        return FakeModelChecker()
    from app.engine.guards.checker import LlamaModelChecker

    return LlamaModelChecker(*trial_command())


def trial_command() -> tuple[tuple[str, ...], Path]:
    """The command that tries a model file, without its last argument, and where to run it; see engine/guards/trial."""
    return _child_command("trial-child", _TRIAL)


def machine_command() -> tuple[tuple[str, ...], Path]:
    """The command that asks what this computer is, in the same way; see engine/machine/query."""
    return _child_command("machine-child", _QUERY)


def _child_command(name: str, module: str) -> tuple[tuple[str, ...], Path]:
    """A packaged Inglenook is its own Python: it starts itself with the hidden command `name`."""
    if getattr(sys, "frozen", False):
        return (sys.executable, name), Path(sys.executable).parent
    root = Path(__file__).resolve().parents[1]
    return (sys.executable, "-P", "-c", _CHILD.format(module=module), str(root)), root
