"""The quotes, list items and footnotes that are open at some line of a message."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.ui.transcript.markdown.content import BULLET, Container, ContainerKind, Containers
from app.ui.transcript.markdown.lines import LineRest, Marker, inside_quote

FOOTNOTE_INDENT = 4
_NEVER = 1 << 30  # the width of an item that no later line can stand in


@dataclass(frozen=True, slots=True)
class _Level:
    """One open container; lines in it are indented by `width` columns, those of a quote are marked."""

    container: Container
    width: int = 0
    style: str = ""
    value: int = 0

    @property
    def is_quote(self) -> bool:
        return self.container.kind is ContainerKind.QUOTE


class ContainerStack:
    """Open containers, the outermost first; gives each its number."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []
        self._next_number = 0

    def __len__(self) -> int:
        return len(self._levels)

    def copy(self) -> ContainerStack:
        """The same stack, to go on by itself."""
        other = ContainerStack()
        other._levels = self._levels.copy()
        other._next_number = self._next_number
        return other

    @property
    def containers(self) -> Containers:
        """What blocks that come now stand in: a footnote stands by itself wherever it is defined."""
        containers = [level.container for level in self._levels]
        notes = [index for index, level in enumerate(containers) if level.kind is ContainerKind.FOOTNOTE]
        return tuple(containers[notes[-1] if notes else 0 :])

    def match(self, place: LineRest) -> tuple[int, LineRest]:
        """How many of the open containers a line stands in, and what of it is left behind their marks."""
        for depth, level in enumerate(self._levels):
            if level.is_quote:
                inside = inside_quote(place)
                if inside is None:
                    return depth, place
                place = inside
            elif not place.is_blank:
                inside, indent = place.without_indent(level.width)
                if indent < level.width:
                    return depth, place
                place = inside
        if place.is_blank:  # it may be a line of fenced code, which is told without the indentation
            place, _ = place.without_indent(sum(level.width for level in self._levels))
        return len(self._levels), place

    def has_quote_from(self, depth: int) -> bool:
        """Whether one of the containers from a depth on is a quote."""
        return any(level.is_quote for level in self._levels[depth:])

    def cut(self, depth: int) -> None:
        """Close all containers but the outer `depth`."""
        del self._levels[depth:]

    def open_quote(self) -> None:
        """A quote begins in the innermost container."""
        self._levels.append(_Level(self._container(ContainerKind.QUOTE)))

    def open_footnote(self, label: str) -> None:
        """The definition of a footnote begins."""
        self._levels.append(_Level(self._container(ContainerKind.FOOTNOTE, marker=label), FOOTNOTE_INDENT))

    def open_item(self, depth: int, marker: Marker, is_after_blank: bool) -> None:
        """An item begins at a depth; it closes what is open from there, and goes on with the list of such an item."""
        value = marker.value or 0
        is_loose = False
        if depth < len(self._levels) and self._levels[depth].style == marker.style:
            value = self._levels[depth].value + 1
            is_loose = is_after_blank
        self.cut(depth)
        text = BULLET if marker.value is None else f"{value}{marker.style}"
        container = replace(self._container(ContainerKind.ITEM, marker=text), checked=marker.checked, is_loose=is_loose)
        self._levels.append(_Level(container, marker.width, marker.style, value))

    def bar_innermost(self) -> None:
        """Let no later line stand in the innermost container, which goes on only as the item before the next."""
        self._levels[-1] = replace(self._levels[-1], width=_NEVER)

    def _container(self, kind: ContainerKind, marker: str = "") -> Container:
        number, self._next_number = self._next_number, self._next_number + 1
        return Container(kind, number, marker)
