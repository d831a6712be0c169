"""Pygments' rules for one language, taken one at a time."""

import re
from typing import Any

from pygments.lexer import ExtendedRegexLexer, LexerContext, RegexLexer
from pygments.token import _TokenType

from app.ui.transcript.blocks.line_runs import Tokens
from app.ui.transcript.blocks.token_kinds import kind_of


class LexingRules:
    """The rules of a RegexLexer by state. A context says where in which text one is, and in which states."""

    def __init__(self, lexer: RegexLexer) -> None:
        self._lexer = lexer
        self._rules: dict[str, list[Any]] = lexer._tokens  # type: ignore[attr-defined]  # made by its metaclass
        self.is_extended = isinstance(lexer, ExtendedRegexLexer)

    def step(self, context: LexerContext, tokens: Tokens, *, may_be_empty: bool = True) -> None:
        """Take the first rule that matches."""
        found = self.match(context, may_be_empty)
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
            made = action(self._lexer, match, context) if self.is_extended else action(self._lexer, match)
            tokens += ((at, at + len(value), kind_of(token)) for at, token, value in made)
        if not self.is_extended:
            context.pos = match.end()
        if new_state is not None:
            change_states(context.stack, new_state)

    def match(self, context: LexerContext, may_be_empty: bool) -> tuple[re.Match[str], Any, Any] | None:
        """The first rule that matches here: its match, its action, and the change of states that it asks for."""
        for match_at, action, new_state in self._rules[context.stack[-1]]:
            match = match_at(context.text, context.pos)
            if match is not None and (may_be_empty or match.end() > context.pos):
                return match, action, new_state
        return None


def change_states(stack: list[str], new_state: Any) -> None:
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
