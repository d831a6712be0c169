"""Notices that the system goes to sleep, each system in its own way, and where none helps, that it has slept."""

import sys
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.ui.lock.clock_jump import ClockJump


class SleepSource(Protocol):
    """One way to learn of the system's sleep."""

    def release(self) -> None:
        """What had to be done before the sleep is done."""

    def stop(self) -> None:
        """Watch no more."""


class SleepWatch(QObject):
    """`slept` tells that the system is about to sleep, or has slept; release() lets it, once all is put away."""

    slept = Signal()

    def __init__(self, parent: QObject | None = None, platform: str = sys.platform) -> None:
        super().__init__(parent)
        self._platform = platform
        self._sources: list[SleepSource] = []

    @property
    def sources(self) -> tuple[SleepSource, ...]:
        """The ways that are in use."""
        return tuple(self._sources)

    def watch(self, wanted: bool) -> None:
        """Watch, or stop watching."""
        if wanted and not self._sources:
            self._sources = self._make_sources()
        elif not wanted:
            for source in self._sources:
                source.stop()
            self._sources = []

    def release(self) -> None:
        """What had to be done before the sleep is done."""
        for source in self._sources:
            source.release()

    def _make_sources(self) -> list[SleepSource]:
        # macOS has no way that a program of Python could use safely: the clock tells it right after waking.
        sources: list[SleepSource] = [ClockJump(self.slept.emit, self)]
        if self._platform.startswith("linux"):
            from app.ui.lock.sleep_linux import LogindSleep

            sources.append(LogindSleep(self.slept.emit, self))
        elif self._platform == "win32":
            from app.ui.lock.sleep_windows import WindowsSleep

            sources.append(WindowsSleep(self.slept.emit))
        return sources
