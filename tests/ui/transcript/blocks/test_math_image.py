"""Formulas as images: sharp, in their colour, drawn once, and not too many at a time."""

import pytest
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from app.ui.theme import Appearance
from app.ui.transcript.blocks.math_image import MathFailure, MathImage, MathImages
from tests.ui.transcript.blocks.painting import colours_in


@pytest.fixture(autouse=True)
def _application(appearance: Appearance) -> None:
    """Images need one."""


def drawn(images: MathImages, source: str, ratio: float = 1.0) -> MathImage:
    image = images.image(source, 14, "#FF0000", pixel_ratio=ratio)
    assert isinstance(image, MathImage)
    return image


def test_a_formula_has_as_many_pixels_as_the_screen() -> None:
    images = MathImages()
    one, two = drawn(images, r"\frac{a}{b}"), drawn(images, r"\frac{a}{b}", 2.0)

    assert two.image.width() == pytest.approx(2 * one.image.width(), abs=1)
    assert (one.width, one.ascent, one.descent) == (two.width, two.ascent, two.descent)
    assert two.image.deviceIndependentSize().width() == pytest.approx(two.width, abs=1)


def test_a_formula_has_the_colour_that_was_asked_for() -> None:
    image = drawn(MathImages(), "HHH", 4.0).image

    colours = colours_in(image, QRectF(0, 0, image.width() / 4, image.height() / 4))
    assert "#FF0000" in colours


def test_a_formula_is_drawn_once_for_each_look() -> None:
    images = MathImages()

    assert drawn(images, "x") is drawn(images, "x")
    assert images.image("x", 14, "#00FF00") is not drawn(images, "x")
    assert images.image("x", 15, "#FF0000") is not drawn(images, "x")
    assert images.image("x", 14, "#FF0000", is_displayed=True) is not drawn(images, "x")
    assert len(images) == 4


def test_what_cannot_be_drawn_is_known_the_next_time() -> None:
    images = MathImages()
    failure = images.image(r"\frac{a", 14, "#000000")

    assert isinstance(failure, MathFailure)
    assert "not valid TeX" in failure.reason
    assert not failure.is_for_now
    assert images.image(r"\frac{a", 14, "#000000") is failure


def test_no_more_are_kept_than_there_is_room_for() -> None:
    images = MathImages(most_kept=3)
    first = drawn(images, "a")
    for source in ("b", "c"):
        drawn(images, source)
    drawn(images, "a")
    drawn(images, "d")

    assert len(images) == 3
    assert drawn(images, "a") is first  # it was asked for after "b"


def test_no_more_bytes_are_kept_than_there_is_room_for() -> None:
    images = MathImages(most_bytes=10_000)
    for source in "abcdefghij":
        drawn(images, source * 3)

    assert 0 < images.bytes <= 10_000
    assert 0 < len(images) < 10


def test_many_at_once_are_drawn_when_the_event_loop_has_turned(qtbot: QtBot) -> None:
    images = MathImages()
    sources = [f"x_{{{number}}}" for number in range(60)]

    def drawn_now() -> int:
        return sum(isinstance(images.image(source, 14, "#000000"), MathImage) for source in sources)

    first = drawn_now()
    waiting = images.image(sources[-1], 14, "#000000")
    assert 0 < first < 60
    assert isinstance(waiting, MathFailure)
    assert waiting.is_for_now
    qtbot.waitUntil(lambda: drawn_now() == 60)


def test_a_formula_of_too_many_pixels_is_not_drawn() -> None:
    assert isinstance(MathImages().image("x" * 400, 14, "#000000", pixel_ratio=40.0), MathFailure)
