"""A part of a message: blocks of which the first and the last may be cut."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.ui.transcript.markdown.content import (
    Block,
    Code,
    Heading,
    Image,
    MathBlock,
    Paragraph,
    Row,
    Rule,
    Span,
    Spans,
    Table,
    reading_text,
    spans_text,
)


@dataclass(frozen=True, slots=True)
class Part:
    """The characters from `start` up to `end` of a block's reading_text."""

    block: Block
    start: int
    end: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the block is left out."""
        return self.start <= 0 and self.end >= len(reading_text(self.block))


def whole(blocks: Sequence[Block]) -> tuple[Part, ...]:
    """All of these blocks."""
    return tuple(Part(block, 0, len(reading_text(block))) for block in blocks)


def cut(part: Part) -> Block:
    """The block that says just this part; mathematics and references to footnotes are never cut in two.

    What lies in one cell of a table, and a piece of what describes an image, is a paragraph.
    """
    block, start, end = part.block, max(0, part.start), part.end
    if part.is_whole:
        return block
    match block:
        case Paragraph() | Heading():
            return replace(block, spans=cut_spans(block.spans, start, end))
        case Code():
            return replace(block, text=block.text[start:end].removesuffix("\n"))
        case Table():
            return _cut_table(block, start, end)
        case Image():
            return Paragraph((Span(reading_text(block)[start:end], link=block.link),), block.containers)
        case MathBlock() | Rule():
            return block


def cut_spans(spans: Spans, start: int, end: int) -> Spans:
    """The part of a row of spans; spaces at its edges are not bold, italic or struck."""
    return _plain_edges(tuple(_cut_each(spans, start, end)))


def _cut_each(spans: Spans, start: int, end: int) -> Iterator[Span]:
    at = 0
    for span in spans:
        first, last = max(0, start - at), min(len(span.text), end - at)
        at += len(span.text)
        if first >= last:
            continue
        if span.math or span.footnote or last - first == len(span.text):
            yield span
        else:
            yield replace(span, text=span.text[first:last], image="")


def _plain_edges(spans: Spans) -> Spans:
    if spans and _is_marked(spans[0]):
        bare = spans[0].text.lstrip()
        space = spans[0].text[: len(spans[0].text) - len(bare)]
        spans = _without_empty((Span(space), replace(spans[0], text=bare), *spans[1:]))
    if spans and _is_marked(spans[-1]):
        bare = spans[-1].text.rstrip()
        spans = _without_empty((*spans[:-1], replace(spans[-1], text=bare), Span(spans[-1].text[len(bare) :])))
    return spans


def _is_marked(span: Span) -> bool:
    return (span.bold or span.italic or span.struck) and not (span.code or span.math or span.footnote or span.image)


def _without_empty(spans: Spans) -> Spans:
    return tuple(span for span in spans if span.text)


def _cut_table(table: Table, start: int, end: int) -> Block:
    """The rows that are touched; cells outside are empty, and so is the header when it lies outside."""
    rows: list[Row] = []
    touched: list[Spans] = []
    numbers: list[int] = []
    at = 0
    for number, row in enumerate((table.header, *table.rows)):
        cells: list[Spans] = []
        for cell in row:
            cells.append(cut_spans(cell, start - at, end - at))
            at += len(spans_text(cell)) + 1
        rows.append(tuple(cells))
        said = [cell for cell in cells if cell]
        touched += said
        numbers += [number] if said else []
    if len(touched) <= 1:
        return Paragraph(touched[0] if touched else (), table.containers)
    first, last = max(1, numbers[0]), numbers[-1]
    return replace(table, header=rows[0], rows=tuple(rows[first : last + 1]))
