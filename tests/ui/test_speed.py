"""What the strip above the composer says while an answer is read for and written."""

import pytest
from PySide6.QtGui import QAccessible, QImage
from pytestqt.qtbot import QtBot

from app.core.generation import Chunk, PromptProgress
from app.ui.chat.speed import SpeedStrip
from app.ui.chat.speed_samples import SpeedSamples
from app.ui.theme import Appearance
from app.ui.tokens import LIGHT


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


def filled(strip: SpeedStrip) -> float:
    """Which part of the bar has the accent's colour."""
    picture = strip.reading_bar.grab().toImage()
    accent, middle = LIGHT.accent.lower(), picture.height() // 2
    return sum(picture.pixelColor(x, middle).name() == accent for x in range(picture.width())) / picture.width()


def test_reading_says_how_far_it_has_come(strip: SpeedStrip) -> None:
    strip.show_reading(None)
    assert strip.words == "Reading the prompt…  Esc to stop"
    assert filled(strip) == 0
    strip.show_reading(PromptProgress(1240, 4000))
    assert strip.words == "Reading 1,240 of 4,000 tokens  Esc to stop"
    assert strip.reading_bar.isVisible()
    assert filled(strip) == pytest.approx(0.31, abs=0.03)
    strip.show_reading(PromptProgress(4000, 4000, reused=900))
    assert filled(strip) > 0.95
    strip.show_writing(steady(2.0), None)
    assert not strip.reading_bar.isVisible()


def test_the_bar_is_told_to_assistive_technology(strip: SpeedStrip) -> None:
    strip.show_reading(PromptProgress(1240, 4000))
    bar = QAccessible.queryAccessibleInterface(strip.reading_bar)
    assert bar.role() is QAccessible.Role.ProgressBar
    assert bar.text(QAccessible.Text.Name) == "Prompt read"
    assert bar.valueInterface().currentValue() == 1240
    assert bar.valueInterface().maximumValue() == 4000


def test_the_strip_keeps_its_height(strip: SpeedStrip) -> None:
    height = strip.height()
    for progress in (None, PromptProgress(1, 9_000_000)):
        strip.show_reading(progress)
        assert strip.sizeHint().height() <= height


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
