"""The included model, as tests load it: with what the catalogue says of it."""

from pathlib import Path

from app.core.model import LoadParameters
from app.paths import paths_for
from app.services.catalog import Catalog, read_catalog

_PATHS = paths_for(Path("unused"))
INCLUDED_MODEL = _PATHS.models / "SmolLM2-135M-Instruct.Q4_1.gguf"


def catalog() -> Catalog:
    """The catalogue that ships with the application."""
    return read_catalog(_PATHS.catalog, _PATHS.models)


def included_parameters() -> LoadParameters:
    """The included model with its catalogue's template and the default context."""
    return LoadParameters(path=INCLUDED_MODEL, chat_template=catalog().included.chat_template)
