"""Where models are looked for: the folder of downloads, those that the user added, and other applications' stores."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.errors import InvalidParameterError, StorageError
from app.core.library import ModelOrigin
from app.core.settings import Settings
from app.storage.model_folders import FoundModel, models_in
from app.storage.other_apps.locations import AppLocations
from app.storage.reaching import is_folder
from app.storage.settings import SettingsStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LibraryPlaces:
    """Where models are: `models` is the folder of downloads unless the settings name another, `apps` are others'."""

    models: Path
    apps: AppLocations = field(default_factory=AppLocations)


class LibraryFolders:
    """The places, with what the settings say of them."""

    def __init__(self, settings: SettingsStore, places: LibraryPlaces) -> None:
        self._settings = settings
        self._places = places

    def all(self) -> tuple[Path, ...]:
        """The user's folders, that of downloads first."""
        settings = self.settings()
        own = Path(settings.models_folder).expanduser() if settings.models_folder else self._places.models
        return tuple(dict.fromkeys((own, *map(Path, settings.other_model_folders))))

    def of_apps(self) -> tuple[Path, ...]:
        """Other applications' folders, as far as they are there."""
        from app.storage.other_apps.finding import app_folders

        return app_folders(self._places.apps)

    def found(self) -> Iterator[FoundModel]:
        """All models in them: other applications' first, so that they do not pass for the user's own."""
        from app.storage.other_apps.finding import models_of_apps

        yield from models_of_apps(self._places.apps)
        for folder in self.all():
            yield from models_in(folder)

    def app_of(self, path: Path) -> ModelOrigin | None:
        """The application in whose folders a file lies; None when it is in none of them."""
        from app.storage.other_apps.finding import app_of

        return app_of(path, self._places.apps)

    def add(self, folder: Path) -> None:
        """Look in this folder too. Raises InvalidParameterError, StorageError."""
        folder = folder.expanduser().absolute()
        if not is_folder(folder):
            raise InvalidParameterError(f"{folder} is no folder that can be opened. Choose another one.")
        if holder := next((one for one in self.all() if folder.is_relative_to(one)), None):
            raise InvalidParameterError(f"Models are looked for in {holder} already, and so in {folder}.")
        settings = self._settings.load()
        self._settings.save(replace(settings, other_model_folders=(*settings.other_model_folders, str(folder))))

    def forget(self, folder: Path) -> None:
        """Look there no more. Raises InvalidParameterError for one that was not added, StorageError."""
        settings = self._settings.load()
        left = tuple(one for one in settings.other_model_folders if Path(one) != folder)
        if len(left) == len(settings.other_model_folders):
            raise InvalidParameterError(f"{folder} is none of the folders that were added, so it stays.")
        self._settings.save(replace(settings, other_model_folders=left))

    def settings(self) -> Settings:
        """The settings, or the defaults when they cannot be read."""
        try:
            return self._settings.load()
        except StorageError as error:
            _log.info("the library goes by the defaults: %s (%s)", error.sentence, error.detail)
            return Settings()

    def choose_model(self, chosen: str) -> None:
        """Keep which model is loaded at the start; empty is the included one. Raises StorageError."""
        settings = self._settings.load()
        if settings.model_path != chosen:
            self._settings.save(replace(settings, model_path=chosen))
