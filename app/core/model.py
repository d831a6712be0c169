"""What a model is: a file, how it is loaded, and what is known of it."""

from dataclasses import dataclass
from pathlib import Path

from app.core.generation import SamplingParameters


@dataclass(frozen=True, slots=True)
class LoadParameters:
    """How a model is loaded; fixed while it is loaded.

    `context_length` is in tokens and is lowered to what the model was trained on. `threads` None means: all cores below
    four, else all but one. `chat_template` (Jinja) replaces the one in the file.
    """

    path: Path
    context_length: int = 4096
    threads: int | None = None
    chat_template: str | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a loaded model says of itself. `size_bytes` is the file's size; lengths are in tokens."""

    path: Path
    name: str
    architecture: str
    quantization: str
    parameter_count: int
    size_bytes: int
    context_length: int
    trained_context_length: int


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """What the catalogue knows of one model file: how to recognise it, and what to change in how it is used.

    A file is the entry's when name, size and SHA-256 agree. `chat_template` None leaves the file's own.
    """

    id: str
    name: str
    file_name: str
    size_bytes: int
    sha256: str
    license: str
    license_file: str
    source: str
    note: str
    chat_template: str | None
    sampling: SamplingParameters
    tiny: bool


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """The model in use: what it says of itself, what the catalogue adds, and the sampling that suits it."""

    info: ModelInfo
    entry: CatalogEntry | None
    sampling: SamplingParameters

    @property
    def name(self) -> str:
        """The catalogue's name for it, else its own."""
        return self.entry.name if self.entry else self.info.name
