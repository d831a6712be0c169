"""What a single line of Markdown can be: its indentation, and what it may begin."""

import re
from dataclasses import dataclass

TAB = 4
CODE_INDENT = 4

FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$")
HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*+){3,}|(?:-[ \t]*+){3,}|(?:_[ \t]*+){3,})$")
UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
FOOTNOTE = re.compile(r" {0,3}\[\^([^\s\]]+)\]:")
DELIMITER_ROW = re.compile(r" {0,3}[-:|][-:|][-:| \t]*$| {0,3}[:|][ \t][-:| \t]*$")
_MARKER = re.compile(r"([-+*]|\d{1,9}[.)])(?=[ \t]|$)")
_TASK = re.compile(r"\[([ xX])\][ \t]+")


@dataclass(frozen=True, slots=True)
class LineRest:
    """What is left of a line behind the containers it stands in; `column` is where it begins, for the sake of tabs."""

    text: str
    column: int = 0

    @property
    def is_blank(self) -> bool:
        """Whether nothing but white space is left."""
        return not self.text.strip(" \t")

    def indent(self) -> int:
        """Columns of white space in front."""
        columns = 0
        for character in self.text:
            if character == " ":
                columns += 1
            elif character == "\t":
                columns += TAB - (self.column + columns) % TAB
            else:
                break
        return columns

    def without_indent(self, width: int) -> tuple["LineRest", int]:
        """This without up to `width` columns of white space, and their number; a tab cut in two leaves spaces."""
        if width <= len(self.text) and self.text.startswith(" " * width):
            return LineRest(self.text[width:], self.column + width), width
        removed = index = 0
        while removed < width and index < len(self.text):
            character = self.text[index]
            if character not in " \t":
                break
            removed += 1 if character == " " else TAB - (self.column + removed) % TAB
            index += 1
        rest = " " * (removed - width) + self.text[index:]
        removed = min(removed, width)
        return LineRest(rest, self.column + removed), removed

    def spaced(self) -> "LineRest":
        """The same without tabs in front, when these are not as wide here as they would be at a line's start."""
        if self.column % TAB and "\t" in self.text[: len(self.text) - len(self.text.lstrip(" \t"))]:
            return LineRest(" " * self.indent() + self.text.lstrip(" \t"), self.column)
        return self


def inside_quote(place: LineRest) -> LineRest | None:
    """What stands behind a quote's ">" and the space after it; None when the line has none."""
    rest, _ = place.without_indent(CODE_INDENT - 1)
    if not rest.text.startswith(">"):
        return None
    rest, _ = LineRest(rest.text[1:], rest.column + 1).without_indent(1)
    return rest


@dataclass(frozen=True, slots=True)
class Marker:
    """The beginning of a list's item.

    `style` tells lists apart ("-", "+", "*", ".", ")"), `value` is an ordered item's number, else None. Lines of the
    item are indented by `width` columns. `checked` is a task's box. `rest` stands behind all that.
    """

    style: str
    value: int | None
    width: int
    checked: bool | None
    rest: LineRest


def item_marker(place: LineRest) -> Marker | None:
    """The list item that begins here; None when none does. The line is indented by less than a code block's."""
    indented, indent = place.without_indent(CODE_INDENT - 1)
    match = _MARKER.match(indented.text)
    if match is None:
        return None
    mark = match[1]
    value = int(mark[:-1]) if len(mark) > 1 else None
    width = indent + len(mark)
    behind = LineRest(indented.text[len(mark) :], indented.column + len(mark))
    spaces = behind.indent()
    if behind.is_blank:
        return Marker(mark[-1], value, width + 1, None, LineRest("", behind.column + 1))
    if spaces > CODE_INDENT:
        return Marker(mark[-1], value, width + 1, None, behind.without_indent(1)[0])
    rest, _ = behind.without_indent(spaces)
    checked = None
    if task := _TASK.match(rest.text):
        checked = task[1] != " "
        rest = LineRest(rest.text[task.end() :], rest.column + task.end())
    return Marker(mark[-1], value, width + spaces, checked, rest)
