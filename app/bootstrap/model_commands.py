"""Joins what the commands need that ask about models and this computer: no conversation or model is opened."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app import logs
from app.bootstrap.children import machine_command
from app.bootstrap.model_parts import make_model_parts
from app.bootstrap.opening import Temporary, open_machine_or_temporary, places_of
from app.bootstrap.options import Options
from app.core.machine import Machine
from app.core.offer import OfferedModel
from app.hub.base import Hub
from app.network import quiet_libraries
from app.paths import paths_for
from app.services.catalog import read_catalog
from app.services.connections import NetworkService
from app.services.downloads import TERMINAL, DownloadService
from app.services.library import LibraryService
from app.services.plans import PlanService
from app.storage.settings import SettingsStore


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
    """What finds and fetches models, for a command that asks for nothing else."""
    quiet_libraries(os.environ)
    temporary = Temporary()
    paths = paths_for(temporary.folder() if options.temp_profile else options.profile)
    temporary.live_in(paths.temporary)
    machine = open_machine_or_temporary(paths, temporary)
    logs.start_logging(paths.log_file, options.debug)
    try:
        catalog = read_catalog(paths.catalog, paths.models)
        settings = SettingsStore(paths.settings, places=places_of(paths))
        parts = make_model_parts(options, paths, machine, settings, catalog, program=TERMINAL)
        try:
            yield ModelServices(parts.plans, parts.downloads, parts.library, catalog.offers, parts.hub, parts.network)
        finally:
            parts.network.close()
    finally:
        machine.close()
        logs.stop_logging()
        temporary.remove()


@contextmanager
def assemble_plans(options: Options) -> Iterator[PlanService]:
    """What plans, for a command that asks for nothing else."""
    with assemble_models(options) as models:
        yield models.plans


def describe_machine(options: Options) -> tuple[Machine, str]:
    """This computer, and the engine's version; neither a model nor the profile is opened."""
    models = paths_for(options.profile).profile
    if options.fake_engine:
        from app.engine.fake import FakeMachineSource

        return FakeMachineSource().ask(models), "fake"
    from app.engine.machine.query import MachineQuery

    answer = MachineQuery(*machine_command()).answer(models)
    return answer.machine, answer.engine_version
