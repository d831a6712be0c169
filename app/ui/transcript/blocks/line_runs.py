"""What lexing a line gives: its coloured runs, and what must be known to go on with the next."""

from collections.abc import Iterator
from dataclasses import dataclass

from pygments.lexer import LexerContext

from app.ui.transcript.blocks.token_kinds import TokenKind

Tokens = list[tuple[int, int, TokenKind]]  # where each starts and ends


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


def merged(tokens: Tokens, length: int) -> Runs:
    """Neighbours of one kind as one run, none of them plain or beyond the line."""
    return tuple(_merging(tokens, length))


def _merging(tokens: Tokens, length: int) -> Iterator[Run]:
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
