"""What a file with the code of a block is best called."""

import re

from pygments.lexers import find_lexer_class_by_name
from pygments.util import ClassNotFound

from app.ui.transcript.blocks.languages import language_name

_LOOKED_AT = 20_000  # characters of the code
_LONGEST = 60  # characters of a name without its ending
_SUFFIX = re.compile(r"\*(\.[\w+-]+)$")
_NAMED_IN_FIRST_LINE = re.compile(
    r"\W{1,6}(?:file(?:name)?:\s*)?(?:[\w.@-]+/){0,9}([\w@-][\w.@-]*\.\w{1,6})\W{0,6}$", re.IGNORECASE
)
_DEFINITIONS = (
    re.compile(r"^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:def|function\*?|fn|fun|sub)\s+(\w+)", re.MULTILINE),
    re.compile(r"^func\s+(?:\([^()\n]{0,80}\)\s*)?(\w+)", re.MULTILINE),
    re.compile(r"^[a-z ]{0,60}\b(?:class|interface|enum|struct|trait|record|module)\s+(\w+)", re.MULTILINE),
    re.compile(r"^(?:export\s+)?(?:const|let|var)\s+(\w+)\s*=\s*(?:async\s*)?(?:\(|function\b|\w+\s*=>)", re.MULTILINE),
    re.compile(r"^[A-Za-z_][\w*&<>: ]{0,80}[ *&](\w+)\([^;\n]{0,200}$", re.MULTILINE),
    re.compile(r"^(\w+)\s?\(\)\s*\{", re.MULTILINE),
    re.compile(
        r"^create\s+(?:or\s+replace\s+)?\w+\s+(?:if\s+not\s+exists\s+)?[\"`\[]?(\w+)", re.MULTILINE | re.IGNORECASE
    ),
)
_TITLES = {
    "html": re.compile(r"<title>([^<\n]{1,200})</title>", re.IGNORECASE),
    "markdown": re.compile(r"^#{1,6}\s+(\S.{0,200})$", re.MULTILINE),
    "md": re.compile(r"^#{1,6}\s+(\S.{0,200})$", re.MULTILINE),
    "yaml": re.compile(r"^name:\s*(\S.{0,200})$", re.MULTILINE),
    "yml": re.compile(r"^name:\s*(\S.{0,200})$", re.MULTILINE),
}
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(10))}
)


def code_file_name(language: str, text: str) -> str:
    """A file name with a fitting ending, made of what the first line calls it, or of what the code defines first."""
    name = language_name(language)
    text = text[:_LOOKED_AT]
    given = _NAMED_IN_FIRST_LINE.match(text.partition("\n")[0][:200])
    if given is not None:
        return _safe(given[1])
    whole, suffix = _file_pattern(name)
    if whole:
        return whole
    found = _TITLES[name].search(text) if name in _TITLES else _first_definition(text)
    return (_safe(found[1]) if found is not None else "code") + suffix


def _first_definition(text: str) -> re.Match[str] | None:
    found = [match for pattern in _DEFINITIONS if (match := pattern.search(text)) is not None]
    return min(found, key=lambda match: match.start(), default=None)


def _file_pattern(name: str) -> tuple[str, str]:
    """The whole name that files of a language have, or else how their names end."""
    try:
        patterns = find_lexer_class_by_name(name).filenames if name else ()
    except ClassNotFound:
        patterns = ()
    for pattern in patterns:
        if pattern in {"Dockerfile", "Makefile", "CMakeLists.txt"}:
            return pattern, ""
    suffixes = (_SUFFIX.match(pattern) for pattern in patterns)
    return "", next((found[1] for found in suffixes if found is not None), ".txt")


def _safe(name: str) -> str:
    """A name that every system takes."""
    kept = re.sub(r"[^\w.@-]+", "-", name)[:_LONGEST].strip(".-")
    return f"{kept}-" if kept.partition(".")[0].lower() in _RESERVED else kept or "code"
