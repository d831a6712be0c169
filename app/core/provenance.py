"""What made an answer: enough to make it again and to reproduce its figures."""

from dataclasses import dataclass

from app.core.generation import OutputFormat, SamplingParameters
from app.core.model import LoadParameters


@dataclass(frozen=True, slots=True)
class Provenance:
    """The model's file, the engine, the device and the parameters behind one answer.

    `sha256` is the model file's, empty when it was not known; `load` and `sampling` are as they turned out, the seed
    included where one was given.
    """

    model_name: str
    file_name: str
    size_bytes: int
    sha256: str
    quantization: str
    engine_version: str
    device: str
    load: LoadParameters
    sampling: SamplingParameters
    output: OutputFormat = OutputFormat()
