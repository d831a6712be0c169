"""Lets the window live while a program waits for something in it."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer

_POLL_MILLISECONDS = 10


def let_live(milliseconds: int) -> None:
    """Run the event loop for a while. Not QTest.qWait: it keeps the interpreter's lock, and the engine would crawl."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    """Let the window live until `holds`; False when `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        let_live(_POLL_MILLISECONDS)
    return True
