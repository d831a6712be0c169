"""Makes a model's text harmless before it is read: line ends are "\\n", and nothing in it is invisible mischief."""

import re

REPLACEMENT = "\ufffd"

# Control characters (but tab and line feed), lone surrogates, what changes the direction of the text after it, and
# what Qt's text documents use for their own ends.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffc\ufffe\uffff]"
)
_LINE_END = re.compile("\r\n?|\u2028|\u2029")


def clean(text: str) -> str:
    """A whole text, made harmless; only "\\r\\n" becomes shorter."""
    return _HARMFUL.sub(REPLACEMENT, _LINE_END.sub("\n", text))


class Cleaner:
    """Cleans a text that comes in pieces, as if it had come at once."""

    def __init__(self) -> None:
        self._held = ""  # a "\r" whose "\n" may still come

    def feed(self, text: str) -> str:
        """The next piece, cleaned; a last "\\r" waits for the piece after it."""
        text = self._held + text
        self._held = "\r" if text.endswith("\r") else ""
        return clean(text[: len(text) - len(self._held)])

    def finish(self) -> str:
        """What still waited."""
        held, self._held = self._held, ""
        return clean(held)
