"""Writes parts of messages as HTML that is clean and harmless: nothing is fetched by it, and nothing runs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

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
    Spans,
    Table,
)
from app.ui.transcript.markdown.outline import continues_list, number_of
from app.ui.transcript.markdown.part import Part, cut

_SAFE = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x20\x7f]+", re.IGNORECASE)
_NOT_IN_HTML = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONGEST_ADDRESS = 200
_CODE_STYLE = "font-family: monospace"
_CELL_STYLE = "border: 1px solid; padding: 3px 8px"
_ALIGNED = {Alignment.LEFT: "left", Alignment.CENTER: "center", Alignment.RIGHT: "right"}


def html(parts: Sequence[Part]) -> str:
    """The parts as a piece of HTML; images are links to them at most, and links lead to the web or to mail only."""
    writer = _Writer()
    for part in parts:
        writer.write(cut(part))
    return writer.finished()


@dataclass(slots=True)
class _Open:
    container: Container
    closing: str
    blocks: int = 0


class _Writer:
    """Opens and closes containers around the blocks that it is given in order."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._opened: list[_Open] = []

    def write(self, block: Block) -> None:
        """Add a block."""
        containers = block.containers
        shared = 0
        while shared < min(len(containers), len(self._opened)) and (
            containers[shared] == self._opened[shared].container
        ):
            shared += 1
        self._close(shared, containers[shared] if shared < len(containers) else None)
        for container in containers[len(self._opened) :]:
            self._open(container)
        self._pieces.append("".join(_block_html(block, is_bare=self._is_bare(block))))
        for opened in self._opened:
            opened.blocks += 1

    def finished(self) -> str:
        """All of it, once everything is closed."""
        self._close(0, None)
        return "".join(self._pieces)

    def _is_bare(self, block: Block) -> bool:
        """Whether the text of an item stands in it without being a paragraph."""
        if not self._opened or not isinstance(block, Paragraph):
            return False
        last = self._opened[-1]
        return last.container.kind is ContainerKind.ITEM and not last.container.is_loose and last.blocks == 0

    def _close(self, depth: int, following: Container | None) -> None:
        """Close what is open from `depth` on; a list stays open when the container `following` is an item of it."""
        while len(self._opened) > depth:
            opened = self._opened.pop()
            stays = len(self._opened) == depth and following is not None and continues_list(opened.container, following)
            if stays and following is not None:
                self._pieces.append("</li>")
                self._opened.append(_Open(following, opened.closing))
                self._pieces.append(_item_html(following))
                return
            self._pieces.append(opened.closing)

    def _open(self, container: Container) -> None:
        match container.kind:
            case ContainerKind.QUOTE:
                opening, closing = "<blockquote>", "</blockquote>"
            case ContainerKind.FOOTNOTE:
                opening, closing = f"<div><sup>{_text(container.marker)}</sup> ", "</div>"
            case ContainerKind.ITEM if container.marker == BULLET:
                opening, closing = "<ul>" + _item_html(container), "</li></ul>"
            case ContainerKind.ITEM:
                number = number_of(container)
                start = "" if number == 1 else f' start="{number}"'
                opening, closing = f"<ol{start}>{_item_html(container)}", "</li></ol>"
        self._pieces.append(opening)
        self._opened.append(_Open(container, closing))


def _item_html(item: Container) -> str:
    return "<li>" + ("" if item.checked is None else "☑ " if item.checked else "☐ ")


def _block_html(block: Block, *, is_bare: bool) -> Iterator[str]:
    match block:
        case Paragraph():
            yield _spans_html(block.spans) if is_bare else f"<p>{_spans_html(block.spans)}</p>"
        case Heading():
            yield f"<h{block.level}>{_spans_html(block.spans)}</h{block.level}>"
        case Code():
            language = f' class="language-{_text(block.language)}"' if block.language else ""
            yield f'<pre style="{_CODE_STYLE}"><code{language}>{_text(block.text)}\n</code></pre>'
        case Table():
            yield from _table_html(block)
        case MathBlock():
            yield f"<p>\\[{_text(block.source)}\\]</p>"
        case Image():
            yield f"<p>{_image_html(block.description, block.address, block.link)}</p>"
        case Rule():
            yield "<hr>"


def _table_html(table: Table) -> Iterator[str]:
    yield '<table style="border-collapse: collapse">'
    if any(table.header):
        yield f"<thead>{_row_html('th', table.header, table.alignments)}</thead>"
    yield "<tbody>"
    for row in table.rows:
        yield _row_html("td", row, table.alignments)
    yield "</tbody></table>"


def _row_html(tag: str, row: Row, alignments: Sequence[Alignment]) -> str:
    cells: list[str] = []
    for cell, alignment in zip(row, alignments, strict=True):
        aligned = f"; text-align: {_ALIGNED[alignment]}" if alignment in _ALIGNED else ""
        cells.append(f'<{tag} style="{_CELL_STYLE}{aligned}">{_spans_html(cell)}</{tag}>')
    return f"<tr>{''.join(cells)}</tr>"


def _spans_html(spans: Spans) -> str:
    return "".join(map(_span_html, spans))


def _span_html(span: Span) -> str:
    if span.image:
        return _image_html(span.text, span.image, span.link)
    text = _text(span.text).replace("\n", "<br>")
    if span.math:
        text = f"\\[{text}\\]" if span.displayed else f"\\({text}\\)"
    elif span.code:
        text = f'<code style="{_CODE_STYLE}">{text}</code>'
    elif span.footnote:
        text = f"<sup>{text}</sup>"
    for tag, is_set in (("s", span.struck), ("em", span.italic), ("strong", span.bold)):
        if is_set:
            text = f"<{tag}>{text}</{tag}>"
    return _linked(text, span.link)


def _image_html(description: str, address: str, link: str) -> str:
    """What describes the image, leading where the image lies; never the image, which would be fetched."""
    said = description or address
    if _SAFE.fullmatch(link) or _SAFE.fullmatch(address):
        return _linked(_text(_shortened(said)), link if _SAFE.fullmatch(link) else address)
    return _text(f"{said} ({_shortened(address)})" if description else _shortened(address))


def _linked(text: str, address: str) -> str:
    return f'<a href="{_text(address)}">{text}</a>' if _SAFE.fullmatch(address) else text


def _shortened(address: str) -> str:
    return address if len(address) <= _LONGEST_ADDRESS else address[: _LONGEST_ADDRESS - 1] + "…"


def _text(text: str) -> str:
    return escape(_NOT_IN_HTML.sub("\ufffd", text))
