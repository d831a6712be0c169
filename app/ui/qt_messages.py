"""Leads Qt's own messages into the log, where they help; on standard error they would only puzzle the user."""

import atexit
import logging

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_log = logging.getLogger("app.ui.qt")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def log_qt_messages() -> None:
    """From now on Qt's messages go to the logger `app.ui.qt`, until the interpreter begins to end."""
    qInstallMessageHandler(_on_message)
    atexit.register(qInstallMessageHandler, None)  # what Qt says later than that would call a Python that is gone


def _on_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    category = getattr(context, "category", None) or "default"
    _log.log(_LEVELS.get(kind, logging.WARNING), "%s (%s)", text, category)
