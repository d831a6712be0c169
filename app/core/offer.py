"""What models there are to choose from: what the catalogue says of each, and the files it comes in."""

import math
from dataclasses import dataclass

from app.core.plan import ModelFile
from app.core.shape import ModelOutline


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model of the catalogue with its files, the most precise first. What is not known is empty, 0 or None.

    `repository` is the hub's "owner/name" that the files are in, `revision` its commit. `gated`: the hub asks for an
    account before a download from there, whatever the maker's own repository does. `abilities` are words such as
    "tools", "vision", "code", "reasoning". `strength` ranks models of one kind by what they can do: the parameter count
    in billions, of experts the square root of all times those in use (a rule of thumb). `source` says where what was
    read.
    """

    id: str
    name: str
    maker: str
    repository: str
    license: str
    files: tuple[ModelFile, ...]
    outline: ModelOutline | None
    parameter_count: int
    active_parameter_count: int
    context_length: int
    revision: str = ""
    gated: bool | None = None
    abilities: tuple[str, ...] = ()
    source: str = ""

    @property
    def strength(self) -> float:
        """See the class."""
        return math.sqrt(self.parameter_count * (self.active_parameter_count or self.parameter_count)) / 1e9
