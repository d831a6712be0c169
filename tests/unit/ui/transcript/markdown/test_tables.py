"""Rows of a table are cut into cells."""

import pytest

from app.ui.transcript.markdown.content import Alignment, Paragraph, Span, Table
from app.ui.transcript.markdown.stream_parser import parse_blocks
from app.ui.transcript.markdown.tables import begins_table, cells, column_alignments


@pytest.mark.parametrize("row", ["| a | b |", "a|b", "|a|b", "  a |   b  |"])
def test_borders_at_the_ends_may_be_left_out(row: str) -> None:
    assert cells(row) == ["a", "b"]


def test_an_escaped_border_is_none() -> None:
    assert cells(r"| a\|b | `c\|d` |") == ["a|b", "`c|d`"]


def test_alignments() -> None:
    assert column_alignments("|:--|:-:|--:|---|") == (Alignment.LEFT, Alignment.CENTER, Alignment.RIGHT, Alignment.NONE)


@pytest.mark.parametrize("row", ["", "---x", "|:-:|a|", "- | -", "|--||--|", ":"])
def test_what_says_no_alignments(row: str) -> None:
    assert column_alignments(row) is None


@pytest.mark.parametrize(("heading", "row"), [("a | b", "|---|"), ("a", "---"), ("a | b", "a | b")])
def test_what_begins_no_table(heading: str, row: str) -> None:
    assert not begins_table(heading, row)


def test_rows_are_as_long_as_the_heading() -> None:
    (table,) = parse_blocks("| a | b |\n|:--|--:|\n| 1 |\n| 1 | 2 | 3 |\n| **x** | |")
    one, two, bold = ((Span("1"),), (Span("2"),), (Span("x", bold=True),))
    assert table == Table(
        (Alignment.LEFT, Alignment.RIGHT), ((Span("a"),), (Span("b"),)), ((one, ()), (one, two), (bold, ()))
    )


def test_a_table_under_text_begins_with_its_heading() -> None:
    text, table, after = parse_blocks("Text:\n| a |\n|---|\n| b |\n\nafter")
    assert text == Paragraph((Span("Text:"),))
    assert isinstance(table, Table)
    assert after == Paragraph((Span("after"),))


def test_a_table_does_not_grow_without_bound() -> None:
    columns = 2000
    blocks = parse_blocks("|a" * columns + "|\n" + "|-" * columns + "|\n" + "|b\n" * columns)
    assert sum(len(row) for block in blocks if isinstance(block, Table) for row in block.rows) < 100_000
