"""Whole numbers of a model's header, whatever form it has them in: never an exception, but a default."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.engine.guards.gguf import GgufArray, GgufHeader

_MOST = 1 << 40  # beyond every count and length there is


@dataclass(frozen=True, slots=True)
class HeaderValues:
    """The architecture's own whole numbers in `header`. What cannot be is left out and said in `doubts`."""

    header: GgufHeader
    doubts: list[str] = field(default_factory=list)

    def has(self, key: str) -> bool:
        """Whether the header says anything under the architecture's `key`."""
        return self.header.own(key) in self.header.metadata

    def number(self, key: str, default: int = 0) -> int:
        """The number under the key; of one for each layer the greatest."""
        return max(self._numbers(key), default=default)

    def each(self, key: str, count: int, default: int | Sequence[int] = 0) -> tuple[int, ...]:
        """The number of each of `count` layers: one for all, or a list, whose last stands for what it lacks."""
        found = self._numbers(key)
        if not found:
            return (default,) * count if isinstance(default, int) else tuple(default)[:count]
        if 1 < len(found) < count and self.is_list(key):
            self.doubt(f"'{self.header.own(key)}' has {len(found):,} numbers for {count:,} layers")
        return (found + (found[-1],) * count)[:count]

    def is_list(self, key: str) -> bool:
        """Whether the header has a list under the key."""
        return isinstance(self.header.metadata.get(self.header.own(key)), GgufArray)

    def doubt(self, what: str) -> None:
        """Add a sentence about what is wrong with the header, once."""
        sentence = f"The header is not clear: {what}."
        if sentence not in self.doubts:
            self.doubts.append(sentence)

    def _numbers(self, key: str) -> tuple[int, ...]:
        value = self.header.metadata.get(self.header.own(key))
        values = (value.values or ()) if isinstance(value, GgufArray) else () if value is None else (value,)
        sound = tuple(int(number) for number in values if isinstance(number, int) and 0 <= number <= _MOST)
        if value is not None and (not sound or len(sound) < len(values)):
            self.doubt(f"'{self.header.own(key)}' is no whole number")
        return sound
