"""What the choices of a declared value are called on screen."""

from enum import Enum

from app.core.generation import OutputKind
from app.core.model import (
    Backend,
    FlashAttention,
    KvCacheType,
    RopeScaling,
    SamplingSource,
    Speculation,
    TemplateSource,
)
from app.core.network import NetworkMode
from app.core.settings import OverflowPolicy, Theme

_WORDS: tuple[tuple[Enum, str], ...] = (
    (KvCacheType.F16, "f16, exact"),
    (KvCacheType.Q8_0, "q8_0, half the memory"),
    (KvCacheType.Q4_0, "q4_0, a quarter of the memory"),
    (FlashAttention.AUTO, "Auto"),
    (FlashAttention.ON, "On"),
    (FlashAttention.OFF, "Off"),
    (Backend.AUTO, "Auto: the GPU, if there is one"),
    (Backend.CPU, "CPU only"),
    (Backend.CUDA, "CUDA"),
    (Backend.METAL, "Metal"),
    (Backend.VULKAN, "Vulkan"),
    (RopeScaling.MODEL, "As the model says"),
    (RopeScaling.NONE, "None"),
    (RopeScaling.LINEAR, "Linear"),
    (RopeScaling.YARN, "YaRN"),
    (Speculation.AUTO, "Auto: where it is faster"),
    (Speculation.ON, "On"),
    (Speculation.OFF, "Off"),
    (Theme.SYSTEM, "As the system says"),
    (Theme.LIGHT, "Light"),
    (Theme.DARK, "Dark"),
    (OverflowPolicy.TRIM, "Leave out the oldest turns"),
    (OverflowPolicy.STOP, "Stop and say so"),
    (OverflowPolicy.SHIFT, "Forget the oldest while writing"),
    (OverflowPolicy.SUMMARY, "Summarise the oldest turns"),
    (NetworkMode.UNTIL_ASKED, "Offline until the first press"),
    (NetworkMode.ONLINE, "Online when something is pressed"),
    (NetworkMode.OFFLINE, "Offline"),
    (OutputKind.TEXT, "Text"),
    (OutputKind.JSON, "JSON"),
    (OutputKind.SCHEMA, "JSON schema"),
    (OutputKind.GRAMMAR, "Grammar"),
    (SamplingSource.CATALOGUE, "from Inglenook's catalogue"),
    (SamplingSource.FILE, "from hints in the model's file"),
    (SamplingSource.DEFAULTS, "from Inglenook's defaults"),
    (TemplateSource.CATALOGUE, "From Inglenook's catalogue"),
    (TemplateSource.FILE, "From the model's file"),
    (TemplateSource.ARCHITECTURE, "That of the model's family; the file has none that can be used"),
    (TemplateSource.NONE, "None: the model completes plain text"),
)


def words_of(choice: Enum) -> str:
    """The choice in words; its value when nobody has found any."""
    # Not a dict: choices of two enums with one value are equal, since they are strings.
    return next((words for known, words in _WORDS if known is choice), str(choice.value))
