"""Mathematics on lines of its own: in the middle, scrolled sideways, marked as a whole, or as its source."""

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from app.ui.theme import Appearance
from app.ui.tokens import DARK, LIGHT
from app.ui.transcript.blocks.make import painted_block
from app.ui.transcript.blocks.painted import HighlightKind, Look
from app.ui.transcript.blocks.sideways import SidewaysBlock
from app.ui.transcript.column import BlockColumn
from app.ui.transcript.markdown.content import MathBlock, Paragraph
from tests.ui.transcript.blocks.painting import changed_area, colours_in, laid_out, marked, picture, settle

SQUARE = r"x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}"
WIDE = " + ".join(rf"\frac{{a_{{{number}}}}}{{b}}" for number in range(40))


@pytest.fixture(autouse=True)
def _fonts(appearance: Appearance) -> None:
    """The bundled fonts are there."""


def test_a_formula_stands_in_the_middle() -> None:
    painter = laid_out(MathBlock(SQUARE))
    empty = picture(painter)
    empty.fill("white")

    ink = changed_area(picture(painter), empty)

    assert ink.center().x() == pytest.approx(350, abs=3)
    assert painter.rect_at(0).adjusted(-1, -1, 1, 1).contains(ink)
    assert painter.height < 80
    assert painter.rect_at(0).center().x() == pytest.approx(350)


def test_it_has_the_colour_of_text() -> None:
    painter = laid_out(MathBlock("HHH"), look=Look(DARK, 2.0, 2.0))

    assert DARK.text in colours_in(picture(painter, ratio=2.0), painter.rect_at(0))


def test_its_left_half_is_its_beginning_and_its_right_half_its_end() -> None:
    painter = laid_out(MathBlock(SQUARE))

    assert painter.place_at(QPointF(10, 20)) == painter.place_at(QPointF(340, 20)) == 0
    assert painter.place_at(QPointF(360, 20)) == painter.place_at(QPointF(690, 20)) == len(SQUARE)
    assert painter.rect_at(len(SQUARE)).left() == painter.rect_at(0).right()


@pytest.mark.parametrize("kind", list(HighlightKind))
def test_it_is_marked_as_a_whole(kind: HighlightKind) -> None:
    painter = laid_out(MathBlock(SQUARE))

    changed = changed_area(picture(painter), picture(painter, marked(2, 5, kind)))

    assert painter.rect_at(0).adjusted(-1, -1, 1, 1).contains(changed)
    assert changed.width() > painter.rect_at(0).width() - 3


def test_the_current_hit_has_ink_that_is_readable() -> None:
    painter = laid_out(MathBlock("HHH"), look=Look(DARK, 2.0, 2.0))

    image = picture(painter, marked(0, 3, HighlightKind.FOUND_CURRENT), ratio=2.0)

    assert {DARK.warn, DARK.on_accent} <= colours_in(image, painter.rect_at(0))
    assert DARK.text not in colours_in(image, painter.rect_at(0))


def test_what_is_too_wide_scrolls_sideways() -> None:
    painter = laid_out(MathBlock(WIDE), width=300)
    before = picture(painter)

    assert painter.scroll_by(100)
    assert picture(painter) != before
    assert painter.rect_at(0).left() == -100
    assert painter.scroll_by(1e6)
    assert painter.rect_at(0).right() == pytest.approx(300)
    assert not painter.scroll_by(5)
    assert painter.reveal(0)
    assert painter.rect_at(0).left() == pytest.approx(0, abs=1)
    assert not laid_out(MathBlock("x")).scroll_by(100)


def test_the_bar_of_what_is_too_wide_can_be_dragged() -> None:
    painter = laid_out(MathBlock(WIDE), width=300)
    assert isinstance(painter, SidewaysBlock)
    assert painter.bar_rect().left() == 0

    assert painter.drag_bar(10)

    assert painter.bar_rect().left() == pytest.approx(10)
    assert painter.rect_at(0).left() < -10
    assert painter.drag_bar(1e6)
    assert painter.bar_rect().right() == pytest.approx(300)
    narrow = laid_out(MathBlock("x"), width=300)
    assert isinstance(narrow, SidewaysBlock)
    assert narrow.bar_rect().isEmpty()
    assert not narrow.drag_bar(10)


def test_what_is_no_tex_is_its_source_with_the_reason() -> None:
    painter = laid_out(MathBlock(r"\frac{a"))

    assert painter.height > 15
    assert "not valid TeX" in painter.tooltip_at(QPointF(5, 5))
    assert painter.place_at(painter.rect_at(3).topLeft() + QPointF(0.2, 3)) == 3
    changed = changed_area(picture(painter), picture(painter, marked(0, 5)))
    assert changed.right() == pytest.approx(painter.rect_at(5).left(), abs=1)


def test_a_source_that_is_being_written_becomes_a_formula() -> None:
    painter = laid_out(MathBlock(r"\frac{a}"))
    assert painter.tooltip_at(QPointF(5, 5))

    assert painter.update_block(MathBlock(r"\frac{a}{b}"))
    settle(painter)

    assert painter.changed_from() == 0
    assert painter.tooltip_at(QPointF(5, 5)) == ""
    assert picture(painter) == picture(laid_out(MathBlock(r"\frac{a}{b}")))
    painter.lay_out(700)
    assert painter.changed_from() == painter.height
    assert not painter.update_block(Paragraph(()))


def test_very_long_sources_are_shown_quickly() -> None:
    painter = laid_out(MathBlock("x" * 1_000_000))

    assert "too long" in painter.tooltip_at(QPointF(5, 5))
    assert painter.place_at(painter.rect_at(500_000).center()) in (500_000, 500_001)


def test_many_formulas_at_once_do_not_hold_up_the_window(qtbot: QtBot) -> None:
    painters = [painted_block(MathBlock(f"n_{{{number}}} = {number}"), Look(LIGHT)) for number in range(60)]
    for painter in painters:
        painter.lay_out(700)
    waiting = [painter for painter in painters if not painter.is_settled()]

    assert 0 < len(waiting) < 60
    assert "about to be drawn" in waiting[0].tooltip_at(QPointF(5, 5))
    for painter in waiting:
        settle(painter)
    assert painters[-1].tooltip_at(QPointF(5, 5)) == ""


def test_a_column_takes_the_heights_of_formulas_that_are_drawn_later(qtbot: QtBot) -> None:
    column = BlockColumn(Look(LIGHT))
    column.set_width(700)
    column.set_blocks([MathBlock(rf"\frac{{m_{{{number}}}}}{{2}}") for number in range(60)])
    column.ensure(0, 1e6)
    assert not column.is_settled(0, 1e6)

    def is_settled() -> bool:
        column.ensure(0, 1e6)
        return column.is_settled(0, 1e6)

    qtbot.waitUntil(is_settled)
    assert len({column.area_of(index).height() for index in range(60)}) <= 2
    assert column.area_of(59).height() > 30
