"""Where a file of the hub may lie on this computer: under names that every system takes, never outside its folder."""

import re
import unicodedata
from pathlib import Path

from app.core.errors import InvalidParameterError

MOST_NAME_BYTES = 200  # the common limit is 255, and endings such as .part.json are added
_MOST_DEPTH = 8
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_FORBIDDEN = re.compile(r'[<>:"\\|?*\x00-\x1f\x7f]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_OURS = (".part", ".part.json", ".part.json.new", ".damaged")


def part_files(target: Path) -> tuple[Path, ...]:
    """What may lie beside `target` because of an unfinished download; the first is the part, and tells its size."""
    return tuple(target.with_name(target.name + ending) for ending in _OURS)


def safe_target(folder: Path, path: str) -> Path:
    """Where the file `path` of a repository ("sub/name.gguf") goes in `folder`.

    Raises InvalidParameterError for a name that would leave the folder, that some system does not take, or that differs
    in its letters' case alone from one that is there already.
    """
    parts = path.split("/")
    if len(parts) > _MOST_DEPTH or any(_reason(part) for part in parts):
        reason = next(filter(None, map(_reason, parts)), "it lies in too many folders")
        raise InvalidParameterError(f"{path!r} cannot be saved under that name: {reason}.")
    at = folder
    for part in parts:
        if other := _other_spelling(at, part):
            raise InvalidParameterError(
                f"{path!r} cannot be saved in {folder}, because {other!r} is there already and some systems take the "
                "two for one. Rename that one, or choose another folder."
            )
        at /= part
    if not at.resolve().is_relative_to(folder.resolve()):
        raise InvalidParameterError(f"{path!r} cannot be saved in {folder}: a link there leads out of it.")
    return at


def _reason(part: str) -> str:
    """Why a name cannot be; empty when it can."""
    if part in ("", ".", ".."):
        return "it leads out of its folder"
    if found := _FORBIDDEN.search(part):
        return f"it contains {found[0]!r}"
    if not part.isprintable():
        return "it contains characters that cannot be seen"
    if part[-1] in ". " or part[0] == " ":
        return "it begins or ends with a space, or ends with a dot"
    if _DEVICE.match(part):
        return "Windows keeps that name for a device"
    if part.lower().endswith(_OURS):
        return "names like that are those of unfinished downloads"
    if len(part.encode(errors="replace")) > MOST_NAME_BYTES:
        return "it is too long"
    return ""


def _other_spelling(folder: Path, name: str) -> str:
    """The entry of the folder that differs from `name` in case alone; empty when there is none or no such folder."""
    try:
        names = [entry.name for entry in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return ""
    if name in names:
        return ""
    return next((other for other in names if _folded(other) == _folded(name)), "")


def _folded(name: str) -> str:
    """The same for all names that some system takes for one: macOS also composes accents its own way."""
    return unicodedata.normalize("NFC", name).casefold()
