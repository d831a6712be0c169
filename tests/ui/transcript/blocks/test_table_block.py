"""A table as it is seen: columns, hairlines, cells of several lines, and where its characters stand."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.ui.theme import Appearance
from app.ui.tokens import LIGHT
from app.ui.transcript.blocks.painted import Highlight, HighlightKind, Look
from app.ui.transcript.blocks.table_block import TableBlock
from app.ui.transcript.markdown.content import Alignment, Code, Row, Span, Table, reading_text

WIDTH = 700
WORDS = "A cell that goes on for a good while and is broken into lines because it is too wide for the page"


@pytest.fixture(autouse=True)
def _fonts(appearance: Appearance) -> None:
    """The bundled fonts are there."""


def row(*cells: str) -> Row:
    return tuple((Span(cell),) if cell else () for cell in cells)


def table(*rows: Row, alignments: tuple[Alignment, ...] | None = None) -> Table:
    return Table(alignments or (Alignment.NONE,) * len(rows[0]), rows[0], rows[1:])


def laid_out(content: Table, width: float = WIDTH, zoom: float = 1.0) -> TableBlock:
    block = TableBlock(content, Look(LIGHT, zoom))
    block.lay_out(width)
    return block


def painted(block: TableBlock, top: float = 0, height: float = 400, marks: Sequence[Highlight] = ()) -> QImage:
    image = QImage(int(block.width), int(height), QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.translate(0, -top)
    block.paint(painter, QRectF(0, top, block.width, height), marks)
    painter.end()
    return image


SMALL = table(
    row("Name", "Speed", "Fits"),
    row("Mistral", "71.8", "partly"),
    row("SmolLM2", "8", "yes"),
    alignments=(Alignment.LEFT, Alignment.RIGHT, Alignment.CENTER),
)


def test_columns_are_aligned() -> None:
    text = reading_text(SMALL)
    block = laid_out(SMALL)
    assert block.rect_at(text.index("Mistral")).left() == block.rect_at(text.index("SmolLM2")).left() == 0
    assert block.rect_at(text.index("71.8") + 3).right() == pytest.approx(
        block.rect_at(text.index("Speed") + 4).right(), abs=1
    )
    middle = [
        (block.rect_at(text.index(word)).left() + block.rect_at(text.index(word) + len(word) - 1).right()) / 2
        for word in ("Fits", "partly", "yes")
    ]
    assert middle == pytest.approx([middle[0]] * 3, abs=1)


def test_rows_are_parted_by_hairlines_and_nothing_else() -> None:
    block = laid_out(SMALL)
    image = painted(block)
    column = [image.pixelColor(1, y).name().upper() for y in range(int(block.height))]
    assert [y for y, colour in enumerate(column) if colour == LIGHT.line] == [33, 67]
    assert block.height == 3 * 34
    assert image.pixelColor(699, 33) == QColor("white")  # as wide as the table needs to be


def test_the_header_is_bolder() -> None:
    block = laid_out(table(row("same words"), row("same words")))
    header, cell = block.rect_at(9), block.rect_at(20)
    assert header.right() > cell.right()


def test_wide_cells_are_broken_into_lines() -> None:
    content = table(row("Name", "What it does"), row("x", WORDS * 2), row("y", "short"))
    block = laid_out(content)
    text = reading_text(content)
    assert block.rect_at(text.index("y\tshort")).top() > block.rect_at(text.index("x\tA")).top() + 50
    assert all(block.rect_at(place).right() <= WIDTH + 4 for place in range(len(text)))
    assert not block.scroll_by(10)


def test_rows_beyond_those_that_are_laid_out_leave_room_for_their_lines() -> None:
    rows = [row(f"row {number}", WORDS, WORDS + " and more of it " * (number % 4)) for number in range(60)]
    content = table(row("a", "b", "c"), *rows)
    block = laid_out(content)
    text = reading_text(content)
    for number in range(60):
        end = text.index(f"row {number + 1}\t") if number < 59 else len(text) + 1
        assert block.rect_at(end - 2).bottom() <= (block.rect_at(end).top() if number < 59 else block.height)


def test_many_columns_are_scrolled_sideways() -> None:
    content = table(*(row(*(f"cell {line} of {column}" for column in range(12))) for line in range(4)))
    block = laid_out(content)
    end = len(reading_text(content))
    assert block.rect_at(end - 1).left() > WIDTH
    assert not block.bar_rect().isEmpty()
    assert block.reveal(end - 1)
    assert block.rect_at(end - 1).right() <= WIDTH
    assert block.rect_at(0).left() < 0
    assert block.scroll_by(-10_000)
    assert not block.scroll_by(-1)
    assert block.rect_at(0).left() == 0


@pytest.mark.parametrize("width", [700, 200])
def test_a_character_is_found_where_it_stands(width: int) -> None:
    spans = (Span("some "), Span("code()", code=True), Span(" and "), Span("bold", bold=True), Span(" 😀 end"))
    content = table(row("Name", "What"), (spans, (Span("one\ntwo"),)), row("", WORDS), row("last", ""))
    block = laid_out(content, width)
    text = reading_text(content)
    for place in range(len(text)):
        rect = block.rect_at(place)
        assert rect.width() >= 1
        if text[place] not in "\t\n ":
            assert block.place_at(QPointF(rect.left() + 0.3, rect.center().y())) == place
    assert block.place_at(QPointF(0, -5)) == 0
    assert block.place_at(QPointF(0, 9999)) == len(text)


def test_links_in_cells_are_found() -> None:
    content = table(row("a", "b"), ((Span("x"),), (Span("there", link="https://example.org/"),)))
    block = laid_out(content)
    at = block.rect_at(reading_text(content).index("there") + 1).center()
    assert block.link_at(at) == "https://example.org/"
    assert block.link_at(QPointF(1, at.y())) == ""


def test_marks_reach_over_cells() -> None:
    text = reading_text(SMALL)
    block = laid_out(SMALL)
    image = painted(block, marks=[Highlight(text.index("tral"), text.index("8\tp"), HighlightKind.SELECTED)])
    for word, is_marked in (("Mist", False), ("tral", True), ("71.", True), ("Smol", False)):
        rect = block.rect_at(text.index(word))
        assert (
            image.pixelColor(int(rect.left()) + 1, int(rect.top()) + 1) == QColor(LIGHT.accent_soft)
        ) is is_marked, word


def test_a_table_that_grows_is_painted_as_one_that_is_whole() -> None:
    rows = [row(f"row {number}", "x" * number, WORDS[: number * 9], f"{number}") for number in range(12)]
    growing = laid_out(table(row("a", "b", "c", "d")))
    for count in range(13):
        assert growing.update_block(table(row("a", "b", "c", "d"), *rows[:count]))
        growing.lay_out(WIDTH)
        painted(growing)
    whole = laid_out(table(row("a", "b", "c", "d"), *rows))
    assert growing.height == whole.height
    assert painted(growing) == painted(whole)


def test_a_row_more_changes_only_what_is_below() -> None:
    rows = [row("some words", "same")] * 5
    block = laid_out(table(row("a", "b"), *rows[:4]))
    height = block.height
    block.update_block(table(row("a", "b"), *rows))
    block.lay_out(WIDTH)
    assert block.changed_from() == height
    block.update_block(table(row("a", "b"), *rows, row("much wider than those above", "")))
    block.lay_out(WIDTH)
    assert block.changed_from() == 0


def test_another_shape_needs_another_painter() -> None:
    block = laid_out(SMALL)
    assert not block.update_block(table(row("one"), row("column")))
    assert not block.update_block(Code("", "x"))


def test_the_button_never_covers_the_header() -> None:
    narrow = laid_out(SMALL)
    assert narrow.tools_rect().top() >= 0
    assert narrow.tools_rect().bottom() <= 34
    assert narrow.tools_rect().left() > narrow.rect_at(13).right()
    wide = laid_out(table(row("Name", "What it does"), row("x", WORDS * 2)))
    assert wide.tools_rect().bottom() <= wide.rect_at(0).top()


def test_five_hundred_rows_are_painted_where_they_are_seen() -> None:
    rows = [row(f"row {number}", f"{number * number}") for number in range(500)]
    content = table(row("a", "b"), *rows)
    block = laid_out(content)
    assert block.height == 501 * 34
    assert painted(block, top=block.height - 340) == painted(laid_out(content), top=block.height - 340)
    rect = block.rect_at(reading_text(content).index("row 499"))
    assert rect.top() == 500 * 34 + 6


@pytest.mark.parametrize(
    "content",
    [
        table(row("a", "b"), *([row("x", "y" * 300)] * 5000)),
        table(row("a"), row("x " * 300_000)),
        table(row("a"), row("日" * 300_000)),
        table(row("a"), row("\0\ud800\u202e\r\u2028")),
        table(row(*"a" * 300), *([row(*"b" * 300)] * 20)),
        table(row("")),
        table(row("a"), *([((Span("\\frac{", math=True),),)] * 300)),
    ],
)
def test_any_table_is_painted(content: Table) -> None:
    for width in (700, 30):
        block = laid_out(content, width)
        painted(block)
        painted(block, top=max(0, block.height - 400))
        block.scroll_by(1e9)
        painted(block)
        assert block.height > 0
        assert block.rect_at(len(reading_text(content))).bottom() <= block.height
