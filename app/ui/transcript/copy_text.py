"""Puts text alone on the clipboard."""

import re

from PySide6.QtGui import QGuiApplication

_HALVES = re.compile("[\ud800-\udfff]")


def copy_text(text: str) -> None:
    """Put text on the clipboard, as sendable() makes it."""
    QGuiApplication.clipboard().setText(sendable(text))


def sendable(text: str) -> str:
    """Text without halves of characters, which no clipboard takes."""
    return _HALVES.sub("\ufffd", text)
