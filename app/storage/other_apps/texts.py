"""Reads the small text files of other applications, which may be missing, damaged or of another version."""

import json
from pathlib import Path
from typing import Any

_MOST_BYTES = 1 << 20


def read_text(path: Path) -> str:
    """The text; empty when there is none, when it is absurdly long or no UTF-8."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        return content.decode("utf-8-sig") if len(content) <= _MOST_BYTES else ""
    except (OSError, UnicodeDecodeError):
        return ""


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in the file; an empty one when there is none."""
    try:
        values = json.loads(read_text(path) or "{}")
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def named_folder(text: object) -> Path | None:
    """The folder that a setting names; None for anything but an absolute path."""
    if not isinstance(text, str) or "\0" in text or not text.strip():
        return None
    path = Path(text.strip())
    return path if path.is_absolute() else None
