"""The included model, as tests load it: with what the catalogue says of it."""

from collections.abc import Callable
from pathlib import Path

from app.core.model import LoadParameters
from app.engine.base import Engine, ModelChecker
from app.engine.guards.fake_checker import FakeModelChecker
from app.paths import paths_for
from app.services.catalog import Catalog, read_catalog
from app.services.fitting import PlannerMaker
from app.services.model_files import ModelFiles
from app.services.models import ModelService
from app.storage.database import Database
from app.storage.model_checks import ModelCheckStore
from app.storage.model_choices import ModelChoiceStore
from app.storage.verified import VerifiedFiles

_PATHS = paths_for(Path("unused"))
INCLUDED_MODEL = _PATHS.models / "SmolLM2-135M-Instruct.Q4_1.gguf"


def catalog() -> Catalog:
    """The catalogue that ships with the application."""
    return read_catalog(_PATHS.catalog, _PATHS.models)


def included_parameters() -> LoadParameters:
    """The included model with its catalogue's template and the default context."""
    return LoadParameters(path=INCLUDED_MODEL, chat_template=catalog().included.chat_template)


def model_service(
    engine: Engine,
    machine: Database,
    checker: ModelChecker | None = None,
    known: Catalog | None = None,
    planner: PlannerMaker | None = None,
    on_loaded: Callable[[Path], None] = lambda _: None,
) -> ModelService:
    """A model service that remembers in `machine`; without a checker every file passes for a good model."""
    files = ModelFiles(checker or FakeModelChecker(), VerifiedFiles(machine), ModelCheckStore(machine))
    return ModelService(engine, known or catalog(), files, ModelChoiceStore(machine), planner, on_loaded)
