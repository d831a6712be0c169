"""The part of the style sheet for the lock: the choices of its dialog, and the bar while a profile is rewritten."""

from app.ui.tokens import Tokens


def lock_style_sheet_from(tokens: Tokens) -> str:
    """Fusion's own radio buttons are all but invisible on a dark ground."""
    t = tokens
    return f"""
    #LockDialog QRadioButton {{ spacing: 8px; font-weight: 500; }}
    #LockDialog QRadioButton:disabled {{ color: {t.text_3}; }}
    #LockDialog QRadioButton::indicator {{ width: 14px; height: 14px; border: 1px solid {t.text_3}; border-radius: 8px;
        background: {t.raised}; }}
    #LockDialog QRadioButton::indicator:disabled {{ border-color: {t.line}; }}
    #LockDialog QRadioButton::indicator:focus {{ border-color: {t.accent}; }}
    #LockDialog QRadioButton::indicator:checked {{ border-color: {t.accent};
        background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5, stop: 0 {t.on_accent},
        stop: 0.38 {t.on_accent}, stop: 0.46 {t.accent}, stop: 1 {t.accent}); }}
    #LockProgress {{ background: {t.sunken}; border: none; border-radius: 3px; }}
    #LockProgress::chunk {{ background: {t.accent}; border-radius: 3px; }}
    """
