"""Comments and strings that go on over lines, in languages whose lexers read them by a single rule."""

import re
from typing import Any, NamedTuple

from pygments.lexer import LexerContext
from pygments.token import _TokenType

from app.ui.transcript.blocks.lexing_rules import LexingRules
from app.ui.transcript.blocks.line_runs import Tokens
from app.ui.transcript.blocks.token_kinds import TokenKind, kind_of

_SPANS = (  # what may go on over lines by one rule of Pygments'; the longer openers first
    ("/*", "*/"),
    ("<!--", "-->"),
    ("<![CDATA[", "]]>"),
    ("--[[", "]]"),
    ("#[[", "]]"),
    ("(*", "*)"),
    ("{-", "-}"),
    ("<#", "#>"),
    ("#=", "=#"),
    ("#|", "|#"),
    ("<<", ""),  # a here document, which ends with its own word
    ('r#"', '"#'),
    ('@"', '"'),
    ('"""', '"""'),
    ("'''", "'''"),
    ("[[", "]]"),
    ("=begin", "=end"),
    ("`", "`"),
    ("'", "'"),
    ('"', '"'),
)
_OPENERS = frozenset(opener[0] for opener, _ in _SPANS)
_HERE_DOCUMENT = re.compile(r"<<-?\s*(['\"]?)\\?(\w+)\1")


class OpenSpan(NamedTuple):
    """A comment or string over lines: what begins and ends it, and which change of states its rule asks for."""

    opener: str
    closer: str
    kind: TokenKind
    new_state: Any


class OpenSpans:
    """Finds where such a comment or string begins; which ones a language has is found out by trying its rules."""

    def __init__(self, rules: LexingRules) -> None:
        self._rules = rules
        self._spans: dict[str, tuple[OpenSpan, ...]] = {}

    def begins_at(self, context: LexerContext) -> OpenSpan | None:
        """The comment or string that begins here and does not end on this line."""
        text, pos = context.text, context.pos
        if text[pos] not in _OPENERS:
            return None
        for span in self._spans_of(context.stack[-1]):
            if text.startswith(span.opener, pos):
                here = _HERE_DOCUMENT.match(text, pos) if span.opener == "<<" else None
                if span.opener == "<<" and here is None:
                    continue
                closer = here[2] if here else span.closer
                if text.find(closer, here.end() if here else pos + len(span.opener)) >= 0:
                    return None
                return None if self._has_state_for(context, span) else span._replace(closer=closer)
        return None

    def _has_state_for(self, context: LexerContext, span: OpenSpan) -> bool:
        """Whether the lexer has a state for the inside of a span, which knows better what stands in it."""
        found = self._rules.match(context, may_be_empty=False)
        if found is None:
            return False
        _, action, new_state = found
        is_entered = isinstance(new_state, str | tuple) and new_state != "#pop"
        return is_entered and type(action) is _TokenType and kind_of(action) is span.kind

    def _spans_of(self, state: str) -> tuple[OpenSpan, ...]:
        """Those of _SPANS that a single rule of this state reads over lines, found by trying."""
        if state not in self._spans:
            tried = (self._try_span(opener, closer, state) for opener, closer in _SPANS)
            self._spans[state] = tuple(span for span in tried if span is not None)
        return self._spans[state]

    def _try_span(self, opener: str, closer: str, state: str) -> OpenSpan | None:
        context = LexerContext(f"{opener}EOF\na\nEOF" if opener == "<<" else f"{opener}\na\n{closer}", 0, [state])
        found = self._rules.match(context, may_be_empty=False)
        if found is None or found[0].end() < context.end:
            return None
        tokens: Tokens = []
        self._rules.step(context, tokens)
        kinds = {kind for _, _, kind in tokens}
        if len(kinds) == 1 and kinds <= {TokenKind.COMMENT, TokenKind.STRING, TokenKind.KEYWORD}:
            return OpenSpan(opener, closer, kinds.pop(), found[2])
        return None
