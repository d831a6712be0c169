"""Cuts an answer into prose and fenced code, so that each is shown in its own way."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})(?P<info>.*)$")


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown without a fence at its outermost level."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """What stood between two fences; `language` is the first word after the opening one, or empty."""

    language: str
    text: str


Segment = Prose | Code


def segments_of(markdown: str) -> list[Segment]:
    """The segments in order, blank ones left out; a fence that is never closed reaches to the end."""
    segments: list[Segment] = []
    lines: list[str] = []
    fence = language = ""
    for line in markdown.splitlines():
        match = _FENCE.match(line)
        if not fence and match and not ("`" in match["info"] and match["fence"][0] == "`"):
            _add_prose(segments, lines)
            fence, language, lines = match["fence"], (match["info"].split() or [""])[0], []
        elif fence and match and match["fence"].startswith(fence) and not match["info"].strip():
            segments.append(Code(language, "\n".join(lines)))
            fence, lines = "", []
        else:
            lines.append(line)
    if fence:
        segments.append(Code(language, "\n".join(lines)))
    else:
        _add_prose(segments, lines)
    return segments


def _add_prose(segments: list[Segment], lines: list[str]) -> None:
    text = "\n".join(lines).strip("\n")
    if text.strip():
        segments.append(Prose(text))
