"""Keeps a portable Inglenook in its folder: what libraries and drivers would leave on the computer goes there, too."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from app.paths import STAND_IN, own_portable_folder, paths_for

_HOST = "INGLENOOK_HOST_"  # in front of the name of a variable that was changed, for its value before; empty was unset
_COPIED = ("machine.db", "machine.db-wal")

NOT_WRITABLE = (
    "{folder} cannot be written to, so this session is a temporary one: its chats and settings are gone when Inglenook "
    "ends, and chats that are kept there are not opened. To keep them, make the medium writable, or copy the folder to "
    "a disk and start Inglenook there."
)
"""What the user is told at the start."""


@contextmanager
def kept_together(environment: MutableMapping[str, str]) -> Iterator[None]:
    """Let nothing leave the folder of a portable Inglenook meanwhile; elsewhere this changes nothing.

    `environment` is the process's own: it must be changed before Qt, a driver or another library reads it. Where the
    folder cannot be written, a temporary one stands in for it, which is removed at the end. Our child processes find
    what their parent has set.
    """
    if own_portable_folder() is None:
        yield
        return
    paths = paths_for()
    profile, made = paths.profile, None
    if not paths.stands_in and not _is_writable(profile):
        made = Path(tempfile.mkdtemp(prefix="inglenook-"))
        profile = made / "data"
        _furnish(profile, paths.profile)
        environment[STAND_IN] = str(profile)
    try:
        _redirect(environment, profile)
        yield
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)


def host_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment as it was before kept_together() changed it.

    It is for other applications: for those that are started, and for the search for their models.
    """
    host = {name: value for name, value in environment.items() if not name.startswith(_HOST) and name != STAND_IN}
    for name, before in environment.items():
        if name.startswith(_HOST):
            host[name.removeprefix(_HOST)] = before
    return {name: value for name, value in host.items() if value or _HOST + name not in environment}


@contextmanager
def as_on_host(environment: MutableMapping[str, str]) -> Iterator[None]:
    """Undo meanwhile what kept_together() changed: a program that is started now keeps its caches where it always does.

    To be used on the main thread, for as long as starting it takes.
    """
    ours = dict(environment)
    host = host_environment(environment)
    changed = {name for name in ours if ours[name] != host.get(name)}
    for name in changed:
        environment.pop(name)
        if name in host:
            environment[name] = host[name]
    try:
        yield
    finally:
        environment.update({name: ours[name] for name in changed})


def places_to_write(profile: Path, platform: str) -> dict[str, Path]:
    """The variables that lead caches and temporary files into a profile (`platform` as sys.platform).

    Sources: the XDG base directory specification (fontconfig, Qt, Mesa), Mesa's and NVIDIA's lists of environment
    variables, the CUDA programming guide, huggingface_hub's constants.py.
    """
    cache, temporary = profile / "cache", profile / "tmp"
    places = {"HF_HOME": cache / "huggingface", "CUDA_CACHE_PATH": cache / "cuda"}
    if platform == "win32":
        return {**places, "TEMP": temporary, "TMP": temporary}
    places["TMPDIR"] = temporary
    if platform == "linux":
        places["XDG_CACHE_HOME"] = cache
        places["MESA_SHADER_CACHE_DIR"] = cache / "mesa"
        places["__GL_SHADER_DISK_CACHE_PATH"] = cache / "gl"
    return places


def _redirect(environment: MutableMapping[str, str], profile: Path) -> None:
    for name, folder in places_to_write(profile, sys.platform).items():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        environment.setdefault(_HOST + name, environment.get(name, ""))
        environment[name] = str(folder)
    tempfile.tempdir = None  # it is chosen again, by the environment as it is now


def _is_writable(profile: Path) -> bool:
    try:
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=profile, prefix=".write-check-"):
            return True
    except OSError:
        return False


def _furnish(stand_in: Path, kept: Path) -> None:
    """Give the temporary profile what was chosen and learnt, and no chat; what cannot be had is done without."""
    stand_in.mkdir(mode=0o700)
    for name in _COPIED:
        try:
            shutil.copyfile(kept / name, stand_in / name)
        except OSError:
            (stand_in / name).unlink(missing_ok=True)
    settings = _settings(kept / "settings.json")
    if (kept / "models").is_dir() and not settings.get("models_folder"):
        others = settings.get("other_model_folders")
        settings["other_model_folders"] = [*(others if isinstance(others, list) else []), str(kept / "models")]
    (stand_in / "settings.json").write_text(json.dumps(settings), encoding="ascii")


def _settings(file: Path) -> dict[str, object]:
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}  # the defaults do for a session that is not kept
    return settings if isinstance(settings, dict) else {}
