"""Finds Pygments' lexer for the word that stands after a fence."""

import re
from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_LONGEST_NAME = 32
_ALSO = {  # what people write and Pygments does not know
    "c++11": "cpp",
    "c++17": "cpp",
    "c++20": "cpp",
    "cjs": "javascript",
    "dockerfile.dev": "docker",
    "gradle": "groovy",
    "h": "c",
    "hh": "cpp",
    "hpp": "cpp",
    "htm": "html",
    "ipython": "python",
    "json5": "json",
    "jsonc": "json",
    "jsonl": "json",
    "kt": "kotlin",
    "kts": "kotlin",
    "mjs": "javascript",
    "mm": "objective-c++",
    "mts": "typescript",
    "node": "javascript",
    "numpy": "python",
    "plpgsql": "sql",
    "postgres": "sql",
    "postgresql": "sql",
    "pyi": "python",
    "python3.11": "python",
    "shellscript": "bash",
    "sqlite": "sql",
    "svelte": "html",
    "vb": "vbnet",
}
# Their rules take more than a tenth of a second for one long line.
_TOO_SLOW = frozenset({"easytrieve", "jlcon", "pug", "systemd"})
_WORD = re.compile(r"[^\s,;:{}()\[\]]+")


def language_name(word: str) -> str:
    """The language that a fence's word names, in small letters and without ornaments; empty when it names none."""
    found = _WORD.search(word.lower().removeprefix("language-"))
    name = found[0].lstrip(".") if found else ""
    if len(name) > _LONGEST_NAME:
        return ""
    return _ALSO.get(name, name)


@lru_cache(32)
def pygments_lexer(name: str) -> Lexer | None:
    """The lexer for what language_name() returned; None for plain text and for what nobody knows."""
    if name in {"", "text", "txt", "plain", "plaintext", "none", "output"}:
        return None
    try:
        lexer = get_lexer_by_name(name)
    except ClassNotFound:
        return None
    return None if _TOO_SLOW.intersection(lexer.aliases) else lexer
