"""What the window needs from below: the services and stores, put together by bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.core.lock import ProfileKey
from app.services.chat import ChatService
from app.services.connections import NetworkService
from app.services.downloads import DownloadService
from app.services.hub_search import HubSearchService
from app.services.library import LibraryService
from app.services.lock import LockService
from app.services.models import ModelService
from app.services.plans import PlanService
from app.services.problem_report import ReportSources
from app.services.safe_start import CrashFound
from app.services.speed import SpeedService
from app.storage.conversations import ConversationStore
from app.storage.drafts import DraftStore
from app.storage.hub_token import HubTokenStore
from app.storage.settings import SettingsStore
from app.storage.temporary_chats import TemporaryChats


@dataclass(frozen=True, slots=True)
class WindowServices:
    """`resources` holds fonts, icons and licences; `notices` are sentences that the window shows at start.

    With `crash`, the last run ended inside llama.cpp: nothing is loaded by itself then. `is_first_run`: the user has
    not been asked yet how to start. Without `hub` nothing is searched there, without `tokens` none is asked for, and
    without `temporary_chats` none can be begun, without `lock` the profile can have none, without `network` there is no
    switch, without `report` no problem is reported, and without `drafts` what is not sent is gone with the window.
    `given_model` is the file that the window was opened with, if any. Qt keeps its own notes in `profile`; None leaves
    them where they are.
    """

    chat: ChatService
    models: ModelService
    speed: SpeedService
    conversations: ConversationStore
    settings: SettingsStore
    resources: Path
    plans: PlanService
    library: LibraryService
    downloads: DownloadService
    notices: tuple[str, ...] = ()
    crash: CrashFound | None = None
    is_first_run: bool = False
    hub: HubSearchService | None = None
    tokens: HubTokenStore | None = None
    given_model: Path | None = None
    report: ReportSources | None = None
    profile: Path | None = None
    network: NetworkService | None = None
    temporary_chats: TemporaryChats | None = None
    lock: LockService | None = None
    drafts: DraftStore | None = None


@dataclass(frozen=True, slots=True)
class OpenedProfile:
    """What one session of the window works on; `close` is called when its window is gone."""

    services: WindowServices
    close: Callable[[], None]


@dataclass(frozen=True, slots=True)
class ProfileDoor:
    """The way into the profile. `open` takes the key of its lock, None where it has none.

    It raises ProfileLockedError for a key that is missing. Without `lock` the profile cannot have one.
    """

    open: Callable[[ProfileKey | None], OpenedProfile]
    settings: SettingsStore
    resources: Path
    lock: LockService | None = None
