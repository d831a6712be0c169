"""Joins the settings with the window: which are in use, who is told of others, and how they are kept."""

import logging
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.core.errors import InglenookError, StorageError
from app.core.network import NetworkMode
from app.core.settings import OverflowPolicy, Settings, Theme
from app.storage.settings import SettingsStore

_log = logging.getLogger(__name__)


class SettingsInWindow(QObject):
    """`applied` tells all who go by the settings to go by these; `network_chosen` follows when they are kept.

    `failed` tells that what is in use could not be kept.
    """

    applied = Signal(Settings)
    network_chosen = Signal(NetworkMode)
    failed = Signal(InglenookError)

    def __init__(self, store: SettingsStore, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._current = self._load()

    @property
    def current(self) -> Settings:
        """The settings in use."""
        return self._current

    def choose(self, settings: Settings) -> None:
        """Go by these from now on, and keep them."""
        network = settings.network if settings.network is not self._current.network else None
        self.applied.emit(settings)
        self._keep(settings)
        if network is not None:
            self.network_chosen.emit(network)

    def choose_theme(self, theme: Theme) -> None:
        """Go by another theme."""
        self.choose(replace(self._current, theme=theme))

    def choose_overflow(self, policy: OverflowPolicy) -> None:
        """Go by another way of dealing with a full context."""
        self.choose(replace(self._current, overflow=policy))

    def choose_speed_floor(self, tokens_per_second: int) -> None:
        """Let the advised precision be at least this fast."""
        self.choose(replace(self._current, speed_floor=tokens_per_second))

    def keep_zoom(self, zoom: float) -> None:
        """Keep the size that text is shown in already."""
        self._keep(replace(self._current, text_percent=round(zoom * 100)))

    def keep_network(self, mode: NetworkMode) -> None:
        """Keep whether the application is online, which it is already."""
        self._keep(replace(self._current, network=mode))

    def keep_first_run_done(self) -> None:
        """Keep that nobody is to be asked any more how to start."""
        if not self._current.first_run_done:
            self._keep(replace(self._current, first_run_done=True))

    def read_again(self) -> None:
        """Somebody else has stored others."""
        self._current = self._load()

    def _keep(self, settings: Settings) -> None:
        self._current = settings
        try:
            self._store.save(settings)
        except StorageError as error:
            self.failed.emit(error)

    def _load(self) -> Settings:
        """The stored settings, else the defaults; the services' notices tell the user why."""
        try:
            return self._store.load()
        except StorageError as error:
            _log.warning("the defaults are in use: %s (%s)", error.sentence, error.detail)
            return Settings()
