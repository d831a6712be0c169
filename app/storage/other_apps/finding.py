"""Finds the models of other applications, which are used in place and never changed or deleted."""

from collections.abc import Iterator
from pathlib import Path

from app.core.library import ModelOrigin
from app.storage.model_folders import FoundModel, models_in
from app.storage.other_apps.gpt4all import gpt4all_folders
from app.storage.other_apps.hugging_face import hugging_face_models
from app.storage.other_apps.jan import jan_folders, jan_models
from app.storage.other_apps.lm_studio import lm_studio_folders, lm_studio_models
from app.storage.other_apps.locations import AppLocations
from app.storage.other_apps.ollama import ollama_models
from app.storage.reaching import is_folder


def models_of_apps(locations: AppLocations) -> Iterator[FoundModel]:
    """All of them, one application after the other; whatever cannot be read or understood is passed over."""
    yield from lm_studio_models(locations)
    for folder in locations.ollama:
        yield from ollama_models(folder)
    for folder in jan_folders(locations):
        yield from jan_models(folder)
    for folder in gpt4all_folders(locations):
        yield from models_in(folder, ModelOrigin.GPT4ALL)
    for folder in locations.hugging_face:
        yield from hugging_face_models(folder)


def app_of(path: Path, locations: AppLocations) -> ModelOrigin | None:
    """The application in whose folders a file really lies; None when it is in none of them."""
    real = path.resolve()
    for origin, folders in (
        (ModelOrigin.LM_STUDIO, lm_studio_folders(locations)),
        (ModelOrigin.OLLAMA, locations.ollama),
        (ModelOrigin.JAN, jan_folders(locations)),
        (ModelOrigin.GPT4ALL, gpt4all_folders(locations)),
        (ModelOrigin.HUGGING_FACE, locations.hugging_face),
    ):
        if any(real.is_relative_to(folder.resolve()) for folder in folders):
            return origin
    return None


def app_folders(locations: AppLocations) -> tuple[Path, ...]:
    """The folders of those that are there, to be watched."""
    folders = (
        *lm_studio_folders(locations),
        *(folder / "manifests" for folder in locations.ollama),
        *(folder / name for folder in jan_folders(locations) for name in ("llamacpp/models", "models")),
        *gpt4all_folders(locations),
        *locations.hugging_face,
    )
    return tuple(folder for folder in dict.fromkeys(folders) if is_folder(folder))
