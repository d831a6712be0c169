"""Writes the spans of a paragraph, a heading or a cell as Markdown."""

import re
from dataclasses import replace
from enum import Enum, auto
from itertools import pairwise
from unicodedata import category

from app.ui.transcript.markdown.content import Spans
from app.ui.transcript.markdown.escaping import (
    Surroundings,
    entity,
    escaped,
    escaped_edges,
    escaped_lines,
    is_ascii_punctuation,
)
from app.ui.transcript.markdown.inline_tokens import Kind, Token, inline_tokens


class Setting(Enum):
    """Where the spans stand."""

    PARAGRAPH = auto()
    HEADING = auto()
    CELL = auto()


def inline_markdown(spans: Spans, setting: Setting) -> str:
    """The spans as Markdown; only in a paragraph there are line breaks."""
    tokens = inline_tokens(spans)
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


def _choose_dollars(tokens: list[Token]) -> None:
    """Mathematics between dollar signs, but where these would be taken for an amount of money or for others."""
    for at, token in enumerate(tokens):
        if token.kind is Kind.FIXED and token.text.startswith(("\\(", "\\[")):
            before = _edge(tokens[at - 1], first=False) if at else ""
            after = _edge(tokens[at + 1], first=True) if at + 1 < len(tokens) else ""
            source = token.text[2:-2]
            is_plain = "$" not in source and source == source.strip() and not source.endswith("\\")
            sign = "$" if token.text[1] == "(" else "$$"
            if sign == "$$" and before in ("", "\n"):
                continue  # it would stand on lines of its own
            if is_plain and not (before.isdigit() or after.isdigit() or before in ("$", "\\") or after == "$"):
                token.text = sign + source + sign


def _choose_signs(tokens: list[Token]) -> None:
    """Signs that touch are made different: "***" is read in more than one way."""
    for token, following in pairwise(tokens):
        if token.pair and following.pair:
            token.pair.beside.append(following.pair)
            following.pair.beside.append(token.pair)
    for pair in (token.pair for token in tokens if token.kind is Kind.OPENING and token.pair):
        chosen = [other.opening[0] for other in pair.beside if other.is_chosen]
        if pair.opening[0] == "*" and "*" in chosen and "_" not in chosen:
            pair.opening = pair.closing = "_" * len(pair.opening)
        pair.is_chosen = True


def _part_signs_from_letters(tokens: list[Token]) -> bool:
    """Have characters beside a sign written by their number where the sign would not be taken for one otherwise.

    Whether there were any.
    """
    return sum(_part_from_letters(tokens, at) for at, token in enumerate(tokens) if _is_emphasis(token)) > 0


def _is_emphasis(token: Token) -> bool:
    return token.pair is not None and token.pair.opening != "["


def _part_from_letters(tokens: list[Token], at: int) -> bool:
    first = tokens[at].kind is Kind.OPENING
    sign = tokens[at].string()[0]
    outside, inside = (at - 1, at + 1) if first else (at + 1, at - 1)
    within = _edge(tokens[inside], first=first)
    without = _edge(tokens[outside], first=not first) if 0 <= outside < len(tokens) else " "
    has_changed = within.isspace() and _as_entity(tokens[inside], first=first)
    is_joined = not without.isspace() and not _is_punctuation(without)
    if is_joined and (sign == "_" or has_changed or _may_be_punctuation(within)):
        return _as_entity(tokens[outside], first=not first) or has_changed
    return has_changed


def _edge(token: Token, *, first: bool) -> str:
    string = token.string()
    if (token.first_as_entity and first) or (token.last_as_entity and not first):
        return "&" if first else ";"
    edge = string[:1] if first else string[-1:]
    return "\\" if first and edge == "\n" else edge  # a line is broken with a backslash


def _as_entity(token: Token, *, first: bool) -> bool:
    """Have the first or last character of a text written by its number; whether it was not yet."""
    if token.kind is not Kind.TEXT or (token.first_as_entity if first else token.last_as_entity):
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


def _written(tokens: list[Token], *, in_cell: bool) -> str:
    dollars = sum(token.string().count("$") for token in tokens) > 1
    pieces: list[str] = []
    for at, token in enumerate(tokens):
        if token.kind is not Kind.TEXT:
            string = token.string()
            pieces.append(string.replace("|", "\\|") if in_cell else string)
            continue
        before = _edge(tokens[at - 1], first=False) if at else ""
        after = _edge(tokens[at + 1], first=True) if at + 1 < len(tokens) else ""
        pieces.append(
            _written_text(token, Surroundings(before, after, dollars, in_link=token.in_link, in_cell=in_cell))
        )
    return "".join(pieces)


def _written_text(token: Token, around: Surroundings) -> str:
    text, head, tail = token.text, "", ""
    if token.first_as_entity and text:
        head, text, around = entity(text[0]), text[1:], replace(around, before=";")
    if token.last_as_entity and text:
        tail, text, around = entity(text[-1]), text[:-1], replace(around, after="&")
    return head + escaped(text, around).replace("\n", "\\\n") + tail


def _on_one_line(written: str) -> str:
    return escaped_edges(written.replace("\\\n", " ").replace("\n", " "))
