"""Writes parts of messages as plain text."""

from collections.abc import Sequence

from app.ui.transcript.markdown.content import (
    Block,
    Container,
    ContainerKind,
    Heading,
    Image,
    Paragraph,
    Rule,
    Spans,
    reading_text,
)
from app.ui.transcript.markdown.outline import Marks, Written, lay_out
from app.ui.transcript.markdown.part import Part, cut


def plain_text(parts: Sequence[Part]) -> str:
    """The parts as they are read, with the markers of items; a table's cells are parted by tabs."""
    return lay_out((_written(cut(part), part) for part in parts), _PlainMarks())


def _written(block: Block, part: Part) -> Written:
    return Written(block, tuple(_text_of(block, part).split("\n")))


def _text_of(block: Block, part: Part) -> str:
    match block:
        case Paragraph() | Heading():
            return plain_spans(block.spans)
        case Image():
            return f"{block.description} ({block.address})" if block.description else block.address
        case Rule():
            return "---"
        case _:
            return reading_text(part.block)[max(0, part.start) : part.end].removesuffix("\n")


def plain_spans(spans: Spans) -> str:
    """The text of spans; references to footnotes stand in brackets."""
    return "".join(f"[{span.text}]" if span.footnote else span.text for span in spans)


class _PlainMarks(Marks):
    def opening(self, container: Container, is_other_list: bool) -> str:  # noqa: ARG002 (numbers stay as they are)
        if container.kind is ContainerKind.QUOTE:
            return "> "
        if container.kind is ContainerKind.FOOTNOTE:
            return f"[{container.marker}] "
        box = "" if container.checked is None else "☑" if container.checked else "☐"
        marker = container.marker if container.marker[:1].isdigit() else "" if box else container.marker
        return "".join(f"{mark} " for mark in (marker, box) if mark)

    def following(self, container: Container, opening: str) -> str:
        return opening if container.kind is ContainerKind.QUOTE else " " * len(opening)

    def touches_paragraph(self, written: Written, item: Container) -> bool:  # noqa: ARG002 (nothing is parsed again)
        return True
