"""Which stretches of which line of a code block have a colour: lexed when they are shown, never again from the top."""

import time

from app.ui.transcript.blocks.code_rows import CodeRows
from app.ui.transcript.blocks.line_lexer import LineLexer, line_lexer
from app.ui.transcript.blocks.line_runs import LineState, Runs

_SECONDS = 0.008  # that one painting may spend here
_FEWEST_LINES = 4  # that are lexed even so: what was just written is coloured at once on a busy computer, too
_MOST_LINES = 1000  # whose runs are kept


class CodeColours:
    """The lexer's state at the start of every line as far as it is known, and the runs of the lines in view."""

    def __init__(self, language: str) -> None:
        self.set_language(language)

    def set_language(self, language: str) -> None:
        """The code is of another language: forget everything."""
        self._language = language
        self._lexer: LineLexer | None = None
        self._states: list[LineState] = []
        self._runs: dict[int, Runs] = {}

    def forget_from(self, line: int) -> None:
        """A line and those below it are no longer what they were."""
        del self._states[line + 1 :]
        self._runs = {known: runs for known, runs in self._runs.items() if known < line}

    def learn(self, rows: CodeRows, first: int, last: int) -> bool:
        """Lex the lines from `first` to `last` and what must be known above, for some milliseconds; whether all is."""
        if self._lexer is None:
            self._lexer = line_lexer(self._language)
            self._states = [self._lexer.first_state]
        if len(self._runs) > _MOST_LINES:
            self._runs.clear()
        until = time.perf_counter() + _SECONDS
        line = min(first, len(self._states) - 1)
        lexed = 0
        while line <= last:
            if line not in self._runs:
                if lexed >= _FEWEST_LINES and time.perf_counter() > until:
                    return False
                self._lex(self._lexer, rows, line, is_kept=line >= first)
                lexed += 1
            line += 1
        return True

    def runs(self, line: int) -> Runs | None:
        """The coloured runs of a line; None while they are not known."""
        return self._runs.get(line)

    def _lex(self, lexer: LineLexer, rows: CodeRows, line: int, *, is_kept: bool) -> None:
        runs, after = lexer.lex(rows.line(line), self._states[line])
        if is_kept:
            self._runs[line] = runs
        if line + 1 == len(self._states):
            self._states.append(after)
