"""The part of the style sheet for the first start: its cards of facts."""

from app.ui.fonts import CODE_FAMILY
from app.ui.tokens import Tokens


def first_run_style_sheet_from(tokens: Tokens) -> str:
    """Facts are framed by a hairline, like the library's cards; the card around all is painted by its page."""
    t = tokens
    return f"""
    #FactCard {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {t.r_m}px; }}
    QLabel[kind="fact-caption"] {{ color: {t.text_3}; font-size: 11px; }}
    QLabel[kind="start-size"] {{ color: {t.text}; font-family: "{CODE_FAMILY}"; font-size: 12px; }}
    #FirstRun QPushButton[kind="go"] {{ padding: 7px 18px; }}
    #FirstRun QPushButton[kind="go"]:focus {{ padding: 6px 17px; }}
    """
