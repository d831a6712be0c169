"""Lays out the lines of blocks in their quotes, lists and footnotes, for Markdown and for plain text alike."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from app.ui.transcript.markdown.content import BULLET, Block, Container, ContainerKind, Containers, Paragraph


@dataclass(frozen=True, slots=True)
class Written:
    """The lines of a block without what its containers put before them."""

    block: Block
    lines: tuple[str, ...]


class Marks(ABC):
    """What containers put before lines."""

    @abstractmethod
    def opening(self, container: Container, is_other_list: bool) -> str:
        """Before the first line; `is_other_list`: a list of the same kind that is none of this item's ends there."""

    @abstractmethod
    def following(self, container: Container, opening: str) -> str:
        """Before the other lines."""

    @abstractmethod
    def touches_paragraph(self, written: Written, item: Container) -> bool:
        """Whether a list inside an item begins right under its paragraph, without an empty line."""


@dataclass(slots=True)
class _Open:
    container: Container
    is_other_list: bool
    opening: str
    following: str


def lay_out(blocks: Iterable[Written], marks: Marks) -> str:
    """The text of all blocks, without a last line break."""
    lines: list[str] = []
    opened: list[_Open] = []
    previous: Block | None = None
    for written in blocks:
        containers = written.block.containers
        shared = _shared([each.container for each in opened], containers)
        if previous is not None and _is_apart(previous, written, shared, marks):
            lines.append("".join(each.following for each in opened[:shared]).rstrip())
        before = "".join(each.following for each in opened[:shared])
        opened = opened[:shared] + _newly_opened(opened, containers, shared, marks)
        first = before + "".join(each.opening for each in opened[shared:])
        others = "".join(each.following for each in opened)
        for number, line in enumerate(written.lines or ("",)):
            prefix = others if number else first
            is_needed = line or prefix.endswith("] ")  # a box without a space behind it is none
            lines.append(prefix + line if is_needed else prefix.rstrip())
        previous = written.block
    return "\n".join(lines)


def continues_list(before: Container, after: Container) -> bool:
    """Whether an item stands in the list of the item before it, as far as the markers tell."""
    if before.kind is not ContainerKind.ITEM or after.kind is not ContainerKind.ITEM:
        return False
    if BULLET in (before.marker, after.marker):
        return before.marker == after.marker
    return number_of(after) == number_of(before) + 1 and before.marker[-1:] == after.marker[-1:]


def number_of(item: Container) -> int:
    """The number of an item of an ordered list; 1 where the marker is none."""
    digits = item.marker.rstrip(".)")
    return int(digits) if digits.isdecimal() else 1


def _shared(opened: list[Container], containers: Containers) -> int:
    shared = 0
    for one, other in zip(opened, containers, strict=False):
        if one != other:
            break
        shared += 1
    return shared


def _newly_opened(opened: list[_Open], containers: Containers, shared: int, marks: Marks) -> list[_Open]:
    made: list[_Open] = []
    for depth, container in enumerate(containers[shared:], shared):
        is_other = False
        if depth == shared and depth < len(opened):
            is_other = _is_other_list(opened[depth], container, marks)
        elif depth == shared + 2 and container.marker == BULLET:
            is_other = True  # three signs in a row would be a line across
        opening = marks.opening(container, is_other)
        made.append(_Open(container, is_other, opening, marks.following(container, opening)))
    return made


def _is_other_list(last: _Open, container: Container, marks: Marks) -> bool:
    """Whether the sign of a list has to differ from the usual one, since the list before it bears that."""
    if last.container.kind is not ContainerKind.ITEM or container.kind is not ContainerKind.ITEM:
        return False
    if continues_list(last.container, container):
        return last.is_other_list
    return _sign(last.opening) == _sign(marks.opening(container, is_other_list=False))


def _sign(opening: str) -> str:
    return opening.split(" ", 1)[0].lstrip("0123456789")


def _is_apart(previous: Block, written: Written, shared: int, marks: Marks) -> bool:
    """Whether an empty line stands between two blocks."""
    if len(written.block.containers) == shared:
        return True
    item = written.block.containers[shared]
    if item.kind is not ContainerKind.ITEM:
        return True
    if len(previous.containers) > shared:
        return item.is_loose or not continues_list(previous.containers[shared], item)
    in_item = shared > 0 and previous.containers[-1].kind is ContainerKind.ITEM
    return not (in_item and isinstance(previous, Paragraph) and marks.touches_paragraph(written, item))
