"""Opens addresses and folders in the system's own programs, which must not take our folders for their own."""

import os

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.portable import as_on_host


def open_outside(address: QUrl) -> bool:
    """Let the system open it; False when it knows no program for it."""
    with as_on_host(os.environ):
        return QDesktopServices.openUrl(address)
