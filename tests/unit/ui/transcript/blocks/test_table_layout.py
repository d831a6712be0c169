"""The room of a table is shared fairly, and cells get as many lines as they need."""

import pytest

from app.ui.transcript.blocks.table_layout import column_widths, line_count


def test_with_room_enough_columns_have_their_natural_width() -> None:
    assert column_widths([100, 50], [60, 50], 300) == [100, 50]


def test_the_widest_columns_give_first() -> None:
    assert column_widths([400, 80, 300], [100, 80, 100], 480) == pytest.approx([200, 80, 200])


def test_no_column_gives_more_than_it_can() -> None:
    assert column_widths([400, 500], [250, 100], 400) == pytest.approx([250, 150])


def test_what_does_not_fit_is_scrolled_at_natural_width_within_reason() -> None:
    assert column_widths([200, 900, 60], [110, 110, 110], 250, 320) == [200, 320, 60]


def test_no_columns() -> None:
    assert column_widths([], [], 100) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", 1), ("one", 1), ("one two", 1), ("one two three", 2), ("a\nb", 2), ("x" * 20, 4), ("a " + "x" * 12, 4)],
)
def test_lines(text: str, lines: int) -> None:
    assert line_count(text, 10, lambda word: float(len(word))) == lines
