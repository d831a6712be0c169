"""A table as other programs take it: comma-separated values, and Markdown."""

import csv
import io

from app.ui.transcript.markdown.content import Alignment, Row, Span, Table, spans_text

_RULES = {Alignment.NONE: "---", Alignment.LEFT: ":--", Alignment.CENTER: ":-:", Alignment.RIGHT: "--:"}


def table_csv(table: Table) -> str:
    """The text of the cells as RFC 4180 has it, the header first."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([spans_text(cell) for cell in row] for row in (table.header, *table.rows))
    return file.getvalue()


def table_markdown(table: Table) -> str:
    """The table as it may have been written."""
    rules = "| " + " | ".join(_RULES[alignment] for alignment in table.alignments) + " |"
    return "\n".join((_row(table.header), rules, *map(_row, table.rows))) + "\n"


def _row(row: Row) -> str:
    return "| " + " | ".join("".join(map(_span, cell)).replace("|", "\\|") for cell in row) + " |"


def _span(span: Span) -> str:
    text = span.text.replace("\n", " ")
    if span.math:
        return f"$${text}$$" if span.displayed else f"${text}$"
    if span.footnote:
        return f"[^{text}]"
    if span.code:
        text = f"`` {text} ``" if "`" in text else f"`{text}`"
    elif not span.image:
        for sign in "\\*_`[]<>~$":
            text = text.replace(sign, f"\\{sign}")
    for is_so, sign in ((span.struck, "~~"), (span.italic, "*"), (span.bold, "**")):
        text = f"{sign}{text}{sign}" if is_so and text.strip() == text != "" else text
    if span.image:
        text = f"![{text}](<{span.image}>)"
    return f"[{text}](<{span.link}>)" if span.link else text
