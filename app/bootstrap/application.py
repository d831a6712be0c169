"""Joins the parts of one running application, for the window and for the commands that chat."""

from collections.abc import Callable
from dataclasses import dataclass

from app import logs
from app.bootstrap.model_parts import make_model_parts
from app.bootstrap.opening import (
    cache_bytes,
    is_first_run,
    may_come_of_states,
    open_machine_or_temporary,
    recover_answers,
    settings_notices,
    tidy_states,
)
from app.bootstrap.options import Options
from app.bootstrap.profile import open_profile
from app.bootstrap.real_parts import make_engine
from app.core.lock import ProfileKey
from app.core.memory import MemoryPlan
from app.paths import Paths
from app.services.catalog import read_catalog
from app.services.chat import ChatService
from app.services.connections import NetworkService
from app.services.downloads import WINDOW, DownloadService
from app.services.hub_search import HubSearchService
from app.services.library import LibraryService
from app.services.model_files import ModelFiles
from app.services.models import ModelService
from app.services.plans import PlanService
from app.services.problem_report import ReportSources
from app.services.prompt_cache import PromptCache
from app.services.safe_start import CrashFound, find_crash
from app.services.speed import SpeedService
from app.services.watched_engine import WatchedEngine
from app.storage.conversations import ConversationStore
from app.storage.drafts import DraftStore
from app.storage.hub_token import HubTokenStore
from app.storage.model_choices import ModelChoiceStore
from app.storage.run_marker import RunMarker
from app.storage.settings import SettingsStore
from app.storage.state_files import StateFiles
from app.storage.temporary_chats import TemporaryChats, temporary_database


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
    drafts: DraftStore
    network: NetworkService
    report: ReportSources
    is_first_run: bool = False


def assemble(options: Options, key: ProfileKey | None = None) -> Application:
    """Join the parts of one running application.

    A profile that cannot be used is no reason to stop: a temporary one takes its place, and a notice says so. `key`
    is that of a locked profile, see lock_service(). Raises ProfileLockedError for such a one without its key; with
    `forgets_chats` none is needed.
    """
    profile = open_profile(options, key)
    paths, kept = profile.paths, profile.kept
    settings = SettingsStore(paths.settings, places=profile.places)
    notices = (*profile.notices, *settings_notices(settings))
    marker = RunMarker(kept.running, places=profile.places)
    tells_crashes = options.tells_crashes and not options.forgets_chats
    crash = find_crash(marker, paths.log_file) if tells_crashes else None
    # What is not kept leaves no trace, and another profile's states stay whole; the machine's database has no say.
    keeps_states = not profile.temporary.is_used
    states = StateFiles(paths.states)
    memory = temporary_database()
    conversations = ConversationStore(
        profile.database, on_deleted=states.forget, on_shortened=states.outdate, temporary=memory
    )
    temporary_chats = TemporaryChats(memory, conversations)
    recover_answers(conversations)
    catalog = read_catalog(paths.catalog, paths.models)

    def in_use() -> MemoryPlan | None:
        return engine.model.memory if engine.model is not None else None

    machine = open_machine_or_temporary(kept, profile.temporary)
    parts = make_model_parts(options, kept, machine, settings, catalog, program=WINDOW, in_use=in_use)
    engine = WatchedEngine(make_engine(options, catalog, parts.files, profile.key), marker, name_of=catalog.name_of)
    cache = PromptCache(engine, states if keeps_states else None, lambda: cache_bytes(settings))
    if keeps_states:
        tidy_states(states, cache, conversations, anew=profile.is_anew or may_come_of_states(crash))
    engine.before_loss = cache.save
    choices = ModelChoiceStore(machine)
    models = ModelService(engine, catalog, parts.files, choices, parts.plans.planner, parts.library.note_use)
    is_kept = not (profile.temporary.is_used or kept.stands_in)

    def close() -> None:
        temporary_chats.close()
        parts.network.close()
        profile.database.close()
        machine.close()
        logs.stop_logging()
        profile.temporary.remove()

    return Application(
        paths=paths,
        chat=ChatService(engine, models, conversations, settings, cache),
        models=models,
        plans=parts.plans,
        downloads=parts.downloads,
        speed=SpeedService(engine, models, parts.reports, parts.files.shape),
        library=parts.library,
        model_files=parts.files,
        conversations=conversations,
        settings=settings,
        notices=notices,
        crash=crash,
        close=close,
        hub=HubSearchService(parts.hub, parts.remote, parts.plans),
        tokens=parts.tokens,
        temporary_chats=temporary_chats,
        drafts=DraftStore(profile.database),
        network=parts.network,
        report=ReportSources(paths.log_file, settings, parts.machines.machine, kept.portable is not None),
        is_first_run=is_kept and is_first_run(settings, conversations),
    )
