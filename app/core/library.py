"""What the library is: the models that are on this computer, wherever they lie and whoever put them there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class ModelOrigin(StrEnum):
    """Who put a model file there. Files of other applications are used in place, and never changed or deleted."""

    INCLUDED = "included"
    DOWNLOADED = "downloaded"
    ADDED = "added"  # by the user, or found in one of their folders
    LM_STUDIO = "lm_studio"
    OLLAMA = "ollama"
    JAN = "jan"
    GPT4ALL = "gpt4all"
    HUGGING_FACE = "hugging_face"  # the cache of huggingface_hub

    @property
    def is_ours(self) -> bool:
        """Whether the user may delete it here."""
        return self in (ModelOrigin.DOWNLOADED, ModelOrigin.ADDED)


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model on this computer. `path` is the file that it is opened by, `files` are all its parts.

    What is not known is empty, 0 or None. `tokens_per_second` is what a speed report measured. `is_missing`: the file
    is gone, and the model is not forgotten. `same_as` is another file with the same checksum. `problem` is a sentence
    about a file that cannot be used.
    """

    path: Path
    files: tuple[Path, ...]
    name: str
    quantization: str
    size_bytes: int
    origin: ModelOrigin
    architecture: str = ""
    parameter_count: int = 0
    context_length: int = 0
    license: str = ""
    repository: str = ""
    sha256: str = ""
    last_used: datetime | None = None
    tokens_per_second: float | None = None
    is_missing: bool = False
    is_default: bool = False
    same_as: Path | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes to the trash with a model: its own files, then the projectors that no other model needs.

    `size_bytes` is what all of them come to.
    """

    files: tuple[Path, ...]
    projectors: tuple[Path, ...]
    size_bytes: int


class Soundness(StrEnum):
    """What verifying a file found."""

    SOUND = "sound"  # its checksum is the one that is known
    UNKNOWN = "unknown"  # nobody has said what its checksum should be
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Verification:
    """The checksum of a model's first file, and what it means; `sentence` says it to the user."""

    sha256: str
    soundness: Soundness
    sentence: str
