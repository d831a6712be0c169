"""The part of the style sheet for the fields of forms and for the dialogs that hold them."""

from app.ui.fonts import CODE_FAMILY
from app.ui.tokens import Tokens


def fields_style_sheet_from(tokens: Tokens) -> str:
    """Quiet boxes whose border takes the accent's colour while the keyboard is in them."""
    t = tokens
    return f"""
    QLabel[kind="section"] {{ font-size: 15px; font-weight: 600; padding: 14px 0 4px 0; }}
    QLabel[kind="problem"] {{ color: {t.bad}; font-size: 13px; }}
    #FormBody {{ background: {t.surface}; }}
    QLineEdit, QDoubleSpinBox, QComboBox, QPlainTextEdit[kind="field"] {{ background: {t.raised}; color: {t.text};
        border: 1px solid {t.line}; border-radius: {t.r_s}px; padding: 4px 9px; font-size: 13px;
        placeholder-text-color: {t.text_3};
        selection-background-color: {t.accent_soft}; selection-color: {t.text}; }}
    QLineEdit, QDoubleSpinBox, QComboBox {{ min-height: 20px; }}
    QLineEdit:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit[kind="field"]:focus {{
        border-color: {t.accent}; }}
    QLineEdit:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{ color: {t.text_3}; }}
    QDoubleSpinBox QLineEdit {{ background: transparent; border: none; border-radius: 0; padding: 0; min-height: 0;
        font-family: "{CODE_FAMILY}"; font-size: 12px; }}
    QDoubleSpinBox {{ font-family: "{CODE_FAMILY}"; font-size: 12px; padding: 4px 0; }}
    QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ width: 0; border: none; }}
    QPlainTextEdit[kind="field"] {{ padding: 4px 5px; font-family: "{CODE_FAMILY}"; font-size: 12px; }}
    QComboBox::drop-down {{ border: none; width: 26px; }}
    QComboBox::down-arrow {{ image: none; }}
    QComboBox QAbstractItemView {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line};
        padding: 4px; outline: none; selection-background-color: {t.sunken}; selection-color: {t.text}; }}
    QComboBox QAbstractItemView::item {{ padding: 4px 8px; min-height: 22px; }}
    QCheckBox {{ font-size: 13px; }}
    """
