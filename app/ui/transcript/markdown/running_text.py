"""Reads running text, long ones part by part, and remembers what it has read."""

from itertools import chain
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.ui.transcript.markdown.content import Spans
from app.ui.transcript.markdown.parting import parts
from app.ui.transcript.markdown.spans import joined, spans_of

_REMEMBERED = 256  # parts


class Definitions:
    """What a message has defined so far for its links and footnotes."""

    def __init__(self) -> None:
        self.links: dict[str, Any] = {}
        self.footnotes: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.links or self.footnotes)

    def environment(self) -> dict[str, Any]:
        """For markdown-it, which adds the links that it finds defined."""
        notes = {"refs": {f":{label}": -1 for label in self.footnotes}, "list": {}}
        return {"references": self.links, "footnotes": notes}


class RunningText:
    """Reads the inside of paragraphs, headings and cells."""

    def __init__(self, parser: MarkdownIt, definitions: Definitions) -> None:
        self._parser = parser
        self._definitions = definitions
        self._known: dict[str, Spans] = {}

    def read(self, text: str) -> Spans:
        """The spans of a text. A text that has grown since costs only its last part."""
        read_parts = [self._read_part(part) for part in parts(text)]
        return read_parts[0] if len(read_parts) == 1 else joined(chain.from_iterable(read_parts))

    def forget(self) -> None:
        """Read everything anew from now on, since something has been defined."""
        self._known.clear()

    def _read_part(self, text: str) -> Spans:
        known = self._known.get(text)
        if known is None:
            tokens: list[Token] = []
            self._parser.inline.parse(text, self._parser, self._definitions.environment(), tokens)
            known = spans_of(tokens)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[text] = known
        return known
