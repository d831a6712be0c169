"""What the user may choose: each setting declared once, with its type, default, bounds, title and help."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.declared import Bounds, declared, read_declared
from app.core.network import NetworkMode


class Theme(StrEnum):
    """Which colours the window wears."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class OverflowPolicy(StrEnum):
    """What happens when a conversation no longer fits into the context; never silently."""

    TRIM = "trim"  # whole oldest turns are left out
    STOP = "stop"  # the message is not sent, and a sentence says why
    SHIFT = "shift"  # as TRIM, and an answer that reaches the end of the context goes on, its oldest part forgotten
    SUMMARY = "summary"  # the model writes a summary of the oldest turns, which takes their place


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the user can set. Values outside the declared type or bounds are replaced by the default when read."""

    theme: Theme = declared(Theme.SYSTEM, "Theme", "Light, dark, or as the system says.")
    text_percent: int = declared(
        100, "Text size", "How large messages are shown, in percent; Ctrl + and Ctrl - change it too.", Bounds(50, 300)
    )
    model_path: str = declared("", "Model file", "The GGUF file to load at start; empty for the included model.")
    overflow: OverflowPolicy = declared(
        OverflowPolicy.TRIM,
        "When the context is full",
        "Leave out the oldest turns, stop and say so, shift the context while writing, or summarise the oldest turns.",
    )
    speed_floor: int = declared(
        10,
        "Least speed of a model",
        "How many tokens per second a model must be expected to write before its precision is advised; 0 for any.",
        Bounds(0, 200),
    )
    prompt_cache_megabytes: int = declared(
        2048,
        "Prompt cache on disk",
        "How many MB the saved states of conversations may fill, so that reopening one is instant; 0 saves none.",
        Bounds(0, 1_000_000),
    )
    models_folder: str = declared(
        "", "Folder of models", "Where downloaded models are kept; empty for the folder models in the profile."
    )
    other_model_folders: tuple[str, ...] = declared(
        (), "Other folders", "Folders in which models are looked for, too; nothing in them is changed."
    )
    downloads_at_once: int = declared(
        3, "Downloads at once", "How many files are fetched at the same time.", Bounds(1, 3)
    )
    download_limit_megabytes: int = declared(
        0, "Download speed", "How many MB a second all downloads together may take; 0 for no limit.", Bounds(0, 10_000)
    )
    network: NetworkMode = declared(
        NetworkMode.UNTIL_ASKED,
        "Network",
        "Offline until the first press of Search, Download and the like, which goes online; online; or offline, where "
        "such a press is refused. Whatever is chosen, nothing is sent without a press.",
    )
    hub_endpoint: str = declared(
        "",
        "Hub",
        "The address of a mirror; empty for huggingface.co. What is under way stays with the one before.",
    )
    lock_after_minutes: int = declared(
        15,
        "Lock after",
        "Minutes without a key or the mouse, after which a profile with a passphrase is locked; 0 never does. "
        "What is written and not sent is kept.",
        Bounds(0, 24 * 60),
    )
    lock_on_sleep: bool = declared(
        True, "Lock before sleep", "Lock a profile with a passphrase when the computer goes to sleep."
    )
    first_run_done: bool = declared(False, "First start", "Whether the page of the first start was left.")
    proxy: str = declared(
        "", "Proxy", "The address of a proxy for all that is asked of the hub; for example http://proxy:3128."
    )


def settings_from(values: Mapping[str, object]) -> Settings:
    """Settings from stored values: unknown names are ignored, values of the wrong type fall back to the default."""
    return read_declared(Settings, values)
