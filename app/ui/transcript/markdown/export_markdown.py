"""Writes parts of messages as Markdown that says the same when it is parsed again."""

import re
from collections.abc import Sequence

from app.ui.transcript.markdown.content import (
    BULLET,
    Alignment,
    Block,
    Code,
    Container,
    ContainerKind,
    Heading,
    Image,
    MathBlock,
    Paragraph,
    Row,
    Rule,
    Span,
    Table,
)
from app.ui.transcript.markdown.escaping import escaped_address
from app.ui.transcript.markdown.export_inline import Setting, inline_markdown
from app.ui.transcript.markdown.outline import Marks, Written, lay_out, number_of
from app.ui.transcript.markdown.part import Part, cut

_DASHES = {Alignment.NONE: "---", Alignment.LEFT: ":---", Alignment.CENTER: ":---:", Alignment.RIGHT: "---:"}


def markdown(parts: Sequence[Part]) -> str:
    """The parts as Markdown, written anew rather than as the message wrote it; without a last line break."""
    return lay_out((Written(block, _lines_of(block)) for block in map(cut, parts)), _MarkdownMarks())


def table_markdown(table: Table) -> str:
    """A table alone."""
    return "\n".join(_table_lines(table))


def _lines_of(block: Block) -> tuple[str, ...]:
    match block:
        case Paragraph():
            return tuple(inline_markdown(block.spans, Setting.PARAGRAPH).split("\n"))
        case Heading():
            return _heading_lines(block)
        case Code():
            return _code_lines(block)
        case Table():
            return _table_lines(block)
        case MathBlock():
            opening, closing = (r"\[", r"\]") if "$$" in block.source else ("$$", "$$")
            return (opening, *(block.source.split("\n") if block.source else ()), closing)
        case Image():
            span = Span(block.description, image=block.address or "#", link=block.link)
            return (inline_markdown((span,), Setting.PARAGRAPH),)
        case Rule():
            # Not "---": after the marker of an item that would be a line across instead of an item.
            return ("***",) if block.containers else ("---",)


def _heading_lines(heading: Heading) -> tuple[str, ...]:
    if heading.level <= 2 and any("\n" in span.text for span in heading.spans):
        lines = inline_markdown(heading.spans, Setting.PARAGRAPH).split("\n")
        return (*lines, "===" if heading.level == 1 else "---")
    return (f"{'#' * heading.level} {inline_markdown(heading.spans, Setting.HEADING)}".rstrip(),)


def _code_lines(code: Code) -> tuple[str, ...]:
    sign = "~" if "`" in code.language else "`"
    longest = max((len(run) for run in re.findall(f"{sign}+", code.text)), default=0)
    fence = sign * max(3, longest + 1)
    return (fence + escaped_address(code.language), *(code.text.split("\n") if code.text else ()), fence)


def _table_lines(table: Table) -> tuple[str, ...]:
    dashes = f"| {' | '.join(_DASHES[alignment] for alignment in table.alignments)} |"
    return (_row_line(table.header), dashes, *map(_row_line, table.rows))


def _row_line(row: Row) -> str:
    return f"| {' | '.join(inline_markdown(cell, Setting.CELL) for cell in row)} |"


class _MarkdownMarks(Marks):
    def opening(self, container: Container, is_other_list: bool) -> str:
        if container.kind is ContainerKind.QUOTE:
            return "> "
        if container.kind is ContainerKind.FOOTNOTE:
            return f"[^{container.marker}]: "
        box = "" if container.checked is None else "[x] " if container.checked else "[ ] "
        if container.marker == BULLET:
            return ("+ " if is_other_list else "- ") + box
        is_bracket = container.marker.endswith(")") is not is_other_list
        return f"{number_of(container)}{')' if is_bracket else '.'} {box}"

    def following(self, container: Container, opening: str) -> str:
        if container.kind is ContainerKind.QUOTE:
            return opening
        if container.kind is ContainerKind.FOOTNOTE:
            return "    "
        return " " * (opening.index(" ") + 1)

    def touches_paragraph(self, written: Written, item: Container) -> bool:
        # Markdown takes an empty item, or one with another number than 1, for more of the paragraph.
        return any(written.lines) and (item.marker == BULLET or number_of(item) == 1)
