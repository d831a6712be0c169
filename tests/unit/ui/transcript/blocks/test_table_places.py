"""Places in a table's text are found in its cells."""

from app.ui.transcript.blocks.table_places import TablePlaces
from app.ui.transcript.markdown.content import Alignment, Span, Table, reading_text


def table(*rows: tuple[str, ...]) -> Table:
    header, *others = (tuple((Span(cell),) if cell else () for cell in row) for row in rows)
    return Table((Alignment.NONE,) * len(header), header, tuple(others))


ROWS = (("ab", "c"), ("", "de"), ("f", ""))


def test_every_place_is_in_its_cell() -> None:
    places = TablePlaces(table(*ROWS))
    text = reading_text(table(*ROWS))
    found = [places.cell_at(place) for place in range(len(text) + 1)]
    assert text == "ab\tc\n\tde\nf\t"
    assert found == [(0, 0)] * 3 + [(0, 1)] * 2 + [(1, 0)] + [(1, 1)] * 3 + [(2, 0)] * 2 + [(2, 1)]
    assert [places.start_of(row, column) for row in range(3) for column in range(2)] == [0, 3, 5, 6, 9, 11]
    assert [places.end_of(row) for row in range(3)] == [4, 8, 11]
    assert places.cell_at(99) == (2, 1)


def test_a_table_that_grows_keeps_its_rows() -> None:
    places = TablePlaces(table(*ROWS[:2]))
    assert places.start_of(1, 1) == 6
    assert places.change(table(*ROWS)) == 2
    assert places.start_of(2, 0) == 9
    assert places.change(table(ROWS[0], ("x", "de"), ROWS[2])) == 1
    assert places.start_of(2, 0) == 10
