"""Knows this computer, asked once and kept, and the recorded ones, so that any can be studied on any other."""

import json
import logging
import os
from dataclasses import replace
from pathlib import Path
from threading import Lock

from app.core.errors import InvalidParameterError, StorageError
from app.core.machine import Machine
from app.core.machine_json import machine_from, machine_values
from app.engine.base import MachineSource
from app.storage.this_computer import ThisComputerStore

_log = logging.getLogger(__name__)

_LARGEST_FILE = 2_000_000  # bytes; a description has a few thousand
_SUFFIX = ".json"


class MachineService:
    """This computer through `source`, and those recorded in the folder `recorded`; on any thread.

    `models` is where models are downloaded to: its disk is looked at. `kept` remembers this computer between starts.
    """

    def __init__(
        self,
        source: MachineSource,
        recorded: Path,
        models: Path | None = None,
        kept: ThisComputerStore | None = None,
    ) -> None:
        self._source = source
        self._recorded = recorded
        self._models = models
        self._kept = kept
        self._lock = Lock()
        self._machine: Machine | None = None
        self._is_asked = False

    def machine(self) -> Machine:
        """This computer with what is free now; the first time takes about half a second, because its drivers are asked.

        Later it takes milliseconds.
        """
        with self._lock:
            if self._machine is None or not self._is_asked:
                return self._ask()
            return self._refresh(self._machine)

    def at_once(self) -> Machine:
        """The same, but as it was found at an earlier start rather than to wait: a model is to be loaded."""
        with self._lock:
            if self._machine is None:
                self._machine = self._remembered()
            return self._refresh(self._machine) if self._machine is not None else self._ask()

    def ask_again(self) -> Machine:
        """Ask everything anew: another GPU may be there, and other programs hold other amounts."""
        with self._lock:
            return self._ask()

    def _ask(self) -> Machine:
        asked = self._source.ask(self._models)
        before = self._machine or self._remembered()
        self._machine = _at_its_best(asked, before) if before is not None else asked
        self._is_asked = True
        if self._kept is not None:
            try:
                self._kept.keep(json.dumps(machine_values(self._machine)))
            except StorageError as error:
                _log.info("this computer is not remembered: %s (%s)", error.sentence, error.detail)
        return self._machine

    def _refresh(self, machine: Machine) -> Machine:
        self._machine = self._source.refresh(machine, self._models)
        return self._machine

    def _remembered(self) -> Machine | None:
        if self._kept is None:
            return None
        try:
            text = self._kept.get()
            return None if text is None else machine_from(json.loads(text))
        except (StorageError, InvalidParameterError, ValueError) as error:
            _log.info("this computer is asked anew: %s", error)
            return None

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

    def _choice(self) -> str:
        return f"Recorded are: {', '.join(self.recorded_names()) or 'none'}."


def _at_its_best(machine: Machine, before: Machine) -> Machine:
    """With the fastest that was measured of its processor: a short test on a busy computer tells too little."""
    cpu, earlier = machine.cpu, before.cpu
    if cpu is None or earlier is None or machine.processor != before.processor:
        return machine
    bandwidth = max(cpu.bandwidth, earlier.bandwidth)
    devices = tuple(replace(one, bandwidth=bandwidth) if one == cpu else one for one in machine.devices)
    return replace(machine, devices=devices, multiply_rate=max(machine.multiply_rate, before.multiply_rate))


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
