"""Texts that hold line breaks, written one a line."""

import re
from collections.abc import Sequence

_ESCAPE = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "t": "\t", "r": "\r"}


def escaped(text: str) -> str:
    r"""The text on one line: a line break is `\n`, a tab `\t`, a backslash `\\`."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def unescaped(line: str) -> str:
    """What `escaped` made the line of; a backslash before any other letter is that letter's."""
    return _ESCAPE.sub(lambda match: _MEANT.get(match[1], match[1] if match[1] == "\\" else match[0]), line)


def lines_from(texts: Sequence[str]) -> str:
    """Each text on a line of its own."""
    return "\n".join(escaped(text) for text in texts)


def texts_in(lines: str) -> tuple[str, ...]:
    """The texts of `lines_from`; empty lines are none."""
    return tuple(unescaped(line) for line in lines.split("\n") if line)
