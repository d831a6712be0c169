"""How a value that the user may choose is declared once: its title, help and bounds, read by every form and option."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, TypeVar

from app.core.errors import InvalidParameterError

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which numbers a value must lie; None is no bound, an open bound is itself not allowed."""

    minimum: float | None = None
    maximum: float | None = None
    open_minimum: bool = False
    open_maximum: bool = False

    def hold(self, value: float) -> bool:
        """Whether `value` lies inside; a NaN never does."""
        above = self.minimum is None or (value > self.minimum if self.open_minimum else value >= self.minimum)
        below = self.maximum is None or (value < self.maximum if self.open_maximum else value <= self.maximum)
        return above and below and value == value

    @property
    def words(self) -> str:
        """For example "between 0 and 5", "above 0 and at most 1", "1 or more"."""
        if self.maximum is None:
            return f"above {self.minimum:g}" if self.open_minimum else f"{self.minimum:g} or more"
        if self.minimum is None:
            return f"below {self.maximum:g}" if self.open_maximum else f"at most {self.maximum:g}"
        if not self.open_minimum and not self.open_maximum:
            return f"between {self.minimum:.10g} and {self.maximum:.10g}"
        lower = f"above {self.minimum:g}" if self.open_minimum else f"at least {self.minimum:g}"
        upper = f"below {self.maximum:g}" if self.open_maximum else f"at most {self.maximum:g}"
        return f"{lower} and {upper}"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declared value of a dataclass. `unset` is what None means, in a word; empty when None is not allowed."""

    name: str
    title: str
    help: str
    default: Any
    bounds: Bounds | None
    unset: str


def declared(default: Any, title: str, help_text: str, bounds: Bounds | None = None, unset: str = "") -> Any:
    """Declare one field of a dataclass; see Declaration."""
    return field(default=default, metadata={"declared": (title, help_text, bounds, unset)})


def declarations(kind: type) -> tuple[Declaration, ...]:
    """The declared fields of a dataclass, in their order; plain fields are left out."""
    return tuple(
        Declaration(f.name, title, help_text, f.default, bounds, unset)
        for f in fields(kind)
        if "declared" in f.metadata
        for title, help_text, bounds, unset in [f.metadata["declared"]]
    )


def require_bounds(values: Any) -> None:
    """Raise InvalidParameterError, which names the value, when a declared one lies outside its bounds."""
    for declaration in declarations(type(values)):
        value = getattr(values, declaration.name)
        if declaration.bounds is None or value is None:
            continue
        if not declaration.bounds.hold(value):
            raise InvalidParameterError(f"{declaration.title} must be {declaration.bounds.words}, but it is {value}.")


def read_declared(kind: type[_T], values: Mapping[str, object], **given: Any) -> _T:
    """A `kind` from stored values: unknown names are ignored, and unfit values become the default.

    Unfit is what has another type or lies out of bounds. Only declared fields are read, the others are `given`; None is
    taken where the declaration allows it.
    """
    known = dict(given)
    for declaration in declarations(kind):
        if declaration.name in values:
            known[declaration.name] = _accepted(values[declaration.name], declaration)
    return kind(**known)


def _accepted(value: object, declaration: Declaration) -> Any:
    default = declaration.default
    if value is None:
        return None if declaration.unset else default
    kind = type(default)
    if isinstance(default, Enum):
        try:
            return kind(value)
        except ValueError:
            return default
    accepted: Any
    if default is None:
        accepted = value if isinstance(value, int | float | str) and not isinstance(value, bool) else default
    elif kind is float and type(value) is int:
        accepted = float(value)  # JSON written by hand says 1 for 1.0
    elif kind is tuple and isinstance(value, list):
        accepted = tuple(value)
    else:
        accepted = value if type(value) is kind else default  # exactly: to isinstance, True is an int
    inside = declaration.bounds is None or not isinstance(accepted, int | float) or declaration.bounds.hold(accepted)
    return accepted if inside else default
