"""The palette and the one style sheet, made from the tokens."""

from PySide6.QtGui import QColor, QPalette

from app.ui.fonts import CODE_FAMILY
from app.ui.style_fields import fields_style_sheet_from
from app.ui.style_first_run import first_run_style_sheet_from
from app.ui.style_library import library_style_sheet_from
from app.ui.style_lock import lock_style_sheet_from
from app.ui.style_network import network_style_sheet_from
from app.ui.tokens import Tokens


def palette_from(tokens: Tokens) -> QPalette:
    """Fusion's palette in our colours."""
    palette = QPalette()
    role = QPalette.ColorRole
    for target, colour in (
        (role.Window, tokens.window),
        (role.WindowText, tokens.text),
        (role.Base, tokens.surface),
        (role.AlternateBase, tokens.sunken),
        (role.Text, tokens.text),
        (role.PlaceholderText, tokens.text_3),
        (role.Button, tokens.raised),
        (role.ButtonText, tokens.text),
        (role.BrightText, tokens.bad),
        (role.ToolTipBase, tokens.raised),
        (role.ToolTipText, tokens.text),
        (role.Highlight, tokens.accent_soft),
        (role.HighlightedText, tokens.text),
        (role.Link, tokens.accent),
        (role.LinkVisited, tokens.accent),
        (role.Accent, tokens.accent),
        (role.Light, tokens.raised),
        (role.Midlight, tokens.sunken),
        (role.Mid, tokens.line),
        (role.Dark, tokens.line),
        (role.Shadow, tokens.sunken),
    ):
        palette.setColor(target, QColor(colour))
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(tokens.text_3))
    return palette


def style_sheet_from(tokens: Tokens) -> str:
    """The style sheet of the whole application; widgets are told apart by object name and by the property `kind`."""
    t = tokens
    return f"""
    QWidget {{ font-size: 14px; }}
    QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line};
        padding: 4px 7px; font-size: 12px; }}
    QLabel {{ background: transparent; }}
    QLabel[kind="title"] {{ font-size: 20px; font-weight: 600; }}
    QLabel[kind="strong"] {{ font-weight: 600; }}
    QLabel[kind="quiet"] {{ color: {t.text_2}; }}
    QLabel[kind="small"] {{ color: {t.text_2}; font-size: 12px; }}
    QLabel[kind="tiny"] {{ color: {t.text_2}; font-size: 11px; }}
    QLabel[kind="figures"] {{ color: {t.text_3}; font-family: "{CODE_FAMILY}"; font-size: 11px; }}
    QLabel[kind="rate"] {{ color: {t.text}; font-family: "{CODE_FAMILY}"; font-size: 11px; font-weight: 600; }}
    QLabel[kind="count"] {{ color: {t.text_2}; font-family: "{CODE_FAMILY}"; font-size: 11px; }}
    QLabel[kind="live"] {{ color: {t.accent}; font-weight: 600; }}
    QLabel[kind="figure"] {{ color: {t.text_2}; font-family: "{CODE_FAMILY}"; font-size: 12px; }}
    QLabel[kind="figure-strong"] {{ font-family: "{CODE_FAMILY}"; font-size: 12px; font-weight: 600; }}
    QLabel[kind="tag"] {{ background: {t.sunken}; color: {t.text_2}; font-size: 11px; font-weight: 500;
        font-family: "{CODE_FAMILY}"; border-radius: 8px; padding: 1px 7px; }}
    QLabel[kind="label"] {{ background: {t.warn_soft}; color: {t.warn}; font-size: 11px; font-weight: 500;
        border-radius: 8px; padding: 1px 8px; }}
    {_verdicts(t)}
    QFrame[kind="hairline"] {{ background: {t.line}; border: none; }}

    QPushButton {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; border-radius: {t.r_s}px;
        padding: 6px 13px; font-size: 13px; font-weight: 500; min-height: 20px; }}
    QPushButton:hover {{ background: {t.sunken}; }}
    QPushButton:focus {{ border-color: {t.accent}; }}
    QPushButton:disabled {{ color: {t.text_3}; }}
    QPushButton[kind="go"] {{ background: {t.accent}; border-color: {t.accent}; color: {t.on_accent}; }}
    QPushButton[kind="go"]:focus {{ border: 2px solid {t.text}; padding: 5px 12px; }}
    QPushButton[kind="go"]:disabled {{ background: {t.sunken}; border-color: {t.sunken}; color: {t.text_3}; }}
    QPushButton[kind="remedy"] {{ background: {t.accent_soft}; border-color: {t.accent_soft}; color: {t.accent};
        font-size: 12px; padding: 2px 10px; }}
    QPushButton[kind="remedy"]:hover, QPushButton[kind="remedy"]:focus {{ border-color: {t.accent}; }}
    QPushButton[kind="ghost"], QToolButton {{ background: transparent; border: 1px solid transparent;
        color: {t.text_2}; border-radius: {t.r_s}px; padding: 4px 8px; font-size: 13px; font-weight: 500; }}
    QPushButton[kind="ghost"]:hover, QToolButton:hover {{ background: {t.sunken}; color: {t.text}; }}
    QPushButton[kind="ghost"]:focus, QToolButton:focus {{ border-color: {t.accent}; }}
    QToolButton[kind="small"] {{ color: {t.text_3}; font-size: 11px; padding: 1px 6px; font-weight: 400; }}
    QToolButton[kind="small"]:hover {{ color: {t.text}; }}
    QToolButton[kind="act"] {{ color: {t.accent}; font-size: 11px; padding: 1px 6px; }}
    QToolButton[kind="act"]:hover {{ background: {t.accent_soft}; color: {t.accent}; }}
    QToolButton[tight="true"] {{ padding: 0; }}
    QToolButton[kind="choice"] {{ padding: 4px; border-radius: {t.r_s}px; }}
    QToolButton[kind="choice"]:checked {{ background: {t.raised}; border-color: {t.line}; }}
    QToolButton[kind="choice"]:checked:focus {{ border-color: {t.accent}; }}
    QToolButton[kind="round"] {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 16px; padding: 0; }}
    QToolButton[kind="round"][worded="true"] {{ padding-left: 8px; }}
    QToolButton[kind="round"]:focus {{ border-color: {t.accent}; }}
    QToolButton::menu-indicator {{ image: none; width: 0; }}

    #Sidebar {{ background: {t.window}; border-right: 1px solid {t.line}; }}
    #Brand {{ font-size: 15px; font-weight: 600; }}
    #NewChat {{ text-align: left; font-size: 14px; padding: 6px 10px; min-height: 22px; }}
    #TemporaryChat {{ background: {t.raised}; border: 1px solid {t.line}; padding: 0; }}
    #TemporaryChat:hover {{ background: {t.sunken}; }}
    #TemporaryChat:focus {{ border-color: {t.accent}; }}
    #NewChatKeys {{ font-size: 11px; color: {t.text_3}; }}
    #ConversationList {{ background: transparent; border: none; outline: none; }}
    #ConversationList QLineEdit {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.accent};
        border-radius: {t.r_s}px; padding: 0 9px; selection-background-color: {t.accent_soft};
        selection-color: {t.text}; }}
    #ThemeChoice {{ background: {t.sunken}; border-radius: {t.r_s}px; }}

    #Page {{ background: {t.surface}; }}
    #Header {{ background: {t.surface}; border-bottom: 1px solid {t.line}; }}
    #ModelName {{ font-weight: 600; }}
    #ModelButton {{ padding: 3px 8px; }}
    #UseAgainLine {{ background: {t.window}; border-bottom: 1px solid {t.line}; }}
    #UseAgainLine QLabel {{ color: {t.text_2}; font-size: 12px; }}
    #UseAgainLine QPushButton {{ color: {t.accent}; padding: 1px 8px; font-size: 12px; min-height: 18px; }}
    #TemporaryBanner {{ background: {t.info_soft}; border-bottom: 1px solid {t.line}; }}
    #TemporaryBanner QLabel {{ color: {t.info}; font-size: 12px; font-weight: 500; }}
    #TemporaryBanner QPushButton {{ color: {t.info}; padding: 1px 8px; font-size: 12px; min-height: 18px; }}
    #TemporaryBanner QPushButton:hover {{ background: transparent; color: {t.text}; }}
    #TemporaryBanner QPushButton:disabled {{ color: {t.text_3}; }}
    #TinyBanner {{ background: {t.warn_soft}; border-bottom: 1px solid {t.line}; }}
    #TinyBanner QLabel {{ color: {t.warn}; font-size: 12px; font-weight: 500; }}
    #TinyBanner QPushButton {{ color: {t.warn}; padding: 1px 8px; font-size: 12px; min-height: 18px; }}
    #TinyBanner QPushButton:hover {{ background: transparent; color: {t.text}; }}
    QFrame[kind="notice-bad"] {{ background: {t.bad_soft}; border-bottom: 1px solid {t.line}; }}
    QFrame[kind="notice-bad"] QLabel {{ color: {t.bad}; }}
    QFrame[kind="notice-info"] {{ background: {t.info_soft}; border-bottom: 1px solid {t.line}; }}
    QFrame[kind="notice-info"] QLabel {{ color: {t.info}; }}

    #MessageActions QLabel {{ color: {t.text_3}; }}
    #MessageActions[ghost="true"] QToolButton, #MessageActions[ghost="true"] QLabel {{ color: transparent; }}
    #Transcript {{ background: {t.surface}; border: none; }}
    #MessageText {{ background: transparent; border: none; color: {t.text};
        selection-background-color: {t.accent_soft}; selection-color: {t.text}; }}
    #FoldedText {{ border: none; border-left: 2px solid {t.line}; }}
    #FoldButton {{ color: {t.text_2}; font-size: 12px; font-weight: 400; padding: 2px 4px; text-align: left; }}
    #FoldButton:hover {{ background: transparent; color: {t.text}; }}
    #FoldedText #MessageText {{ color: {t.text_2}; }}
    #PlanCard {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {t.r_l}px; }}
    #FindBar {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {t.r_m}px; }}
    #FindBar[lit="true"] {{ border-color: {t.accent}; }}
    #FindBar QLineEdit {{ background: transparent; border: none; padding: 0 2px; }}
    #FindBar QToolButton {{ padding: 3px; }}
    #Example {{ text-align: left; font-weight: 400; font-size: 14px; padding: 9px 14px; border-radius: {t.r_m}px; }}

    #ComposerBox {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {t.r_l}px; }}
    #ComposerBox[lit="true"] {{ border-color: {_half(t.text_3)}; }}
    #FormatButton, #ThinkButton {{ font-size: 13px; padding: 4px 8px; }}
    #FormatButton[lit="true"], #ThinkButton:checked {{ background: {t.accent_soft}; color: {t.accent}; }}
    #ComposerText {{ background: transparent; border: none; color: {t.text}; placeholder-text-color: {t.text_3};
        selection-background-color: {t.accent_soft}; selection-color: {t.text}; }}

    QMenu {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; padding: 4px; font-size: 13px; }}
    QMenu::item {{ padding: 6px 22px 6px 10px; border-radius: {t.r_s}px; }}
    QMenu::item:selected {{ background: {t.sunken}; }}
    QMenu::item:disabled {{ color: {t.text_3}; }}
    QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 6px; }}
    QDialog, QMessageBox {{ background: {t.surface}; }}
    QPlainTextEdit[kind="paper"] {{ background: {t.sunken}; color: {t.text_2}; border: 1px solid {t.line};
        border-radius: {t.r_m}px; padding: 8px; font-family: "{CODE_FAMILY}"; font-size: 11px; }}
    QPlainTextEdit[kind="reader"] {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.line};
        border-radius: {t.r_m}px; padding: 8px; selection-background-color: {t.accent_soft};
        selection-color: {t.text}; }}
    QPlainTextEdit[kind="paper"]:focus, QPlainTextEdit[kind="reader"]:focus {{ border-color: {t.accent}; }}

    QTabWidget::pane {{ border: none; margin-top: 8px; }}
    QTabBar {{ qproperty-drawBase: 0; }}
    QTabBar::tab {{ color: {t.text_2}; padding: 4px 10px; border: 1px solid transparent; border-radius: {t.r_s}px;
        margin-right: 2px; font-size: 13px; }}
    QTabBar::tab:hover {{ color: {t.text}; }}
    QTabBar::tab:selected {{ background: {t.sunken}; color: {t.text}; font-weight: 500; }}
    QTabBar::tab:selected:focus {{ border-color: {t.accent}; }}

    QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
    QScrollBar::handle {{ background: {t.line}; border-radius: 3px; }}
    QScrollBar::handle:vertical {{ min-height: 32px; }}
    QScrollBar::handle:horizontal {{ min-width: 32px; }}
    QScrollBar::handle:hover {{ background: {t.text_3}; }}
    QScrollBar::handle:disabled {{ background: transparent; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    {fields_style_sheet_from(t)}
    {library_style_sheet_from(t)}
    {first_run_style_sheet_from(t)}
    {lock_style_sheet_from(t)}
    {network_style_sheet_from(t)}
    """


def _verdicts(t: Tokens) -> str:
    """The labels that say how a model runs here, in the colours of what they mean."""
    pairs = {
        "good": (t.good_soft, t.good),
        "warn": (t.warn_soft, t.warn),
        "bad": (t.bad_soft, t.bad),
        "info": (t.info_soft, t.info),
        "none": (t.sunken, t.text_2),
    }
    return "\n    ".join(
        f'QLabel[kind="verdict-{name}"] {{ background: {ground}; color: {text}; font-size: 11px; font-weight: 500; '
        "border-radius: 8px; padding: 1px 8px; }"
        for name, (ground, text) in pairs.items()
    )


def _half(colour: str) -> str:
    """The colour at half its strength, as Qt's style sheets write it."""
    return f"#80{colour.removeprefix('#')}"
