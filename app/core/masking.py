"""Takes out of a text for others what would tell more than they need: tokens, passwords, the user's name."""

import re
from pathlib import PurePath

MASK = "…"
_HF_TOKEN = re.compile(r"\bhf_[A-Za-z0-9_-]{4,}")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/._~=-]{6,}")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_QUERY = re.compile(r"(?<=[\w/])\?[^\s'\"<>)\]]*=[^\s'\"<>)\]]*")  # signed links are as good as a key while they last
_HOMES = re.compile(r"(?i)((?:/home|/users|/media|/run/media|[a-z]:[\\/]+users)[\\/]+)([^\\/\s'\":;,]+)")


def without_secrets(text: str) -> str:
    """The text without tokens, without user and password in addresses, and without what follows a "?" there."""
    text = _HF_TOKEN.sub(f"hf_{MASK}", text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    text = _CREDENTIALS.sub(f"{MASK}@", text)
    return _QUERY.sub(f"?{MASK}", text)


def without_names(text: str, home: PurePath, user: str) -> str:
    """The text with "~" for the home folder, in whichever way it is written, and without the user's name in paths."""
    ways = {str(home), home.as_posix(), str(home).replace("\\", "\\\\")}
    for way in sorted(ways, key=len, reverse=True):
        if len(way) > 1:
            text = re.sub(re.escape(way) + r"(?![\w.-])", "~", text)
    text = _HOMES.sub(rf"\1{MASK}", text)
    if user:
        text = re.sub(rf"(?<=[\\/]){re.escape(user)}(?=[\\/\s'\"]|$)", MASK, text)
    return text
