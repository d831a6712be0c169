"""Breaks JSON into lines for reading; nothing but the blanks between its parts changes, and it may be cut off."""

import re

_PART = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_INDENT = "  "


def json_in_lines(text: str) -> str:
    """One member or element a line, indented by how deep it stands."""
    written: list[str] = []
    depth = 0
    before = ""
    for part in _PART.findall(text):
        if part in ("}", "]"):
            depth = max(depth - 1, 0)
        opens = before in ("{", "[")
        closes = part in ("}", "]")
        if written and (before == "," or opens != closes):
            written.append("\n" + _INDENT * depth)
        elif before == ":":
            written.append(" ")
        written.append(part)
        depth += part in ("{", "[")
        before = part
    return "".join(written)
