"""A copied table is what a spreadsheet expects."""

import csv
import io

from app.ui.transcript.blocks.table_text import table_csv
from app.ui.transcript.markdown.content import Alignment, Span, Table

TABLE = Table(
    (Alignment.LEFT, Alignment.RIGHT, Alignment.NONE, Alignment.CENTER),
    ((Span("Name"),), (Span("Count"),), (Span("Note"),), ()),
    (
        ((Span("a, b"),), (Span("=1+2"),), (Span('say "hi"'),), ()),
        ((Span("two\nlines"),), (Span("1|2"),), (Span("bold", bold=True), Span(" x*y")), (Span("f(x)", code=True),)),
        ((Span("here", link="https://example.org/a"),), (Span("x_1", math=True),), (Span("old", struck=True),), ()),
    ),
)


def test_csv_reads_back_as_it_was() -> None:
    assert list(csv.reader(io.StringIO(table_csv(TABLE), newline=""))) == [
        ["Name", "Count", "Note", ""],
        ["a, b", "=1+2", 'say "hi"', ""],
        ["two\nlines", "1|2", "bold x*y", "f(x)"],
        ["here", "x_1", "old", ""],
    ]


def test_csv_quotes_what_must_be_quoted() -> None:
    assert '"a, b",=1+2,"say ""hi""",\r\n' in table_csv(TABLE)
