"""The cells of a table's rows and the alignment of its columns."""

import re

from markdown_it.rules_block.table import escapedSplit

from app.ui.transcript.markdown.content import Alignment
from app.ui.transcript.markdown.lines import DELIMITER_ROW

_DELIMITER = re.compile(r":?-+:?$")


def cells(row: str) -> list[str]:
    """The cells of a row, without the white space around them; "\\|" is no border."""
    parts: list[str] = escapedSplit(row.strip(" \t"))
    if parts and not parts[0]:
        del parts[0]
    if parts and not parts[-1]:
        del parts[-1]
    return [part.strip(" \t") for part in parts]


def column_alignments(row: str) -> tuple[Alignment, ...] | None:
    """What the row under a table's heading says, one for each column; None when it is no such row."""
    if not DELIMITER_ROW.match(row):
        return None
    parts = [part.strip(" \t") for part in row.strip(" \t").split("|")]
    if not parts[0]:
        del parts[0]
    if parts and not parts[-1]:
        del parts[-1]
    if not all(_DELIMITER.match(part) for part in parts):
        return None
    return tuple(map(_alignment, parts))


def begins_table(heading: str, row: str) -> bool:
    """Whether two lines are a table's heading and the row under it."""
    if "|" not in heading:
        return False
    alignments = column_alignments(row)
    return bool(alignments) and len(cells(heading)) == len(alignments or ())


def _alignment(part: str) -> Alignment:
    match part.startswith(":"), part.endswith(":"):
        case True, True:
            return Alignment.CENTER
        case True, False:
            return Alignment.LEFT
        case False, True:
            return Alignment.RIGHT
    return Alignment.NONE
