"""Tells the order in which a message's text refers to its footnotes."""

from collections import deque
from collections.abc import Iterable, Iterator

from app.ui.transcript.markdown.content import Block, ContainerKind, Heading, Paragraph, Spans, Table


def footnote_of(block: Block) -> str | None:
    """The label of the footnote that a block belongs to; None for the text itself."""
    outermost = block.containers[0] if block.containers else None
    return outermost.marker if outermost is not None and outermost.kind is ContainerKind.FOOTNOTE else None


def footnotes_in_order(blocks: Iterable[Block]) -> list[str]:
    """The labels of all footnotes: those that the text refers to, those that they refer to, then the rest."""
    waiting: deque[str] = deque()
    references: dict[str, list[str]] = {}
    for block in blocks:
        label = footnote_of(block)
        if label is None:
            waiting.extend(_references(block))
        else:
            references.setdefault(label, []).extend(_references(block))
    ordered = []
    while references:
        label = waiting.popleft() if waiting else next(iter(references))
        if label in references:
            ordered.append(label)
            waiting.extend(references.pop(label))
    return ordered


def _references(block: Block) -> Iterator[str]:
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
