"""Joins what finds, plans, fetches and keeps models, for the application and for the commands about models alone."""

from collections.abc import Callable
from dataclasses import dataclass

from app.bootstrap.opening import remembered_computer, tokens_of
from app.bootstrap.options import Options
from app.bootstrap.real_parts import (
    make_checker,
    make_downloads,
    make_hub,
    make_library,
    make_machine_source,
    make_network,
    read_shape,
)
from app.core.memory import MemoryPlan
from app.hub.base import Hub
from app.paths import Paths
from app.services.catalog import Catalog
from app.services.connections import NetworkService
from app.services.downloads import DownloadService
from app.services.library import LibraryService
from app.services.machines import MachineService
from app.services.model_files import ModelFiles
from app.services.plans import PlanService
from app.services.remote_models import RemoteModels
from app.storage.database import Database
from app.storage.hub_token import HubTokenStore
from app.storage.model_checks import ModelCheckStore
from app.storage.settings import SettingsStore
from app.storage.speed_reports import SpeedReportStore
from app.storage.verified import VerifiedFiles


@dataclass(frozen=True, slots=True)
class ModelParts:
    """None of them has a model loaded; `machine` is the database that they share."""

    machine: Database
    files: ModelFiles
    machines: MachineService
    reports: SpeedReportStore
    network: NetworkService
    tokens: HubTokenStore
    hub: Hub
    remote: RemoteModels
    plans: PlanService
    library: LibraryService
    downloads: DownloadService


def make_model_parts(
    options: Options,
    paths: Paths,
    machine: Database,
    settings: SettingsStore,
    catalog: Catalog,
    *,
    program: str,
    in_use: Callable[[], MemoryPlan | None] = lambda: None,
) -> ModelParts:
    """`paths` are those of the profile that keeps what is learnt, `machine` its database, `program` who downloads.

    `in_use` gives what a loaded model holds of the memory.
    """
    files = ModelFiles(make_checker(options), VerifiedFiles(machine), ModelCheckStore(machine))
    computer = remembered_computer(paths, machine)
    machines = MachineService(make_machine_source(options), paths.machines, paths.profile, computer)
    reports = SpeedReportStore(machine)
    network = make_network(options, machine, settings)
    tokens = tokens_of(paths)
    hub = make_hub(options, tokens, settings)
    remote = RemoteModels(hub, read_shape)
    plans = PlanService(machines, catalog, files, reports, remote, in_use)
    library = make_library(machine, catalog, files, settings, paths)
    downloads = make_downloads(hub, machine, settings, paths, program, lambda: network.is_online)
    downloads.on_done = library.note_download
    return ModelParts(machine, files, machines, reports, network, tokens, hub, remote, plans, library, downloads)
