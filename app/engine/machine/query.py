"""Asks this computer what it is, in a process of its own with a time limit; needs no llama_cpp."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.errors import InvalidParameterError
from app.core.machine import Device, Machine
from app.core.machine_json import machine_from
from app.engine.machine.evidence import GpuFacts
from app.engine.machine.gpu_backends import GpuBackends, backend_doubts, backend_notes
from app.engine.machine.linux import ask_linux
from app.engine.machine.memory import processor_alone, system_memory, with_memory
from app.engine.machine.nvidia import ask_nvidia
from app.engine.machine.query_process import NO_WINDOW, ending
from app.network.children import note_refusals
from app.network.programs import starting

_log = logging.getLogger(__name__)

SECONDS = 20.0  # it takes half a second; a GPU that sleeps takes several to wake up
_KEPT_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class MachineAnswer:
    """This computer, and the engine that looked at it, such as "llama-cpp-python 0.3.36, ggml 0.25.3 (0c1e570)".

    `addresses` are the places of devices on the PCI bus, by their names, as far as they are known.
    """

    machine: Machine
    engine_version: str
    addresses: Mapping[str, str] = field(default_factory=dict)


class MachineQuery:
    """Keeps the promises of app.engine.base.MachineSource. `command` answers in `folder`; see query_machine."""

    def __init__(
        self, command: Sequence[str], folder: Path, seconds: float = SECONDS, backends: GpuBackends | None = None
    ) -> None:
        self._command = tuple(command)
        self._folder = folder
        self._seconds = seconds
        self._addresses: Mapping[str, str] = {}
        self._has_asked = False
        self.backends = backends or GpuBackends(command, folder)

    def ask(self, models: Path | None) -> Machine:
        """See MachineSource.ask."""
        answer = self.answer(models)
        self._addresses = answer.addresses
        return answer.machine

    def answer(self, models: Path | None) -> MachineAnswer:
        """The same with the engine's version. GPU backends that may harm nothing are asked first, each by itself."""
        if self._has_asked:
            self.backends.ask_again()
        self._has_asked = True
        asked = self.backends.asked()
        answer = query_machine(self._command, self._seconds, self._folder, models, self.backends.chosen())
        machine = answer.machine
        machine = replace(
            machine,
            backends=machine.backends + backend_notes(asked),
            doubts=machine.doubts + backend_doubts(asked),
        )
        return replace(answer, machine=machine)

    def refresh(self, machine: Machine, models: Path | None) -> Machine:
        """See MachineSource.refresh."""
        machine = with_memory(machine, system_memory(models))
        if not self._addresses:
            return machine
        asks_nvidia = any("NVIDIA" in device.description for device in machine.devices)
        free = free_by_address((*(ask_nvidia(frozenset()).gpus if asks_nvidia else ()), *_ask_kernel()))
        return replace(machine, devices=tuple(self._with_free(device, free) for device in machine.devices))

    def _with_free(self, device: Device, free: Mapping[str, int]) -> Device:
        found = free.get(self._addresses.get(device.name, ""))
        if found is None or device.unified:
            return device
        return replace(device, free_bytes=min(found, device.total_bytes))


def query_machine(
    command: Sequence[str],
    seconds: float,
    folder: Path | None = None,
    models: Path | None = None,
    gpu_backends: Sequence[str] = (),
) -> MachineAnswer:
    """Run `command` with the request as its last argument, in `folder`, for at most `seconds`.

    `gpu_backends` are those of which the GPUs are listed. `models` is the folder of which the disk's free space is
    asked. Never fails: when the process crashes, hangs or says what cannot be read, the machine is the processor alone,
    with a doubt that says why.
    """
    folder_of_models = str(models) if models is not None else ""
    request = json.dumps({"folder": folder_of_models, "measures": True, "gpu_backends": list(gpu_backends)})
    try:
        with starting(command[0]):
            done = subprocess.run(
                [*command, request],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                creationflags=NO_WINDOW,
                check=False,
            )
    except subprocess.TimeoutExpired:
        return _alone(models, f"they did not answer within {seconds:g} seconds")
    except OSError as error:
        return _alone(models, f"the process that asks them could not be started: {error}")
    note_refusals(done.stderr.decode("utf-8", "replace"))
    if done.returncode != 0:
        _log.warning("asking the GPU drivers failed:\n%s", done.stderr.decode("utf-8", "replace")[-_KEPT_CHARACTERS:])
        return _alone(models, f"the process that asked them ended with {ending(done.returncode)}")
    try:
        answer = json.loads(done.stdout)
        return MachineAnswer(machine_from(answer["machine"]), str(answer["engine"]), dict(answer["addresses"]))
    except InvalidParameterError as error:
        return _alone(models, f"their answer makes no sense: {error.sentence}")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return _alone(models, f"their answer cannot be read: {error!r}")


def _alone(models: Path | None, reason: str) -> MachineAnswer:
    doubt = f"The GPU drivers could not be asked ({reason}), so only the processor is known. Updating them may help."
    _log.warning("%s", doubt)
    return MachineAnswer(processor_alone(models, doubt), _installed_version())


def _installed_version() -> str:
    import importlib.metadata  # takes 20 ms, and is for the case that nothing else answered

    try:
        return f"llama-cpp-python {importlib.metadata.version('llama-cpp-python')}"
    except importlib.metadata.PackageNotFoundError:
        return "llama-cpp-python"  # a packaged build need not carry its version


def free_by_address(facts: Iterable[GpuFacts]) -> dict[str, int]:
    """What is free of each GPU's memory, by its place on the PCI bus: the least that any source says, in bytes."""
    free: dict[str, int] = {}
    for fact in facts:
        if fact.address and fact.free_bytes is not None:
            free[fact.address] = min(fact.free_bytes, free.get(fact.address, fact.free_bytes))
    return free


def _ask_kernel() -> tuple[GpuFacts, ...]:
    return ask_linux().gpus if sys.platform == "linux" else ()
