"""Loads what the first code and the first formula would otherwise wait for, in a moment when nobody does."""

from app.core.cancel import CancelToken
from app.ui.transcript.blocks.line_lexer import line_lexer
from app.ui.transcript.blocks.math_drawing import draw_math

_LANGUAGES = ("python", "javascript", "bash", "json", "html", "css", "sql", "cpp", "rust", "java")


def read_ahead(cancel: CancelToken) -> None:
    """Take some 0.5 s of processor time, on any thread; ends early when cancelled."""
    from app.ui.transcript.blocks import make  # noqa: F401 (what it imports is what is wanted)

    draw_math("x", 14, "#000000", is_displayed=False)
    for language in _LANGUAGES:
        if cancel.cancelled:
            return
        lexer = line_lexer(language)
        lexer.lex("", lexer.first_state)
