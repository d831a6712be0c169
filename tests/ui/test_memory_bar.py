"""The split bar: what is painted where, in which words, and how it moves."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QGuiApplication
from pytestqt.qtbot import QtBot

from app.core.memory import DeviceMemory, MemoryBudget
from app.core.settings import Theme
from app.ui.memory_bar import BAR_HEIGHT, MemoryBar, accent_steps, shares_of
from app.ui.theme import Appearance

GB = 10**9
CARD = MemoryBudget("CUDA0", "A card", 25 * GB, 23_200_000_000, 20 * GB)
FITS = DeviceMemory("CUDA0", 12_500_000_000, 2_500_000_000, 2_500_000_000)
TOO_MUCH = DeviceMemory("CUDA0", 15 * GB, 10 * GB, GB)
UNKNOWN = MemoryBudget("CUDA0", "A card", 0, 0, 0)
WIDTH = 500


@pytest.fixture
def bar(qtbot: QtBot, appearance: Appearance) -> MemoryBar:
    made = MemoryBar(appearance)
    qtbot.addWidget(made)
    made.resize(WIDTH, made.heightForWidth(WIDTH))
    return made


@pytest.fixture
def colour_at(bar: MemoryBar) -> Callable[[float], str]:
    """The colour in the middle of the bar at a part of its length."""

    def look(share: float) -> str:
        image = bar.grab().toImage()
        place = QPoint(round(share * WIDTH), BAR_HEIGHT // 2 + 3) * image.devicePixelRatio()
        return image.pixelColor(place).name().upper()

    return look


def test_the_parts_stand_side_by_side_in_steps_of_the_accent(
    bar: MemoryBar, appearance: Appearance, colour_at: Callable[[float], str]
) -> None:
    for theme in (Theme.LIGHT, Theme.DARK):
        appearance.choose(theme)
        bar.show_memory(FITS, CARD)
        tokens = appearance.tokens
        accent, softer, softest = (QColor(step).name().upper() for step in accent_steps(tokens))
        assert len({accent, softer, softest, tokens.sunken, tokens.line}) == 5
        places = {0.25: accent, 0.55: softer, 0.65: softest, 0.8: tokens.sunken, 0.97: tokens.line}
        assert {share: colour_at(share) for share in places} == places
    appearance.choose(Theme.LIGHT)


def test_what_is_too_much_is_red_behind_a_mark(
    bar: MemoryBar, appearance: Appearance, colour_at: Callable[[float], str]
) -> None:
    bar.show_memory(TOO_MUCH, CARD)
    end = 20 / 27.8  # the model and what others hold are more than the card has
    assert bar.shares.limit == pytest.approx(end)
    assert colour_at(end - 0.03) == QColor(accent_steps(appearance.tokens)[1]).name().upper()
    assert colour_at(end) == appearance.tokens.text
    assert colour_at(end + 0.03) == appearance.tokens.bad
    bar.show_memory(FITS, CARD)
    assert colour_at(0.8) == appearance.tokens.sunken, "no mark where everything fits"


def test_the_legend_names_every_part(bar: MemoryBar) -> None:
    bar.show_memory(FITS, CARD)
    assert bar.legend == "weights 12.5 · KV cache 2.5 · compute 2.5 · in use 1.8 … 17.5 of 23.2 GB free"
    bar.show_memory(TOO_MUCH, CARD)
    assert "too much 6.0" in bar.legend
    bar.show_memory(DeviceMemory("CUDA0", 98_400_000, 94_000_000, 30_000_000), CARD)
    assert bar.legend == "weights 98 · KV cache 94 · compute 30 · in use 1.8 GB … 222 MB of 23.2 GB free"
    bar.show_memory(DeviceMemory("CUDA0", 0, 0, 0), CARD)
    assert bar.legend == "in use 1.8 … 23.2 GB free"


def test_what_is_not_known_is_said_and_never_red(bar: MemoryBar, appearance: Appearance) -> None:
    bar.show_memory(FITS, UNKNOWN)
    assert bar.legend == "weights 12.5 · KV cache 2.5 · compute 2.5 … 17.5 GB, free memory not known"
    image = bar.grab().toImage()
    line = [image.pixelColor(x, 9).name().upper() for x in range(image.width())]
    assert appearance.tokens.bad not in line
    bar.show_memory(DeviceMemory("", 0, 0, 0), UNKNOWN)
    assert shares_of(DeviceMemory("", 0, 0, 0), UNKNOWN).weights == 0


def test_a_screen_reader_hears_it_in_sentences_and_the_tooltip_is_exact(bar: MemoryBar) -> None:
    bar.show_memory(TOO_MUCH, CARD)
    assert bar.accessibleName() == (
        "A card: the model takes 26.0 GB of 23.2 GB that are free: weights 15.0 GB, KV cache 10.0 GB, compute 1.0 GB. "
        "That is 6.0 GB more than there is room for. "
        "It has 25.0 GB, of which the system and other programs hold 1.8 GB; a model may take 20.0 GB."
    )
    assert "KV cache: 10,000,000,000 bytes" in bar.toolTip()
    assert "Free: 23,200,000,000 of 25,000,000,000 bytes" in bar.toolTip()


def test_what_the_model_in_use_gives_back_counts_as_free(bar: MemoryBar) -> None:
    bar.show_memory(FITS, MemoryBudget("CUDA0", "A card", 25 * GB, 4 * GB, 22 * GB))
    assert bar.legend.endswith("17.5 of 22.0 GB free")


def test_it_moves_to_new_figures_and_ends_there(bar: MemoryBar, qtbot: QtBot) -> None:
    bar.show()
    qtbot.waitExposed(bar)
    bar.show_memory(FITS, CARD)
    assert bar.shares == shares_of(FITS, CARD), "the first figures stand there at once"
    bar.show_memory(TOO_MUCH, CARD)
    assert bar.is_moving
    qtbot.waitUntil(lambda: not bar.is_moving)
    assert bar.shares == shares_of(TOO_MUCH, CARD)


def test_it_keeps_still_for_who_wishes_so(bar: MemoryBar, qtbot: QtBot) -> None:
    hints = QGuiApplication.styleHints()
    before = hints.cursorFlashTime()
    hints.setCursorFlashTime(0)
    try:
        bar.show()
        qtbot.waitExposed(bar)
        bar.show_memory(FITS, CARD)
        bar.show_memory(TOO_MUCH, CARD)
        assert not bar.is_moving
        assert bar.shares == shares_of(TOO_MUCH, CARD)
    finally:
        hints.setCursorFlashTime(before)


def test_a_narrow_legend_breaks_into_lines(bar: MemoryBar) -> None:
    bar.show_memory(TOO_MUCH, CARD)
    assert bar.heightForWidth(200) > bar.heightForWidth(360) > bar.heightForWidth(900)
