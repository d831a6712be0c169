"""Every block has its painter, which can do what the view asks of all."""

import pytest
from PySide6.QtCore import QPointF, QRectF

from app.ui.theme import Appearance
from app.ui.tokens import LIGHT
from app.ui.transcript.blocks.make import painted_block
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.markdown.content import (
    Alignment,
    Block,
    Code,
    Heading,
    Image,
    MathBlock,
    Paragraph,
    Rule,
    Span,
    Table,
    reading_text,
)
from tests.ui.transcript.blocks.painting import colours_in, laid_out, picture, settle

BLOCKS = [
    Paragraph((Span("A paragraph of some words that is longer than a line of 200 pixels."),)),
    Heading(1, (Span("A heading"),)),
    Code("python", "print(1)\nprint(2)"),
    Table((Alignment.NONE,), ((Span("Heading"),),), (((Span("Cell"),),),)),
    MathBlock("x^2"),
    Image("https://example.org/cat.png", "A cat"),
    Rule(),
]


@pytest.fixture(autouse=True)
def _fonts(appearance: Appearance) -> None:
    """The bundled fonts are there."""


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_is_painted_within_its_height(block: Block) -> None:
    painter = laid_out(block)

    assert painter.height > 0
    assert painter.width == 700
    assert len(colours_in(picture(painter), QRectF(0, 0, 700, painter.height))) > 1
    assert 0 <= painter.place_at(QPointF(1e6, 1e6)) <= len(reading_text(block))
    assert painter.rect_at(0).width() >= 1


@pytest.mark.parametrize("block", BLOCKS)
def test_the_same_block_is_taken_as_its_own_update(block: Block) -> None:
    painter = laid_out(block)
    before, height = picture(painter), painter.height

    assert painter.update_block(block)
    settle(painter)

    assert painter.height == height
    assert picture(painter) == before


@pytest.mark.parametrize("block", BLOCKS)
def test_what_was_given_back_is_painted_again(block: Block) -> None:
    painter = laid_out(block)
    before = picture(painter)

    painter.release()

    assert picture(painter) == before


@pytest.mark.parametrize("block", BLOCKS)
def test_nothing_is_lower_in_less_width(block: Block) -> None:
    painter = painted_block(block, Look(LIGHT))
    settle(painter)
    height = painter.height

    settle(painter, 200)

    assert painter.height >= height
    assert picture(painter).width() == 200


def test_a_rule_is_a_hairline_across() -> None:
    image = picture(laid_out(Rule()))

    line = [y for y in range(image.height()) if image.pixelColor(350, y).name().upper() == LIGHT.line]
    assert len(line) == 1
    assert colours_in(image, QRectF(0, line[0], 700, 1)) == {LIGHT.line}
