"""A transcript on screen for the tests of what a reader does."""

import pytest
from pytestqt.qtbot import QtBot

from app.ui.theme import Appearance
from app.ui.transcript.view import TranscriptView
from tests.ui.transcript.reading import OpenPage


@pytest.fixture
def page(qtbot: QtBot, appearance: Appearance) -> OpenPage:
    """An empty transcript, 900 by 500."""
    view = TranscriptView(appearance)
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show()
    view.activateWindow()
    qtbot.waitExposed(view)
    return OpenPage(qtbot, view)
