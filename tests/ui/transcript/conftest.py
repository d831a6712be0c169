"""A transcript on screen for the tests of what a reader does."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.theme import Appearance
from app.ui.transcript.view import TranscriptView
from tests.ui.transcript.reading import OpenPage


@pytest.fixture
def page(qtbot: QtBot, appearance: Appearance) -> Iterator[OpenPage]:
    """An empty transcript, 900 by 500; clicks count as one's second after a shorter pause than everywhere else."""
    interval = QApplication.doubleClickInterval()
    QApplication.setDoubleClickInterval(150)
    view = TranscriptView(appearance)
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show()
    view.activateWindow()
    qtbot.waitExposed(view)
    yield OpenPage(qtbot, view)
    QApplication.setDoubleClickInterval(interval)
