"""The part of the style sheet for the library: its cards, its switches and its sidebar."""

from app.ui.tokens import Tokens


def library_style_sheet_from(tokens: Tokens) -> str:
    """Cards are framed by a hairline; a switch that is down wears the accent's soft ground."""
    t = tokens
    return f"""
    QLabel[kind="heading"] {{ font-size: 15px; font-weight: 600; }}
    QLabel[kind="warning"] {{ color: {t.warn}; font-size: 12px; }}
    QLabel[kind="problem-small"] {{ color: {t.bad}; font-size: 12px; }}
    QLabel[kind="caption"] {{ color: {t.text_3}; font-size: 11px; font-weight: 500; padding: 12px 10px 2px 10px; }}
    #MachineCard, #ModelCard, #ShelfCard {{ background: {t.raised}; border: 1px solid {t.line};
        border-radius: {t.r_l}px; }}
    #LibrarySearch {{ border-radius: {t.r_m}px; padding: 6px 9px; font-size: 14px; }}
    QPushButton::menu-indicator {{ image: none; width: 0; }}
    QPushButton[kind="toggle"] {{ padding: 6px 10px; }}
    QPushButton[kind="toggle"]:checked {{ background: {t.accent_soft}; border-color: {t.accent_soft};
        color: {t.accent}; }}
    QPushButton[kind="toggle"]:checked:focus {{ border-color: {t.accent}; }}
    QPushButton[kind="remedy"] {{ background: {t.raised}; border-color: {t.line}; color: {t.text};
        font-size: 12px; padding: 1px 8px; min-height: 18px; }}
    QPushButton[kind="remedy"]:hover {{ background: {t.sunken}; }}
    QPushButton[kind="remedy"]:focus {{ border-color: {t.accent}; }}
    #ShelfList {{ background: transparent; border: none; outline: none; }}
    QPushButton[kind="compact"], QPushButton[kind="compact-go"] {{ font-size: 12px; padding: 2px 9px;
        min-height: 18px; }}
    QPushButton[kind="compact-go"] {{ background: {t.accent}; border-color: {t.accent}; color: {t.on_accent}; }}
    QPushButton[kind="compact-go"]:focus {{ border: 2px solid {t.text}; padding: 1px 8px; }}
    QPushButton[kind="compact-go"]:disabled {{ background: {t.sunken}; border-color: {t.line}; color: {t.text_3}; }}
    #DropHint {{ background: #F5{t.surface.removeprefix("#")}; border: 2px dashed {t.accent};
        border-radius: {t.r_l}px; }}
    QPushButton[kind="entry"] {{ background: transparent; border-color: transparent; color: {t.text_2};
        font-size: 14px; font-weight: 400; text-align: left; padding: 5px 9px; min-height: 22px; }}
    QPushButton[kind="entry"]:hover {{ background: {t.sunken}; color: {t.text}; }}
    QPushButton[kind="entry"]:checked {{ background: {t.sunken}; color: {t.text}; font-weight: 500; }}
    QPushButton[kind="entry"]:focus {{ border-color: {t.accent}; }}
    """
