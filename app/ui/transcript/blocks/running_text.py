"""Chooses how running text is laid out: as a whole, or by columns where that would take too long."""

from app.ui.transcript.blocks.long_text import LongText
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.blocks.span_formats import TextStyle
from app.ui.transcript.blocks.spans_document import SpansDocument
from app.ui.transcript.markdown.content import Spans

LONGEST_LAID_OUT = 60_000  # characters; laying them out takes 15 to 90 ms
MOST_SPANS = 4_000
MOST_LINE_BREAKS = 4_000

RunningText = SpansDocument | LongText


def running_text(spans: Spans, look: Look, style: TextStyle | None = None) -> RunningText:
    """Spans that can be laid out in any width and painted anywhere, without a freeze whatever they are."""
    return (LongText if is_long(spans) else SpansDocument)(spans, look, style)


def continued(document: RunningText, spans: Spans, style: TextStyle) -> RunningText:
    """`document` with later spans, or another for them; lay_out() must be called afterwards."""
    if is_long(spans) is not isinstance(document, LongText):
        return running_text(spans, document.look, style)
    document.update(spans)
    return document


def is_long(spans: Spans) -> bool:
    """Whether laying these out as a whole would take too long."""
    return (
        len(spans) > MOST_SPANS
        or sum(len(span.text) for span in spans) > LONGEST_LAID_OUT
        or sum(span.text.count("\n") for span in spans) > MOST_LINE_BREAKS
    )
