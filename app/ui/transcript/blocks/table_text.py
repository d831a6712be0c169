"""A table as spreadsheets take it: comma-separated values."""

import csv
import io

from app.ui.transcript.markdown.content import Table, spans_text


def table_csv(table: Table) -> str:
    """The text of the cells as RFC 4180 has it, the header first."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([spans_text(cell) for cell in row] for row in (table.header, *table.rows))
    return file.getvalue()
