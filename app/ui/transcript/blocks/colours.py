"""What marked text is painted with: one colour under it, and its own where the one under it is strong."""

from PySide6.QtGui import QColor

from app.ui.tokens import Tokens
from app.ui.transcript.blocks.painted import HighlightKind


def highlight_colour(kind: HighlightKind, tokens: Tokens) -> QColor:
    """What is painted under marked text."""
    match kind:
        case HighlightKind.SELECTED:
            return QColor(tokens.accent_soft)
        case HighlightKind.FOUND:
            return QColor(tokens.warn_soft)
        case HighlightKind.FOUND_CURRENT:
            return QColor(tokens.warn)


def highlight_text_colour(kind: HighlightKind, tokens: Tokens) -> QColor | None:
    """The colour of marked text, None where it keeps its own."""
    return QColor(tokens.on_accent) if kind is HighlightKind.FOUND_CURRENT else None
