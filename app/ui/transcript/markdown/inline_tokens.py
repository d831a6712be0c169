"""Sets the signs of emphasis and links around the words of a paragraph; how they are written comes later."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from app.ui.transcript.markdown.content import Span, Spans
from app.ui.transcript.markdown.escaping import Surroundings, escaped, escaped_address
from app.ui.transcript.markdown.spans import joined

_AUTOLINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>%\\&\x00-\x20]*")
_PLAIN_ADDRESS = re.compile(r"[^\s<>()\x00-\x20\x7f]+")


class Kind(Enum):
    """What a token is."""

    TEXT = auto()  # to be escaped
    FIXED = auto()  # as it is
    OPENING = auto()
    CLOSING = auto()


@dataclass(slots=True)
class Pair:
    """An emphasis or a link: what opens and what closes it."""

    attribute: str
    opening: str
    closing: str
    beside: list["Pair"] = field(default_factory=list)  # those whose signs touch its own
    is_chosen: bool = False


@dataclass(slots=True)
class Token:
    """Words or a sign; with `first_as_entity` the text's first character is written by its number."""

    kind: Kind
    text: str = ""
    pair: Pair | None = None
    in_link: bool = False
    first_as_entity: bool = False
    last_as_entity: bool = False

    def string(self) -> str:
        """What it is written as, but for escapes."""
        if self.pair is None:
            return self.text
        return self.pair.opening if self.kind is Kind.OPENING else self.pair.closing


def inline_tokens(spans: Spans) -> list[Token]:
    """The spans that say anything, as text with signs between."""
    said = joined(span for span in spans if span.text or span.image)
    return _with_bare_addresses(list(_tokens(said)))


def _attributes(span: Span) -> tuple[str, ...]:
    named = (("bold", span.bold), ("italic", span.italic), ("struck", span.struck), (f"link {span.link}", span.link))
    return tuple(name for name, is_set in named if is_set)


def _tokens(spans: Spans) -> Iterator[Token]:
    """The spans with signs around them: what lasts longest is opened first, what was opened last is closed first."""
    opened: list[Pair] = []
    for span, lasting in zip(spans, _lasting(spans), strict=True):
        wanted = _attributes(span)
        kept = next((at for at, pair in enumerate(opened) if pair.attribute not in wanted), len(opened))
        for pair in reversed(opened[kept:]):
            yield Token(Kind.CLOSING, pair=pair)
        del opened[kept:]
        held = {pair.attribute for pair in opened}
        for attribute in sorted((name for name in wanted if name not in held), key=lambda name: -lasting[name]):
            opened.append(_pair(attribute))
            yield Token(Kind.OPENING, pair=opened[-1])
        yield _token(span)
    for pair in reversed(opened):
        yield Token(Kind.CLOSING, pair=pair)


def _lasting(spans: Spans) -> list[dict[str, int]]:
    """For how many spans on each attribute of a span lasts."""
    found: list[dict[str, int]] = []
    following: dict[str, int] = {}
    for span in reversed(spans):
        following = {name: following.get(name, 0) + 1 for name in _attributes(span)}
        found.append(following)
    return found[::-1]


def _pair(attribute: str) -> Pair:
    match attribute:
        case "bold":
            return Pair(attribute, "**", "**")
        case "italic":
            return Pair(attribute, "*", "*")
        case "struck":
            return Pair(attribute, "~~", "~~")
        case _:
            return Pair(attribute, "[", f"]({_address(attribute.removeprefix('link '))})")


def _address(address: str) -> str:
    address = escaped_address(address.replace("\n", "%0A"))
    if _PLAIN_ADDRESS.fullmatch(address):
        return address
    return "<" + address.replace("<", "\\<").replace(">", "\\>") + ">"


def _token(span: Span) -> Token:
    if span.image:
        text = escaped(span.text.replace("\n", " "), Surroundings("[", "]", has_dollars=True, in_image=True))
        return Token(Kind.FIXED, f"![{text}]({_address(span.image)})")
    if span.footnote:
        return Token(Kind.FIXED, f"[^{span.text}]")
    if span.code:
        return Token(Kind.FIXED, _code(span.text.replace("\n", " ")))
    if span.math:
        opening, closing = ("\\[", "\\]") if span.displayed else ("\\(", "\\)")
        source = span.text if "%" in span.text else span.text.replace("\n", " ")  # a comment ends with its line
        return Token(Kind.FIXED, opening + source + closing)
    return Token(Kind.TEXT, span.text, in_link=bool(span.link))


def _code(text: str) -> str:
    taken = {len(run) for run in re.findall("`+", text)}
    fence = "`" * next(length for length in range(1, len(taken) + 2) if length not in taken)
    padded = text.startswith("`") or text.endswith("`") or (text[:1] == text[-1:] == " " and text.strip(" "))
    return f"{fence} {text} {fence}" if padded else fence + text + fence


def _with_bare_addresses(tokens: list[Token]) -> list[Token]:
    """The tokens; a link that says its own address is written in the short way."""
    made: list[Token] = []
    for token in tokens:
        made.append(token)
        if token.kind is Kind.CLOSING and len(made) > 2 and made[-3].pair is token.pair and made[-2].in_link:
            said = made[-2].text
            if token.string() == f"]({said})" and _AUTOLINK.fullmatch(said):
                made[-3:] = [Token(Kind.FIXED, f"<{said}>")]
    return made
