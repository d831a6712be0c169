"""Knows this computer, asked once and kept, and the recorded ones, so that any can be studied on any other."""

import json
import logging
import os
from dataclasses import replace
from pathlib import Path
from threading import Lock

from app.core.errors import InvalidParameterError, StorageError
from app.core.machine import Machine
from app.core.machine_json import machine_from
from app.engine.base import MachineSource
from app.storage.processor_speed import ProcessorSpeed, ProcessorSpeedStore

_log = logging.getLogger(__name__)

_LARGEST_FILE = 2_000_000  # bytes; a description has a few thousand
_SUFFIX = ".json"


class MachineService:
    """This computer through `source`, and those recorded in the folder `recorded`; on any thread.

    `models` is where models are downloaded to: its disk is looked at. `speeds` keeps what was measured of the
    processor.
    """

    def __init__(
        self,
        source: MachineSource,
        recorded: Path,
        models: Path | None = None,
        speeds: ProcessorSpeedStore | None = None,
    ) -> None:
        self._source = source
        self._recorded = recorded
        self._models = models
        self._speeds = speeds
        self._lock = Lock()
        self._machine: Machine | None = None

    def machine(self) -> Machine:
        """This computer as it was when last asked; the first time takes about half a second."""
        with self._lock:
            if self._machine is None:
                self._machine = self._at_its_best(self._source.ask(self._models))
            return self._machine

    def refresh(self) -> Machine:
        """This computer with what is free now; takes milliseconds after the first time."""
        machine = self.machine()
        with self._lock:
            self._machine = self._source.refresh(machine, self._models)
            return self._machine

    def ask_again(self) -> Machine:
        """Ask everything anew: another GPU may be there, and other programs hold other amounts."""
        with self._lock:
            self._machine = self._at_its_best(self._source.ask(self._models))
            return self._machine

    def recorded_names(self) -> tuple[str, ...]:
        """The names of the recorded machines."""
        return tuple(sorted(path.stem for path in self._recorded.glob(f"*{_SUFFIX}")))

    def recorded(self, name: str) -> Machine:
        """A recorded machine. Raises InvalidParameterError, which lists the names, for one that there is not."""
        if name not in self.recorded_names():
            raise InvalidParameterError(f"There is no recorded machine “{name}”. {self._choice()}")
        return read_machine(self._recorded / f"{name}{_SUFFIX}")

    def load_machine(self, path_or_name: str) -> Machine:
        """A recorded machine by name, or the one that a file describes (see `inglenook devices --json`).

        Raises InvalidParameterError with a sentence for what is neither, and for a file that cannot be understood.
        """
        if path_or_name in self.recorded_names():
            return self.recorded(path_or_name)
        if not os.path.lexists(path_or_name):  # False for what no file could be called, too
            raise InvalidParameterError(f"“{path_or_name}” is neither a file nor a recorded machine. {self._choice()}")
        return read_machine(Path(path_or_name))

    def _at_its_best(self, machine: Machine) -> Machine:
        """With the fastest that was ever measured of its processor."""
        cpu = machine.cpu
        if self._speeds is None or cpu is None or not cpu.bandwidth:
            return machine
        try:
            best = self._speeds.best(machine.processor, ProcessorSpeed(cpu.bandwidth, machine.multiply_rate))
        except StorageError as error:
            _log.info("the processor's speed is not kept: %s (%s)", error.sentence, error.detail)
            return machine
        devices = tuple(replace(one, bandwidth=best.bandwidth) if one == cpu else one for one in machine.devices)
        return replace(machine, devices=devices, multiply_rate=best.multiply_rate)

    def _choice(self) -> str:
        return f"Recorded are: {', '.join(self.recorded_names()) or 'none'}."


def read_machine(path: Path) -> Machine:
    """The machine that a file describes; any of JSON's encodings, as a shell may have written it.

    Raises InvalidParameterError, whose sentence names the file and what is wrong with it.
    """
    try:
        if not path.is_file():
            raise InvalidParameterError(f"{path} is no file that could describe a machine.")
        if path.stat().st_size > _LARGEST_FILE:
            raise InvalidParameterError(f"{path} is no description of a machine: it is too large.")
        content = path.read_bytes()
    except OSError as error:
        raise InvalidParameterError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        values = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidParameterError(
            f"{path} is no JSON. A description of a machine is what “inglenook devices --json” prints.", repr(error)
        ) from error
    try:
        return machine_from(values)
    except InvalidParameterError as error:
        raise InvalidParameterError(f"{path}: {error.sentence}") from error
