"""Writes what a person who looks for a fault needs to know, for the user to read, to save and to send themselves."""

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from app import __version__
from app.core.errors import StorageError
from app.core.machine import Device, Machine
from app.core.masking import without_names, without_secrets
from app.core.model import LoadedModel
from app.core.quantities import gigabytes
from app.core.settings import Settings
from app.storage.failures import file_failures
from app.storage.settings import SettingsStore

_LIBRARIES = ("llama-cpp-python", "PySide6-Essentials", "huggingface-hub")
_ENVIRONMENT = ("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "LANG")
_LOG_LINES = 300

PROMISE = (
    "It was sent nowhere. No chat, system prompt, file's content, token or password is in it,\n"
    "and your user name is taken out of paths."
)
"""What is true of every report."""


@dataclass(frozen=True, slots=True)
class ReportSources:
    """What a report is made of; `machine` may take half a second, because drivers are asked."""

    log_file: Path
    settings: SettingsStore
    machine: Callable[[], Machine]
    is_portable: bool = False


def problem_report(
    sources: ReportSources, *, details: str = "", model: LoadedModel | None = None, home: Path | None = None
) -> str:
    """The whole text of a report. `details` are of what just happened, `model` is the one in use.

    Asks the computer, so not to be called on a thread that must not wait. What cannot be read is said in its place.
    """
    home = home or Path.home()
    sections = [
        ("", [f"Inglenook {__version__}: report of a problem", PROMISE]),
        ("What happened", details.splitlines()),
        ("System", _system(sources.is_portable)),
        ("Devices", _devices(sources.machine())),
        ("Model in use", _model(model)),
        ("Settings that differ from the defaults", _settings(sources.settings)),
        (f"The last {_LOG_LINES} lines of the log", _log_lines(sources.log_file)),
    ]
    parts = ["\n".join([f"# {title}", *lines] if title else lines) for title, lines in sections if lines]
    return without_names(without_secrets("\n\n".join(parts)), home, home.name) + "\n"


def save_report(text: str, destination: Path) -> None:
    """Write the report as it was shown. Raises StorageError."""
    with file_failures(destination):
        destination.write_text(text, encoding="utf-8", errors="replace")


def _system(is_portable: bool) -> list[str]:
    frozen = getattr(sys, "frozen", False)
    kind = "portable" if is_portable else "installed" if frozen else "run by a Python of this computer"
    named = [f"{name}={os.environ[name]}" for name in _ENVIRONMENT if os.environ.get(name)]
    return [
        f"Inglenook {__version__}, {kind}",
        *(f"{name} {_version(name)}" for name in _LIBRARIES),
        f"Python {platform.python_version()}",
        f"System: {platform.platform()}, {platform.machine()}",
        *([f"Surroundings: {', '.join(named)}"] if named else []),
    ]


def _version(distribution: str) -> str:
    from importlib import metadata  # takes 20 ms, and the window comes first

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "(its version is not known)"  # a frozen application may come without the metadata


def _devices(machine: Machine) -> list[str]:
    return [
        f"Processor: {machine.processor or 'not known'}, {machine.cores} cores",
        f"RAM: {gigabytes(machine.ram_bytes)}, {gigabytes(machine.ram_free_bytes)} free",
        *(_device(device) for device in machine.devices),
        *machine.doubts,
    ]


def _device(device: Device) -> str:
    memory = f"{gigabytes(device.total_bytes)}, {gigabytes(device.free_bytes)} free"
    return f"{device.name} ({device.backend}, {device.kind.value}): {device.description}, {memory}"


def _model(model: LoadedModel | None) -> list[str]:
    if model is None:
        return ["None"]
    info = model.info
    changed = [
        f"{field.name}={getattr(info.load, field.name)}"
        for field in fields(info.load)
        if field.name not in ("path", "chat_template", "adapters", "draft_model")
    ]
    return [
        f"{model.name}, {info.architecture}, {info.quantization}, file {info.path.name}",
        f"Runs on {info.device}, engine {info.engine_version}, chat template: {info.template_source.value}",
        f"Loaded with {', '.join(changed)}",
    ]


def _settings(store: SettingsStore) -> list[str]:
    try:
        settings, defaults = store.load(), Settings()
    except StorageError as error:
        return [error.sentence]
    different = [
        f"{field.name} = {getattr(settings, field.name)}"
        for field in fields(settings)
        if getattr(settings, field.name) != getattr(defaults, field.name)
    ]
    return different or ["None"]


def _log_lines(log_file: Path) -> list[str]:
    try:
        with file_failures(log_file):
            numbered = [p for p in log_file.parent.glob(f"{log_file.name}.*") if p.suffix[1:].isdigit()]
            parts = [*sorted(numbered, key=lambda p: int(p.suffix[1:]), reverse=True), log_file]
            texts = [p.read_text(encoding="utf-8", errors="replace") for p in parts if p.is_file()]
    except StorageError as error:
        return [error.sentence]
    return "".join(texts).splitlines()[-_LOG_LINES:] or ["It is empty."]
