"""LM Studio keeps models as owner/name/file.gguf in a folder that its settings may name."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.core.hub_reference import is_repository_id
from app.core.library import ModelOrigin
from app.storage.model_folders import FoundModel, models_in
from app.storage.other_apps.locations import AppLocations
from app.storage.other_apps.texts import named_folder, read_object, read_text


def lm_studio_folders(locations: AppLocations) -> tuple[Path, ...]:
    """Its folders of models: that of its settings and those of its homes."""
    pointed = [named_folder(read_text(pointer)) for pointer in locations.lm_studio_pointers]
    homes = [*filter(None, pointed), *locations.lm_studio]
    settings = [*(home / "settings.json" for home in homes), *locations.lm_studio_settings]
    chosen = [named_folder(read_object(path).get("downloadsFolder")) for path in settings]
    return tuple(dict.fromkeys((*filter(None, chosen), *(home / "models" for home in homes))))


def lm_studio_models(locations: AppLocations) -> Iterator[FoundModel]:
    """Its models. The first two folders are the hub's "owner/name", whose structure it keeps."""
    for folder in lm_studio_folders(locations):
        for found in models_in(folder, ModelOrigin.LM_STUDIO):
            repository = "/".join(found.where.split("/")[:2])
            is_kept = found.where.count("/") == 2 and is_repository_id(repository)
            yield replace(found, repository=repository if is_kept else "")
