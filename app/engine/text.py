"""How bytes from tokens become text that can be shown: whole characters only, and nothing of a stop string."""

import codecs
from collections.abc import Sequence


class TextDecoder:
    """Incremental UTF-8: bytes of a character that is not whole yet wait for the rest; broken bytes become U+FFFD."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, piece: bytes) -> str:
        """The characters that are whole with these bytes."""
        return self._decoder.decode(piece)

    def rest(self) -> str:
        """What remains at the end: U+FFFD for an unfinished character, else nothing."""
        return self._decoder.decode(b"", final=True)


class StopStrings:
    """Cuts the text before the first stop string and holds back what may be the beginning of one."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(s for s in stops if s)
        self._held = ""
        self.found = False

    def feed(self, text: str) -> str:
        """The text that is certain to be shown; nothing once a stop string was found."""
        if self.found:
            return ""
        if not self._stops:
            return text
        text = self._held + text
        at = min((i for i in (text.find(s) for s in self._stops) if i >= 0), default=-1)
        if at >= 0:
            self.found, self._held = True, ""
            return text[:at]
        held = max(_overlap(text, s) for s in self._stops)
        self._held = text[len(text) - held :] if held else ""
        return text[: len(text) - held]

    def rest(self) -> str:
        """What was held back and turned out to be text after all."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """The length of the longest ending of `text` that begins `stop` (and is shorter than it)."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
