"""Turns the tokens of running text into spans."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from markdown_it.token import Token

from app.ui.transcript.markdown.clean import clean
from app.ui.transcript.markdown.content import Span, Spans
from app.ui.transcript.markdown.math_rule import DISPLAYED, INLINE


def spans_of(tokens: Sequence[Token]) -> Spans:
    """The spans that markdown-it's inline tokens say, neighbours that look alike as one."""
    bold = italic = struck = 0
    links = [""]
    spans: list[Span] = []
    for token in tokens:
        change = token.nesting
        match token.type:
            case "strong_open" | "strong_close":
                bold += change
            case "em_open" | "em_close":
                italic += change
            case "s_open" | "s_close":
                struck += change
            case "link_open":
                links.append(str(token.attrs.get("href", "")))
            case "link_close":
                links.pop()
            case _:
                span = _span(token, bool(bold), bool(italic), bool(struck), links[-1])
                if span.text or span.image:
                    spans.append(span)
    return joined(spans)


def joined(spans: Iterable[Span]) -> Spans:
    """The same with neighbours that look alike as one; images, formulas and footnotes stay by themselves."""
    result: list[Span] = []
    texts: list[str] = []  # of the last span, which may grow
    for span in spans:
        if result and _look(span) == _look(result[-1]) and not (span.image or span.math or span.footnote):
            texts.append(span.text)
            continue
        _set_text(result, texts)
        result.append(span)
        texts = [span.text]
    _set_text(result, texts)
    return tuple(result)


def followed(spans: Spans, more: Spans) -> Spans:
    """Two rows of joined spans as one."""
    return (*spans[:-1], *joined((*spans[-1:], *more[:1])), *more[1:])


def _set_text(spans: list[Span], texts: list[str]) -> None:
    if len(texts) > 1:
        spans[-1] = replace(spans[-1], text="".join(texts))


def _look(span: Span) -> tuple[bool | str, ...]:
    return span.bold, span.italic, span.struck, span.code, span.math, span.footnote, span.link, span.image


def _span(token: Token, bold: bool, italic: bool, struck: bool, link: str) -> Span:
    match token.type:
        case "softbreak":
            return Span(" ", bold, italic, struck, link=link)
        case "hardbreak":
            return Span("\n", bold, italic, struck, link=link)
        case "code_inline":
            return Span(token.content, bold, italic, struck, code=True, link=link)
        case "text_special":  # an entity can be any character
            text = clean(token.content) if token.info == "entity" else token.content
            return Span(text, bold, italic, struck, link=link)
        case "image":
            description = "".join(span.text for span in spans_of(token.children or ()))
            return Span(description, bold, italic, struck, link=link, image=str(token.attrs.get("src", "")))
        case "footnote_ref":
            return Span(str(token.meta["label"]), bold, italic, struck, link=link, footnote=True)
        case _ if token.type in (INLINE, DISPLAYED):
            return Span(token.content, bold, italic, struck, math=True, displayed=token.type == DISPLAYED, link=link)
    return Span(token.content, bold, italic, struck, link=link)
