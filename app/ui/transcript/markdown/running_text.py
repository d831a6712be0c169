"""Reads running text, long ones part by part, and remembers what it has read."""

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.ui.transcript.markdown.content import Spans
from app.ui.transcript.markdown.parting import is_short, parts
from app.ui.transcript.markdown.spans import followed, spans_of

_REMEMBERED = 256  # parts


class Definitions:
    """What a message has defined so far for its links and footnotes."""

    def __init__(self) -> None:
        self.links: dict[str, Any] = {}
        self._notes: dict[str, dict[Any, Any]] = {"refs": {}, "list": {}}

    def __bool__(self) -> bool:
        return bool(self.links or self._notes["refs"])

    def add_footnote(self, label: str) -> None:
        """A footnote is defined."""
        self._notes["refs"].setdefault(f":{label}", -1)  # markdown-it's plugin counts those that are referred to

    def environment(self) -> dict[str, Any]:
        """For markdown-it, which adds the links that it finds defined."""
        return {"references": self.links, "footnotes": self._notes}


class RunningText:
    """Reads the inside of paragraphs, headings and cells."""

    def __init__(self, parser: MarkdownIt, definitions: Definitions) -> None:
        self._parser = parser
        self._definitions = definitions
        self._known: dict[str, Spans] = {}
        self._text = ""  # the last long text
        self._start = 0  # where its last part starts
        self._start_spans: Spans = ()  # what stands before that

    def read(self, text: str) -> Spans:
        """The spans of a text. A text that has grown since costs only its last part."""
        if is_short(text):
            return self._read_part(text)
        if not text.startswith(self._text):
            self._start, self._start_spans = 0, ()
        self._text = text
        *finished, last = parts(text, self._start)
        self._start += sum(map(len, finished))
        for part in finished:
            self._start_spans = followed(self._start_spans, self._read_part(part))
        return followed(self._start_spans, self._read_part(last))

    def forget(self) -> None:
        """Read everything anew from now on, since something has been defined."""
        self._known.clear()
        self._text, self._start, self._start_spans = "", 0, ()

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
