"""Puts footnotes at the end of a message, in the order in which its text refers to them."""

from collections.abc import Iterator

from app.ui.transcript.markdown.content import Block, ContainerKind, Heading, Paragraph, Spans, Table


def footnote_of(block: Block) -> str | None:
    """The label of the footnote that a block belongs to; None for the text itself."""
    outermost = block.containers[0] if block.containers else None
    return outermost.marker if outermost is not None and outermost.kind is ContainerKind.FOOTNOTE else None


def references(block: Block) -> Iterator[str]:
    """The labels of the footnotes that a block refers to, in its order."""
    for spans in _all_spans(block):
        for span in spans:
            if span.footnote:
                yield span.text


def _all_spans(block: Block) -> Iterator[Spans]:
    match block:
        case Paragraph() | Heading():
            yield block.spans
        case Table():
            for row in (block.header, *block.rows):
                yield from row
