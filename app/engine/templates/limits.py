"""How much one render of a chat template may do: turns of loops, characters, items, seconds."""

import re
import string
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.utils import Namespace

_WIDE_PERCENT = re.compile(r"%[^a-zA-Z%]*(\*|\d{5,})")
_WIDE_SPEC = re.compile(r"\{|\d{5,}")
_LARGEST_COUNT = 100_000  # an integer given to a function or filter; range() has the same bound in the sandbox
_LARGEST_BITS = 10_000


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """`steps` are turns of loops and calls; `characters` bound one text, one list, and all output together."""

    steps: int = 500_000
    characters: int = 32_000_000
    items: int = 200_000
    seconds: float = 5.0


class RenderMeter:
    """Counts what one render does; every method raises jinja2's SecurityError beyond the limits."""

    def __init__(self, limits: RenderLimits) -> None:
        self._limits = limits
        self.begin()

    def begin(self) -> None:
        """Start to count afresh."""
        self._steps = self._written = 0
        self._deadline = time.perf_counter() + self._limits.seconds

    def step(self, characters: int = 0) -> None:
        """One more turn of a loop, call or output, and the characters it writes."""
        self._steps += 1
        self._written += characters
        if (
            self._steps > self._limits.steps
            or self._written > self._limits.characters
            or time.perf_counter() > self._deadline
        ):
            raise SecurityError("the template does not come to an end")

    def weigh(self, value: object) -> int:
        """The characters in a value, with all that it contains, as often as it contains it."""
        if isinstance(value, str):
            self.require(len(value))
            return len(value)
        if isinstance(value, int):
            if value.bit_length() > _LARGEST_BITS:
                raise SecurityError("the template works out too large a number")
            return 1
        return self._weigh_all(value) if isinstance(value, list | tuple | dict | set | Namespace) else 1

    def require(self, size: int) -> None:
        """A text of this length may be made."""
        if size > self._limits.characters:
            raise SecurityError("the template makes too long a text")

    def require_binary(self, operator: str, left: Any, right: Any) -> None:
        """+, *, ** or % may be worked out."""
        if operator == "*":
            for value, times in ((left, right), (right, left)):
                if isinstance(value, str | list | tuple) and isinstance(times, int):
                    self.require(max(self.weigh(value), len(value)) * max(times, 0))
        elif operator == "**" and (abs(right) > 64 or abs(left) > 2**64):
            raise SecurityError("the template works out too large a number")
        elif operator == "%" and isinstance(left, str):
            _require_narrow(left)
            self.weigh(right)

    def require_call(self, name: str, text: object, args: tuple[Any, ...]) -> None:
        """A filter, or a method of `text`, does not multiply the text beyond the limits."""
        if name == "replace" and len(args) > 1:
            whole = str(text)
            self.require(len(whole) + whole.count(str(args[0])) * len(str(args[1])))
        elif name == "join" and args:
            between, items = (text, args[0]) if isinstance(text, str) else (args[0], text)
            self.require(len(str(between)) * (len(items) if hasattr(items, "__len__") else self._limits.items))
        elif name == "indent" and args:
            lines = str(text).count("\n") + 1
            self.require(lines * (args[0] if isinstance(args[0], int) else len(str(args[0]))))
        elif name == "format" and isinstance(text, str):
            _require_narrow(text)
            require_narrow_fields(text)

    def _weigh_all(self, container: object) -> int:
        size = items = 0
        stack: list[object] = [container]
        while stack:
            value = stack.pop()
            items += 1
            if isinstance(value, str):
                size += len(value)
            elif isinstance(value, Namespace):
                stack.append(object.__getattribute__(value, "_Namespace__attrs"))
            elif isinstance(value, Mapping):
                stack.extend(value)
                stack.extend(value.values())
            elif isinstance(value, list | tuple | set):
                stack.extend(value)
            if items + len(stack) > self._limits.items or size > self._limits.characters:
                raise SecurityError("the template makes too long a list")
        return size


def require_count(value: object) -> None:
    """An integer given to a function or filter, which may be a width or a number of items."""
    if isinstance(value, int) and abs(value) > _LARGEST_COUNT:
        raise SecurityError("the template counts too far")


def require_narrow_fields(pattern: str) -> None:
    """The fields of a str.format pattern have no width that makes a text of any size."""
    for _, _, spec, _ in string.Formatter().parse(pattern):
        if spec and _WIDE_SPEC.search(spec):
            raise SecurityError("the template formats too wide a text")


def _require_narrow(pattern: str) -> None:
    if _WIDE_PERCENT.search(pattern):
        raise SecurityError("the template formats too wide a text")
