"""Writes the spans of a paragraph, a heading or a cell as Markdown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from itertools import pairwise
from unicodedata import category

from app.ui.transcript.markdown.content import Span, Spans
from app.ui.transcript.markdown.escaping import (
    Surroundings,
    entity,
    escaped,
    escaped_address,
    escaped_edges,
    escaped_lines,
    is_ascii_punctuation,
)

_AUTOLINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>%\\&\x00-\x20]*")
_PLAIN_ADDRESS = re.compile(r"[^\s<>()\x00-\x20\x7f]+")


class Setting(Enum):
    """Where the spans stand."""

    PARAGRAPH = auto()
    HEADING = auto()
    CELL = auto()


def inline_markdown(spans: Spans, setting: Setting) -> str:
    """The spans as Markdown; only in a paragraph there are line breaks."""
    tokens = _with_bare_addresses(list(_tokens(_joined(spans))))
    _choose_dollars(tokens)
    _choose_signs(tokens)
    while _part_signs_from_letters(tokens):
        pass  # a character written by its number is a mark to the sign on its other side
    written = _written(tokens, in_cell=setting is Setting.CELL)
    match setting:
        case Setting.PARAGRAPH:
            return escaped_lines(written)
        case Setting.HEADING:
            return re.sub(r"(?<!\\)(#+)$", r"\\\1", _on_one_line(written))
        case Setting.CELL:
            return _on_one_line(written)


class _Kind(Enum):
    TEXT = auto()  # to be escaped
    FIXED = auto()  # as it is
    OPENING = auto()
    CLOSING = auto()


@dataclass(slots=True)
class _Pair:
    """An emphasis or a link: what opens and what closes it."""

    attribute: str
    opening: str
    closing: str
    beside: list["_Pair"] = field(default_factory=list)  # those whose signs touch its own
    is_chosen: bool = False


@dataclass(slots=True)
class _Token:
    kind: _Kind
    text: str = ""
    pair: _Pair | None = None
    in_link: bool = False
    first_as_entity: bool = False
    last_as_entity: bool = False

    def string(self) -> str:
        """What it is written as, but for escapes."""
        if self.pair is None:
            return self.text
        return self.pair.opening if self.kind is _Kind.OPENING else self.pair.closing


def _joined(spans: Spans) -> list[Span]:
    """The spans that say anything, those alike made one."""
    joined: list[Span] = []
    for span in spans:
        if not span.text and not span.image:
            continue
        if (
            joined
            and not (span.math or span.footnote or span.image)
            and replace(joined[-1], text="") == replace(span, text="")
        ):
            joined[-1] = replace(span, text=joined[-1].text + span.text)
        else:
            joined.append(span)
    return joined


def _attributes(span: Span) -> tuple[str, ...]:
    named = (("bold", span.bold), ("italic", span.italic), ("struck", span.struck), (f"link {span.link}", span.link))
    return tuple(name for name, is_set in named if is_set)


def _tokens(spans: list[Span]) -> Iterator[_Token]:
    """The spans with signs around them: what lasts longest is opened first, what was opened last is closed first."""
    opened: list[_Pair] = []
    for span, lasting in zip(spans, _lasting(spans), strict=True):
        wanted = _attributes(span)
        kept = next((at for at, pair in enumerate(opened) if pair.attribute not in wanted), len(opened))
        for pair in reversed(opened[kept:]):
            yield _Token(_Kind.CLOSING, pair=pair)
        del opened[kept:]
        held = {pair.attribute for pair in opened}
        for attribute in sorted((name for name in wanted if name not in held), key=lambda name: -lasting[name]):
            opened.append(_pair(attribute))
            yield _Token(_Kind.OPENING, pair=opened[-1])
        yield _token(span)
    for pair in reversed(opened):
        yield _Token(_Kind.CLOSING, pair=pair)


def _lasting(spans: list[Span]) -> list[dict[str, int]]:
    """For how many spans on each attribute of a span lasts."""
    found: list[dict[str, int]] = []
    following: dict[str, int] = {}
    for span in reversed(spans):
        following = {name: following.get(name, 0) + 1 for name in _attributes(span)}
        found.append(following)
    return found[::-1]


def _pair(attribute: str) -> _Pair:
    match attribute:
        case "bold":
            return _Pair(attribute, "**", "**")
        case "italic":
            return _Pair(attribute, "*", "*")
        case "struck":
            return _Pair(attribute, "~~", "~~")
        case _:
            return _Pair(attribute, "[", f"]({_address(attribute.removeprefix('link '))})")


def _address(address: str) -> str:
    address = escaped_address(address.replace("\n", "%0A"))
    if _PLAIN_ADDRESS.fullmatch(address):
        return address
    return "<" + address.replace("<", "\\<").replace(">", "\\>") + ">"


def _token(span: Span) -> _Token:
    if span.image:
        text = escaped(span.text.replace("\n", " "), Surroundings("[", "]", has_dollars=True, in_image=True))
        return _Token(_Kind.FIXED, f"![{text}]({_address(span.image)})")
    if span.footnote:
        return _Token(_Kind.FIXED, f"[^{span.text}]")
    if span.code:
        return _Token(_Kind.FIXED, _code(span.text.replace("\n", " ")))
    if span.math:
        opening, closing = ("\\[", "\\]") if span.displayed else ("\\(", "\\)")
        source = span.text if "%" in span.text else span.text.replace("\n", " ")  # a comment ends with its line
        return _Token(_Kind.FIXED, opening + source + closing)
    return _Token(_Kind.TEXT, span.text, in_link=bool(span.link))


def _code(text: str) -> str:
    taken = {len(run) for run in re.findall("`+", text)}
    fence = "`" * next(length for length in range(1, len(taken) + 2) if length not in taken)
    padded = text.startswith("`") or text.endswith("`") or (text[:1] == text[-1:] == " " and text.strip(" "))
    return f"{fence} {text} {fence}" if padded else fence + text + fence


def _with_bare_addresses(tokens: list[_Token]) -> list[_Token]:
    """The tokens; a link that says its own address is written in the short way."""
    made: list[_Token] = []
    for token in tokens:
        made.append(token)
        if token.kind is _Kind.CLOSING and len(made) > 2 and made[-3].pair is token.pair and made[-2].in_link:
            said = made[-2].text
            if token.string() == f"]({said})" and _AUTOLINK.fullmatch(said):
                made[-3:] = [_Token(_Kind.FIXED, f"<{said}>")]
    return made


def _choose_dollars(tokens: list[_Token]) -> None:
    """Mathematics between dollar signs, but where these would be taken for an amount of money or for others."""
    for at, token in enumerate(tokens):
        if token.kind is _Kind.FIXED and token.text.startswith(("\\(", "\\[")):
            before = _edge(tokens[at - 1], first=False) if at else ""
            after = _edge(tokens[at + 1], first=True) if at + 1 < len(tokens) else ""
            source = token.text[2:-2]
            is_plain = "$" not in source and source == source.strip() and not source.endswith("\\")
            sign = "$" if token.text[1] == "(" else "$$"
            if sign == "$$" and before in ("", "\n"):
                continue  # it would stand on lines of its own
            if is_plain and not (before.isdigit() or after.isdigit() or before in ("$", "\\") or after == "$"):
                token.text = sign + source + sign


def _choose_signs(tokens: list[_Token]) -> None:
    """Signs that touch are made different: "***" is read in more than one way."""
    for token, following in pairwise(tokens):
        if token.pair and following.pair:
            token.pair.beside.append(following.pair)
            following.pair.beside.append(token.pair)
    for pair in (token.pair for token in tokens if token.kind is _Kind.OPENING and token.pair):
        chosen = [other.opening[0] for other in pair.beside if other.is_chosen]
        if pair.opening[0] == "*" and "*" in chosen and "_" not in chosen:
            pair.opening = pair.closing = "_" * len(pair.opening)
        pair.is_chosen = True


def _part_signs_from_letters(tokens: list[_Token]) -> bool:
    """Have characters beside a sign written by their number where the sign would not be taken for one otherwise.

    Whether there were any.
    """
    return sum(_part_from_letters(tokens, at) for at, token in enumerate(tokens) if _is_emphasis(token)) > 0


def _is_emphasis(token: _Token) -> bool:
    return token.pair is not None and token.pair.opening != "["


def _part_from_letters(tokens: list[_Token], at: int) -> bool:
    first = tokens[at].kind is _Kind.OPENING
    sign = tokens[at].string()[0]
    outside, inside = (at - 1, at + 1) if first else (at + 1, at - 1)
    within = _edge(tokens[inside], first=first)
    without = _edge(tokens[outside], first=not first) if 0 <= outside < len(tokens) else " "
    has_changed = within.isspace() and _as_entity(tokens[inside], first=first)
    is_joined = not without.isspace() and not _is_punctuation(without)
    if is_joined and (sign == "_" or has_changed or _may_be_punctuation(within)):
        return _as_entity(tokens[outside], first=not first) or has_changed
    return has_changed


def _edge(token: _Token, *, first: bool) -> str:
    string = token.string()
    if (token.first_as_entity and first) or (token.last_as_entity and not first):
        return "&" if first else ";"
    edge = string[:1] if first else string[-1:]
    return "\\" if first and edge == "\n" else edge  # a line is broken with a backslash


def _as_entity(token: _Token, *, first: bool) -> bool:
    """Have the first or last character of a text written by its number; whether it was not yet."""
    if token.kind is not _Kind.TEXT or (token.first_as_entity if first else token.last_as_entity):
        return False
    if first:
        token.first_as_entity = True
    else:
        token.last_as_entity = True
    return True


def _is_punctuation(character: str) -> bool:
    return is_ascii_punctuation(character) or category(character).startswith("P")


def _may_be_punctuation(character: str) -> bool:
    return is_ascii_punctuation(character) or category(character)[0] in "PS"


def _written(tokens: list[_Token], *, in_cell: bool) -> str:
    dollars = sum(token.string().count("$") for token in tokens) > 1
    pieces: list[str] = []
    for at, token in enumerate(tokens):
        if token.kind is not _Kind.TEXT:
            string = token.string()
            pieces.append(string.replace("|", "\\|") if in_cell else string)
            continue
        before = _edge(tokens[at - 1], first=False) if at else ""
        after = _edge(tokens[at + 1], first=True) if at + 1 < len(tokens) else ""
        pieces.append(
            _written_text(token, Surroundings(before, after, dollars, in_link=token.in_link, in_cell=in_cell))
        )
    return "".join(pieces)


def _written_text(token: _Token, around: Surroundings) -> str:
    text, head, tail = token.text, "", ""
    if token.first_as_entity and text:
        head, text, around = entity(text[0]), text[1:], replace(around, before=";")
    if token.last_as_entity and text:
        tail, text, around = entity(text[-1]), text[:-1], replace(around, after="&")
    return head + escaped(text, around).replace("\n", "\\\n") + tail


def _on_one_line(written: str) -> str:
    return escaped_edges(written.replace("\\\n", " ").replace("\n", " "))
