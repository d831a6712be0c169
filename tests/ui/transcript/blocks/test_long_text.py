"""Text too long to be laid out as a whole: every line and place is where it should be, without laying out the rest."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.ui.theme import Appearance
from app.ui.tokens import LIGHT
from app.ui.transcript.blocks.painted import Highlight, HighlightKind, Look
from app.ui.transcript.blocks.running_text import LONGEST_LAID_OUT, RunningText, continued, running_text
from app.ui.transcript.blocks.span_formats import TextStyle
from app.ui.transcript.blocks.spans_document import SpansDocument
from app.ui.transcript.markdown.content import Span
from tests.ui.transcript.blocks.painting import colours_in

LINE = 19


@pytest.fixture(autouse=True)
def _fonts(appearance: Appearance) -> None:
    """The bundled fonts are there."""


def long_text(text: str, width: float = 700.0) -> RunningText:
    document = running_text((Span(text),), Look(LIGHT))
    assert not isinstance(document, SpansDocument)
    document.lay_out(width)
    return document


def seen(document: RunningText, top: float, highlights: tuple[Highlight, ...] = ()) -> QImage:
    image = QImage(700, 100, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.translate(0, -top)
    document.paint(painter, QRectF(0, top, 700, 100), highlights)
    painter.end()
    return image


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "word " * 20_000,
        "漢字😀" * 25_000,
        "مرحبا " * 12_000,
        "line\n" * 15_000,
        "\n" * 70_000,
        "a\ud800\0" * 30_000,
    ],
)
def test_places_stand_one_behind_the_other(text: str) -> None:
    document = long_text(text)

    for start in (0, len(text) // 2, len(text) - 300):
        tops = [document.rect_at(place).top() for place in range(start, start + 200)]
        assert tops == sorted(tops)
        assert all(after - before in (0, LINE) for before, after in pairwise(tops))
    assert document.rect_at(len(text)).bottom() == document.height


@pytest.mark.parametrize("text", ["x" * 100_000, "word " * 20_000, "ab\ncdef\n\n" * 10_000])
def test_a_place_is_found_where_it_stands(text: str) -> None:
    document = long_text(text)

    for place in (*range(300), 50_000, len(text) - 2, len(text)):
        rect = document.rect_at(place)
        assert document.place_at(QPointF(rect.left() + 0.2, rect.center().y())) == place


def test_every_line_fits_into_the_width() -> None:
    for text in ("M" * 70_000, "漢" * 70_000):
        document = long_text(text, 300)
        assert max(document.rect_at(place).right() for place in range(500)) <= 300
    document = long_text("M" * 70_000, 600)
    assert max(document.rect_at(place).right() for place in range(500)) > 590


def test_a_mark_far_down_is_painted_there() -> None:
    document = long_text("x" * 1_000_000)
    rect = document.rect_at(700_000)
    mark = (Highlight(700_000, 700_003, HighlightKind.FOUND),)

    image = seen(document, rect.top(), mark)

    assert LIGHT.warn_soft in colours_in(image, QRectF(rect.left(), 0, 5, LINE))
    assert LIGHT.warn_soft not in colours_in(image, QRectF(0, LINE + 1, 700, 80))
    assert LIGHT.text in colours_in(image, QRectF(0, LINE, 700, LINE))


def test_text_that_grows_too_long_goes_on_by_columns() -> None:
    style = TextStyle()
    document = running_text((Span("x" * LONGEST_LAID_OUT),), Look(LIGHT), style)
    assert isinstance(document, SpansDocument)

    document = continued(document, (Span("x" * (LONGEST_LAID_OUT + 1)),), style)
    assert not isinstance(document, SpansDocument)
    document.lay_out(700)
    height = document.height
    document = continued(document, (Span("x" * (LONGEST_LAID_OUT + 300)),), style)
    document.lay_out(700)

    assert document.height > height
    assert height - 2 * LINE <= document.changed_from <= height
    document = continued(document, (Span("short"),), style)
    document.lay_out(700)
    assert document.height == 22


def test_many_spans_are_long_too() -> None:
    spans = tuple(Span("a", bold=number % 2 == 0) for number in range(10_000))

    document = running_text(spans, Look(LIGHT))

    assert not isinstance(document, SpansDocument)
    document.lay_out(700)
    assert document.rect_at(9_999).bottom() == document.height
