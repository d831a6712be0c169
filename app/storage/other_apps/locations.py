"""Where other applications keep their models, on each system."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath


@dataclass(frozen=True, slots=True)
class AppLocations:
    """The folders in which each application may have its models, and the files in which it may say another one.

    Nothing need be there. `lm_studio` are its homes, `lm_studio_pointers` name another home. `ollama` are folders with
    `manifests` and `blobs`, `jan` its data folders, `gpt4all` folders of models and `hugging_face` hub caches.
    """

    lm_studio: tuple[Path, ...] = ()
    lm_studio_pointers: tuple[Path, ...] = ()
    lm_studio_settings: tuple[Path, ...] = ()
    ollama: tuple[Path, ...] = ()
    jan: tuple[Path, ...] = ()
    jan_settings: tuple[Path, ...] = ()
    gpt4all: tuple[Path, ...] = ()
    gpt4all_settings: tuple[Path, ...] = ()
    hugging_face: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class _Bases:
    """The folders of a user's data: of all computers (`data`), of this one (`local`), settings and caches."""

    data: Path
    local: Path
    settings: Path
    cache: Path


def app_locations(home: Path, environment: Mapping[str, str], platform: str) -> AppLocations:
    """The places on a system (`platform` as sys.platform) for the user with this `home` and environment.

    Sources: lmstudio.ai/docs (import models), github.com/ollama/ollama docs/faq, github.com/janhq/jan
    src-tauri/src/core/app/commands.rs, GPT4All's settings page, huggingface_hub's constants.py.
    """
    bases = _bases(home, environment, platform)
    lm_studio = (home / ".lmstudio", home / ".cache/lm-studio")
    return AppLocations(
        lm_studio=lm_studio,
        lm_studio_pointers=(home / ".lmstudio-home-pointer",),
        lm_studio_settings=(*(one / "settings.json" for one in lm_studio), bases.settings / "LM Studio/settings.json"),
        ollama=_ollama(home, environment, platform),
        jan=_distinct(home / "jan", bases.data / "Jan/data", bases.settings / "Jan/data"),
        jan_settings=_distinct(bases.data / "jan.ai.app/settings.json", bases.settings / "Jan/settings.json"),
        gpt4all=(bases.local / "nomic.ai/GPT4All", home / ".cache/gpt4all"),
        gpt4all_settings=_distinct(
            bases.settings / "nomic.ai/GPT4All.ini",
            home / ".config/nomic.ai/GPT4All.ini",
        ),
        hugging_face=_hugging_face(bases.cache, environment),
    )


def _bases(home: Path, environment: Mapping[str, str], platform: str) -> _Bases:
    if platform == "win32":
        roaming = _named(environment, "APPDATA") or home / "AppData/Roaming"
        local = _named(environment, "LOCALAPPDATA") or home / "AppData/Local"
        return _Bases(roaming, local, roaming, home / ".cache")
    if platform == "darwin":
        support = home / "Library/Application Support"
        return _Bases(support, support, support, home / ".cache")
    data = _named(environment, "XDG_DATA_HOME") or home / ".local/share"
    settings = _named(environment, "XDG_CONFIG_HOME") or home / ".config"
    return _Bases(data, data, settings, _named(environment, "XDG_CACHE_HOME") or home / ".cache")


def _ollama(home: Path, environment: Mapping[str, str], platform: str) -> tuple[Path, ...]:
    chosen = _named(environment, "OLLAMA_MODELS")
    service = (Path("/usr/share/ollama/.ollama/models"),) if platform == "linux" else ()
    return _distinct(*((chosen,) if chosen else ()), home / ".ollama/models", *service)


def _hugging_face(cache: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """What the environment names comes in place of the usual folder, which may hold older models all the same."""
    named = [_named(environment, name) for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")]
    home = _named(environment, "HF_HOME")
    return _distinct(*filter(None, named), *((home / "hub",) if home else ()), cache / "huggingface/hub")


def _named(environment: Mapping[str, str], name: str) -> Path | None:
    """A folder that the environment names; None when it names none, or none that is the same wherever one stands."""
    value = environment.get(name, "")
    return Path(value) if value and PurePath(value).is_absolute() else None


def _distinct(*paths: Path) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(paths))
