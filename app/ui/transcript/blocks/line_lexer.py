"""Tells the tokens of code line by line: Pygments' rules, resumed at the start of any line."""

import copy
import logging
from functools import lru_cache

from pygments.lexer import Lexer, LexerContext, RegexLexer
from pygments.lexers.data import YamlLexerContext

from app.ui.transcript.blocks.languages import language_name, pygments_lexer
from app.ui.transcript.blocks.lexing_rules import LexingRules, change_states
from app.ui.transcript.blocks.line_runs import LineState, Runs, Tokens, merged
from app.ui.transcript.blocks.open_spans import OpenSpans
from app.ui.transcript.blocks.token_kinds import TokenKind, kind_of

_log = logging.getLogger(__name__)

LONGEST_LINE = 500  # in characters; a longer line is plain, so that no rule can backtrack for long
_DEEPEST_STACK = 64
_MOST_EMPTY_STEPS = 50  # that follow one another, before a rule is taken for one that does not end
_STEPS_FOR_LETTER = 100  # most rules take several letters at a step
_EMBEDDED = {"script-content": ("javascript", "</script"), "style-content": ("css", "</style")}


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
            return merged([(at, at + len(value), kind_of(token)) for at, token, value in tokens], len(line)), state
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


class _RuleWalker:
    """Walks a line by the rules of a RegexLexer, as that does by itself with a whole text."""

    def __init__(self, lexer: RegexLexer) -> None:
        self._lexer = lexer
        self._rules = LexingRules(lexer)
        self._spans = OpenSpans(self._rules)

    def lex(self, line: str, state: LineState) -> tuple[Runs, LineState]:
        """As LineLexer.lex()."""
        context = self._context(line + "\n", state)
        tokens: Tokens = []
        if state.closer:
            end = context.text.find(state.closer)
            context.pos = context.end if end < 0 else end + len(state.closer)
            tokens.append((0, context.pos, state.kind))
            if end < 0:
                return merged(tokens, len(line)), state
        inner = state.inner
        closer, kind, empty_steps = "", TokenKind.PLAIN, 0
        for _ in range(_STEPS_FOR_LETTER * context.end):
            before = context.pos
            if before >= context.end:
                break
            if context.stack[-1] in _EMBEDDED:
                inner = self._lex_embedded(context, inner, tokens)
                if context.pos > before:
                    continue
            span = self._spans.begins_at(context)
            if span is not None:
                closer, kind = span.closer, span.kind
                tokens.append((before, context.end, kind))
                change_states(context.stack, span.new_state)
                break
            self._rules.step(context, tokens, may_be_empty=empty_steps < _MOST_EMPTY_STEPS)
            empty_steps = empty_steps + 1 if context.pos <= before else 0
        if context.stack[-1] not in _EMBEDDED:
            inner = None
        return merged(tokens, len(line)), self._state_after(context, closer, kind, inner)

    def _context(self, text: str, state: LineState) -> LexerContext:
        if state.context is not None:
            context = copy.deepcopy(state.context)
        elif self._lexer.name == "YAML":
            context = YamlLexerContext("", 0)  # type: ignore[no-untyped-call]  # it has no annotations
        else:
            context = LexerContext("", 0, list(state.stack))
        context.text, context.pos, context.end = text, 0, len(text)
        return context

    def _state_after(self, context: LexerContext, closer: str, kind: TokenKind, inner: LineState | None) -> LineState:
        if len(context.stack) > _DEEPEST_STACK:
            del context.stack[1 : len(context.stack) - _DEEPEST_STACK + 1]
        context.text, context.pos, context.end = "", 0, 0
        return LineState(tuple(context.stack), closer, kind, inner, context if self._rules.is_extended else None)

    def _lex_embedded(self, context: LexerContext, inner: LineState | None, tokens: Tokens) -> LineState:
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
