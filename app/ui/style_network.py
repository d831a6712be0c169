"""The part of the style sheet for the network: the card in the sidebar and the log of connections."""

from app.ui.tokens import Tokens


def network_style_sheet_from(tokens: Tokens) -> str:
    """Green while nothing is sent, amber while something is; a quiet table with hairlines between its rows."""
    t = tokens
    return f"""
    #OfflineCard {{ background: {t.good_soft}; border: 1px solid {t.good_soft}; border-radius: {t.r_m}px; }}
    #OfflineCard:focus {{ border-color: {t.accent}; }}
    #OfflineCard QLabel {{ color: {t.good}; font-size: 12px; }}
    #OfflineCard[online="true"] {{ background: {t.warn_soft}; border-color: {t.warn_soft}; }}
    #OfflineCard[online="true"] QLabel {{ color: {t.warn}; }}
    QPushButton[kind="card-switch"] {{ background: {t.raised}; border-color: {t.line}; color: {t.text};
        font-size: 12px; padding: 1px 8px; min-height: 18px; }}
    QPushButton[kind="card-switch"]:hover {{ background: {t.sunken}; }}
    QPushButton[kind="card-switch"]:focus {{ border-color: {t.accent}; }}
    #ConnectionTable {{ background: {t.surface}; alternate-background-color: {t.surface}; border: none; outline: none;
        font-size: 13px; selection-background-color: {t.sunken}; selection-color: {t.text}; }}
    #ConnectionTable::item {{ border-bottom: 1px solid {t.line}; padding: 0 8px; }}
    #ConnectionTable::item:selected {{ background: {t.sunken}; color: {t.text}; }}
    #ConnectionTable QHeaderView {{ background: {t.surface}; border: none; }}
    #ConnectionTable QHeaderView::section {{ background: {t.surface}; color: {t.text_3}; border: none;
        border-bottom: 1px solid {t.line}; padding: 6px 11px; font-size: 11px; font-weight: 500; }}
    """
