"""Chooses the real parts, or the pretended ones that the command line asked for; the only place that names them."""

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from app.bootstrap.children import machine_command, trial_command
from app.bootstrap.late import Late, Renewed
from app.bootstrap.options import Options
from app.core.errors import StorageError
from app.core.lock import ProfileKey
from app.core.sealing import Sealer
from app.core.shape import ModelShape
from app.engine.base import Engine, MachineSource, ModelChecker
from app.hub.base import Hub, ReadRange
from app.network.installed import the_gate
from app.paths import Paths
from app.portable import host_environment
from app.services.catalog import Catalog
from app.services.connections import NetworkService
from app.services.downloads import DownloadService
from app.services.library import LibraryService
from app.services.library_facts import LibraryFacts
from app.services.library_folders import LibraryFolders, LibraryPlaces
from app.services.model_files import ModelFiles
from app.storage.connections import ConnectionStore
from app.storage.database import Database
from app.storage.download_disk import DownloadDisk
from app.storage.downloads import DownloadStore
from app.storage.hub_token import HubTokenStore
from app.storage.library import LibraryIndex
from app.storage.lock.sealed_files import FileSealer
from app.storage.lock.vault import Vault
from app.storage.other_apps.locations import app_locations
from app.storage.settings import SettingsStore
from app.storage.speed_reports import SpeedReportStore
from app.storage.verified import VerifiedFiles

_log = logging.getLogger(__name__)


def make_engine(options: Options, catalog: Catalog, files: ModelFiles, key: ProfileKey | None) -> Engine:
    """llama.cpp, or the script; with the key of a locked profile it saves its states encrypted."""
    sealer = None if key is None else FileSealer(key)
    if options.fake_engine:
        from app.engine.fake import FakeEngine, FakeScript

        return FakeEngine(FakeScript(load_seconds=0.2, token_seconds=0.02), sealer, files.known_sha256)
    if not catalog.included_path.is_file():
        _log.warning("the included model is missing: %s", catalog.included_path)
    return cast(Engine, Late(lambda: _llama_engine(sealer, files)))


def _llama_engine(sealer: Sealer | None, files: ModelFiles) -> Engine:
    from app.engine.llama import LlamaEngine

    return LlamaEngine(sealer, files.known_sha256)


def make_machine_source(options: Options) -> MachineSource:
    """What asks this computer."""
    if options.fake_engine:
        from app.engine.fake import FakeMachineSource

        return FakeMachineSource()
    from app.engine import modules

    source = Late(_machine_query)
    modules.permit(cast(modules.Permission, Late(lambda: source.backends)))
    return cast(MachineSource, source)


def _machine_query() -> MachineSource:
    from app.engine.machine.query import MachineQuery

    return MachineQuery(*machine_command())


def make_library(
    machine: Database, catalog: Catalog, files: ModelFiles, settings: SettingsStore, paths: Paths
) -> LibraryService:
    """The models on this computer, other applications' among them."""
    places = LibraryPlaces(paths.downloads, app_locations(Path.home(), host_environment(os.environ), sys.platform))
    facts = LibraryFacts(catalog, SpeedReportStore(machine))
    return LibraryService(LibraryIndex(machine), facts, files, LibraryFolders(settings, places))


@dataclass(frozen=True, slots=True)
class _HubChoice:
    """The addresses of the hub and of a proxy; empty for the usual ones."""

    endpoint: str = ""
    proxy: str = ""


def make_hub(options: Options, tokens: HubTokenStore, settings: SettingsStore) -> Hub:
    """The hub that the settings name at each use, or its mirror that the environment names as huggingface_hub's own
    users do.
    """
    if options.fake_engine:
        from app.hub.fake import FakeHub

        return FakeHub()
    environment = os.environ.get("HF_ENDPOINT", "")
    gate = the_gate()

    def chosen() -> _HubChoice | None:
        try:
            stored = settings.load()
        except StorageError as error:
            _log.info("the hub stays as it is: %s (%s)", error.sentence, error.detail)
            return None
        return _HubChoice(environment or stored.hub_endpoint, stored.proxy)

    def make(choice: _HubChoice) -> Hub:
        from app.hub.huggingface import ENDPOINT, HuggingFaceHub

        return HuggingFaceHub(choice.endpoint or ENDPOINT, tokens.get, choice.proxy, gate=gate)

    return cast(Hub, Renewed(chosen, make, _HubChoice(environment)))


def make_network(options: Options, machine: Database, settings: SettingsStore) -> NetworkService:
    """The switch and the log of this process's gate."""
    gate = the_gate()
    if options.offline:
        gate.hold_offline()
    return NetworkService(gate, ConnectionStore(machine), settings)


def make_downloads(
    hub: Hub, machine: Database, settings: SettingsStore, paths: Paths, program: str, is_online: Callable[[], bool]
) -> DownloadService:
    """The queue of downloads, as `program` sees it."""
    disk = DownloadDisk(paths.downloads)
    return DownloadService(hub, DownloadStore(machine), VerifiedFiles(machine), settings, disk, program, is_online)


def read_shape(ranges: ReadRange, label: str) -> ModelShape:
    """The shape that a remote file's header has. Raises ModelFileError."""
    from app.engine.guards.gguf import read_header
    from app.engine.guards.shape import shape_of

    return shape_of(read_header(ranges, label))


def make_vault(paths: Paths) -> Vault:
    """The lock of a profile; a portable one leaves nothing in the keychain of a computer."""
    return Vault(paths, keychains={} if paths.portable is not None else None)


def make_checker(options: Options) -> ModelChecker:
    """What looks at model files."""
    if options.fake_engine:
        from app.engine.guards.fake_checker import FakeModelChecker

        return FakeModelChecker()
    return cast(ModelChecker, Late(_llama_checker))


def _llama_checker() -> ModelChecker:
    from app.engine.guards.checker import LlamaModelChecker

    return LlamaModelChecker(*trial_command())
