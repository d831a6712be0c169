"""Tells the tokens of code line by line: Pygments' rules, resumed at the start of any line."""

import copy
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from pygments.lexer import ExtendedRegexLexer, Lexer, LexerContext, RegexLexer
from pygments.lexers.data import YamlLexerContext
from pygments.token import _TokenType

from app.ui.transcript.blocks.languages import language_name, pygments_lexer
from app.ui.transcript.blocks.token_kinds import TokenKind, kind_of

_log = logging.getLogger(__name__)

LONGEST_LINE = 500  # in characters; a longer line is plain, so that no rule can backtrack for long
_DEEPEST_STACK = 64
_MOST_EMPTY_STEPS = 50  # that follow one another, before a rule is taken for one that does not end
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
_EMBEDDED = {"script-content": ("javascript", "</script"), "style-content": ("css", "</style")}


@dataclass(frozen=True, slots=True)
class Run:
    """The characters from `start` up to `end` of a line are of one kind, which is not plain."""

    start: int
    end: int
    kind: TokenKind


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class LineState:
    """What must be known at the start of a line to go on: Pygments' states, and what is still open.

    With `closer` a comment or a string of the kind `kind` goes on until it. `inner` is the state of a language that
    stands in this one; `context` is what a lexer of Pygments' extended kind remembers beside its states.
    """

    stack: tuple[str, ...] = ("root",)
    closer: str = ""
    kind: TokenKind = TokenKind.PLAIN
    inner: "LineState | None" = None
    context: LexerContext | None = None


_Tokens = list[tuple[int, int, TokenKind]]  # where each starts and ends


class LineLexer:
    """The tokens of one language; without a lexer everything is plain.

    A lexer of another kind than Pygments' regular ones sees every line alone.
    """

    def __init__(self, lexer: Lexer | None) -> None:
        self._lexer = lexer
        self._walker = _RuleWalker(lexer) if isinstance(lexer, RegexLexer) else None
        # PHP is mostly written without the tag that begins it.
        is_php = lexer is not None and lexer.name == "PHP"
        self.first_state = LineState(("root", "php") if is_php else ("root",))

    def lex(self, line: str, state: LineState) -> tuple[Runs, LineState]:
        """The runs of a line (without its line break) that begins in `state`, and the state of the next."""
        if self._lexer is None or len(line) > LONGEST_LINE:
            return (), state
        try:
            if self._walker is not None:
                return self._walker.lex(line, state)
            tokens = self._lexer.get_tokens_unprocessed(line + "\n")
            return _merged([(at, at + len(value), kind_of(token)) for at, token, value in tokens], len(line)), state
        except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError):
            # Some of Pygments' six hundred lexers trip over what is no program; text without colours is still text.
            _log.exception("the lexer for %s failed and is not asked again", self._lexer.name)
            self._lexer = None
            return (), state


@lru_cache(32)
def _lexer_named(name: str) -> LineLexer:
    return LineLexer(pygments_lexer(name))


def line_lexer(language: str) -> LineLexer:
    """The lexer for a fence's word, loaded when it is first asked for; a plain one for a word that nobody knows."""
    return _lexer_named(language_name(language))


class _Span(NamedTuple):
    """A comment or string over lines: what begins and ends it, and which change of states its rule asks for."""

    opener: str
    closer: str
    kind: TokenKind
    new_state: Any


class _RuleWalker:
    """Walks a line by the rules of a RegexLexer, as that does by itself with a whole text."""

    def __init__(self, lexer: RegexLexer) -> None:
        self._lexer = lexer
        self._is_extended = isinstance(lexer, ExtendedRegexLexer)
        self._rules: dict[str, list[Any]] = lexer._tokens  # type: ignore[attr-defined]
        self._spans: dict[str, tuple[_Span, ...]] = {}

    def lex(self, line: str, state: LineState) -> tuple[Runs, LineState]:
        """As LineLexer.lex()."""
        context = self._context(line + "\n", state)
        tokens: _Tokens = []
        if state.closer:
            end = context.text.find(state.closer)
            context.pos = context.end if end < 0 else end + len(state.closer)
            tokens.append((0, context.pos, state.kind))
            if end < 0:
                return _merged(tokens, len(line)), state
        inner = state.inner
        closer, kind, empty_steps = "", TokenKind.PLAIN, 0
        while context.pos < context.end:
            before = context.pos
            if context.stack[-1] in _EMBEDDED:
                inner = self._lex_embedded(context, inner, tokens)
                if context.pos > before:
                    continue
            span = self._span_at(context)
            if span is not None:
                closer, kind = span.closer, span.kind
                tokens.append((before, context.end, kind))
                _change(context.stack, span.new_state)
                break
            self._step(context, tokens, may_be_empty=empty_steps < _MOST_EMPTY_STEPS)
            empty_steps = empty_steps + 1 if context.pos <= before else 0
        if context.stack[-1] not in _EMBEDDED:
            inner = None
        return _merged(tokens, len(line)), self._state_after(context, closer, kind, inner)

    def _context(self, text: str, state: LineState) -> LexerContext:
        if state.context is not None:
            context = copy.deepcopy(state.context)
        elif self._lexer.name == "YAML":
            context = YamlLexerContext("", 0)  # type: ignore[no-untyped-call]
        else:
            context = LexerContext("", 0, list(state.stack))
        context.text, context.pos, context.end = text, 0, len(text)
        return context

    def _state_after(self, context: LexerContext, closer: str, kind: TokenKind, inner: LineState | None) -> LineState:
        if len(context.stack) > _DEEPEST_STACK:
            del context.stack[1 : len(context.stack) - _DEEPEST_STACK + 1]
        context.text, context.pos, context.end = "", 0, 0
        return LineState(tuple(context.stack), closer, kind, inner, context if self._is_extended else None)

    def _step(self, context: LexerContext, tokens: _Tokens, *, may_be_empty: bool = True) -> None:
        """Take the first rule that matches."""
        found = self._match(context, may_be_empty)
        if found is None:
            if context.text[context.pos] == "\n":
                context.stack[:] = ["root"]
            context.pos += 1
            return
        match, action, new_state = found
        if type(action) is _TokenType:
            tokens.append((context.pos, match.end(), kind_of(action)))
            context.pos = match.end()
        elif action is not None:
            made = action(self._lexer, match, context) if self._is_extended else action(self._lexer, match)
            tokens += ((at, at + len(value), kind_of(token)) for at, token, value in made)
        if not self._is_extended:
            context.pos = match.end()
        if new_state is not None:
            _change(context.stack, new_state)

    def _match(self, context: LexerContext, may_be_empty: bool) -> tuple[re.Match[str], Any, Any] | None:
        for match_at, action, new_state in self._rules[context.stack[-1]]:
            match = match_at(context.text, context.pos)
            if match is not None and (may_be_empty or match.end() > context.pos):
                return match, action, new_state
        return None

    def _span_at(self, context: LexerContext) -> _Span | None:
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

    def _has_state_for(self, context: LexerContext, span: _Span) -> bool:
        """Whether the lexer has a state for the inside of a span, which knows better what stands in it."""
        found = self._match(context, may_be_empty=False)
        if found is None:
            return False
        _, action, new_state = found
        is_entered = isinstance(new_state, str | tuple) and new_state != "#pop"
        return is_entered and type(action) is _TokenType and kind_of(action) is span.kind

    def _spans_of(self, state: str) -> tuple[_Span, ...]:
        """Those of _SPANS that a single rule of this state reads over lines, found by trying."""
        if state not in self._spans:
            tried = (self._try_span(opener, closer, state) for opener, closer in _SPANS)
            self._spans[state] = tuple(span for span in tried if span is not None)
        return self._spans[state]

    def _try_span(self, opener: str, closer: str, state: str) -> _Span | None:
        context = LexerContext(f"{opener}EOF\na\nEOF" if opener == "<<" else f"{opener}\na\n{closer}", 0, [state])
        found = self._match(context, may_be_empty=False)
        if found is None or found[0].end() < context.end:
            return None
        tokens: _Tokens = []
        self._step(context, tokens)
        kinds = {kind for _, _, kind in tokens}
        if len(kinds) == 1 and kinds <= {TokenKind.COMMENT, TokenKind.STRING, TokenKind.KEYWORD}:
            return _Span(opener, closer, kinds.pop(), found[2])
        return None

    def _lex_embedded(self, context: LexerContext, inner: LineState | None, tokens: _Tokens) -> LineState:
        """Lex what stands in HTML's <script> or <style>, up to the tag that ends it or the end of the line."""
        language, closer = _EMBEDDED[context.stack[-1]]
        lexer = line_lexer(language)
        start = context.pos
        found = context.text.lower().find(closer, start)
        end = context.end - 1 if found < 0 else found
        runs, inner = lexer.lex(context.text[start:end], inner or lexer.first_state)
        tokens += ((start + run.start, start + run.end, run.kind) for run in runs)
        context.pos = context.end if found < 0 else end
        return inner


def _change(stack: list[str], new_state: Any) -> None:
    """Pygments' rules for changing its states."""
    if new_state is None:
        return
    if isinstance(new_state, int):
        del stack[1 if abs(new_state) >= len(stack) else new_state :]
        return
    for name in (new_state,) if isinstance(new_state, str) else new_state:
        if name == "#pop":
            if len(stack) > 1:
                stack.pop()
        else:
            stack.append(stack[-1] if name == "#push" else name)


def _merged(tokens: list[tuple[int, int, TokenKind]], length: int) -> Runs:
    """Neighbours of one kind as one run, none of them plain or beyond the line."""
    return tuple(_merging(tokens, length))


def _merging(tokens: list[tuple[int, int, TokenKind]], length: int) -> Iterator[Run]:
    start, end, kind = 0, 0, TokenKind.PLAIN
    for from_, to, its_kind in tokens:
        if from_ >= to:
            continue
        if its_kind is not kind or from_ != end:
            if kind is not TokenKind.PLAIN and start < min(end, length):
                yield Run(start, min(end, length), kind)
            start, kind = from_, its_kind
        end = to
    if kind is not TokenKind.PLAIN and start < min(end, length):
        yield Run(start, min(end, length), kind)
