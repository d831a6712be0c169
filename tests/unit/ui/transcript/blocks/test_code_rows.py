"""Code is cut into lines and rows, and keeps its places while it grows."""

import pytest

from app.ui.transcript.blocks.code_rows import PIECE, CodeRows, columns_of, piece_columns, wrap_points


def rows_of(rows: CodeRows) -> list[str]:
    return [rows.text[row.start : row.end] for row in map(rows.row, range(rows.row_count))]


def test_lines_are_rows() -> None:
    rows = CodeRows("one\n\nthree")
    assert rows_of(rows) == ["one", "", "three"]
    assert [rows.row_at(place) for place in range(10)] == [0, 0, 0, 0, 1, 2, 2, 2, 2, 2]
    assert rows.widest == 5


def test_no_text_is_one_empty_row() -> None:
    assert rows_of(CodeRows("")) == [""]


@pytest.mark.parametrize("columns", [0, 7])
def test_growing_piece_by_piece_is_as_whole(columns: int) -> None:
    text = "def f(x):\n    return x + 1  # and more\n\n\tend\n"
    growing = CodeRows("")
    growing.wrap(columns)
    for end in range(len(text) + 1):
        before = growing.text
        line = growing.change(text[:end])
        assert growing.line_start(line) <= len(before)
        whole = CodeRows(text[:end])
        whole.wrap(columns)
        assert rows_of(growing) == rows_of(whole)
        assert growing.widest == whole.widest


@pytest.mark.parametrize("after", ["a\nb\n", "a", "", "other\ntext", "a\nb\nc more\nd"])
def test_any_other_text_is_taken(after: str) -> None:
    rows = CodeRows("a\nb\nc\n``")
    rows.wrap(4)
    rows.change(after)
    whole = CodeRows(after)
    whole.wrap(4)
    assert rows_of(rows) == rows_of(whole)
    assert rows.widest == whole.widest


def test_only_what_grew_is_told_as_changed() -> None:
    rows = CodeRows("a\n" * 1000)
    assert rows.change("a\n" * 1000 + "b") == 1000
    assert rows.change("a\n" * 1000 + "bc\nd") == 1000


def test_a_line_breaks_behind_spaces() -> None:
    rows = CodeRows("some words in a line\nnext")
    rows.wrap(11)
    assert rows_of(rows) == ["some words ", "in a line", "next"]
    assert [rows.row(row).line for row in range(3)] == [0, 0, 1]
    assert rows.row_at(11) == 1
    rows.wrap(0)
    assert rows.row_count == 2


@pytest.mark.parametrize(
    "line", ["x" * 100, "日本語" * 30, "\tif x:\ty\t" * 9, "a 😀 " * 20, "z" * 25_000, "日" * 25_000, "\t" * 25_000]
)
def test_no_row_is_wider_than_the_columns(line: str) -> None:
    points = wrap_points(line, 20)
    rows = [line[start:end] for start, end in zip(points, [*points[1:], len(line)], strict=True)]
    assert "".join(rows) == line
    assert all(row and columns_of(row.rstrip(" ")) <= 20 for row in rows)


def test_columns() -> None:
    assert columns_of("\tx") == 5
    assert columns_of("ab\tx") == 5
    assert columns_of("日本") == 4
    assert columns_of("naïve") == 5
    assert piece_columns("x" * (2 * PIECE + 3)) == [0, PIECE, 2 * PIECE, 2 * PIECE + 3]
    assert piece_columns("") == [0, 0]
