"""What the strip above the composer says while an answer is read for and written."""

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.core.generation import Chunk, PromptProgress
from app.ui.chat.speed import SpeedStrip
from app.ui.chat.speed_samples import SpeedSamples
from app.ui.theme import Appearance


@pytest.fixture
def strip(qtbot: QtBot, appearance: Appearance) -> SpeedStrip:
    made = SpeedStrip(appearance)
    qtbot.addWidget(made)
    made.resize(724, made.height())
    made.show()
    return made


def steady(seconds: float, rate: int = 50) -> SpeedSamples:
    samples = SpeedSamples()
    for number in range(int(seconds * rate)):
        samples.add(Chunk("x", number + 1, number / rate))
    return samples


def drawn_columns(strip: SpeedStrip) -> int:
    """How many of the line's columns hold anything but background."""
    picture: QImage = strip.sparkline.grab().toImage()
    height = picture.height()
    return sum(len({picture.pixel(x, y) for y in range(height)}) > 1 for x in range(picture.width()))


def test_reading_says_how_far_it_has_come(strip: SpeedStrip) -> None:
    strip.show_reading(PromptProgress(512, 1440))
    assert strip.words == "Reading the prompt… 512 / 1,440  Esc to stop"


def test_writing_says_its_speed_and_what_was_reused(strip: SpeedStrip) -> None:
    strip.show_writing(steady(2.0), PromptProgress(4, 4, reused=6130))
    assert strip.words == "50.0 tok/s  100 tokens  · 4 new prompt tokens read, 6,130 reused  Esc to stop"
    assert drawn_columns(strip) > 80, "a steady speed is a line"


def test_the_next_answer_does_not_begin_with_the_last_ones_line(strip: SpeedStrip) -> None:
    strip.show_writing(steady(2.0), None)
    strip.show_nothing()
    assert strip.words == ""
    strip.show_writing(steady(0.1), None)
    assert drawn_columns(strip) == 0
