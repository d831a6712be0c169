"""Reads the pieces of a message as blocks."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from app.ui.transcript.markdown.clean import clean
from app.ui.transcript.markdown.content import (
    Block,
    Code,
    Containers,
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
from app.ui.transcript.markdown.piece import Piece, PieceKind
from app.ui.transcript.markdown.running_text import Definitions, RunningText
from app.ui.transcript.markdown.tables import cells, column_alignments


class BlockReader:
    """Reads pieces; what they define for links stays in `definitions`."""

    def __init__(self, parser: MarkdownIt, definitions: Definitions) -> None:
        self._parser = parser
        self._definitions = definitions
        self.running_text = RunningText(parser, definitions)

    def read(self, piece: Piece, is_final: bool = True) -> list[Block]:
        """The blocks of a piece; while it is not final it defines nothing."""
        match piece.kind:
            case PieceKind.PLAIN:
                blocks: list[Block] = [Paragraph(self.running_text.read(piece.lines[0]), piece.containers)]
            case PieceKind.FENCE:
                blocks = [_code(piece)]
            case PieceKind.TABLE:
                rows = tuple(self.read_row(line, piece.lines[0]) for line in piece.lines[2:])
                blocks = [self.read_table(piece, rows)]
            case PieceKind.MATH:
                blocks = [_math(piece)]
            case PieceKind.TEXT:
                blocks = list(self._read_text(piece, is_final))
        if not blocks and piece.opens:
            blocks.append(Paragraph((), piece.containers))
        return blocks

    def read_table(self, piece: Piece, rows: tuple[Row, ...]) -> Table:
        """A table of a piece's heading and of rows that have been read."""
        header = tuple(map(self.running_text.read, cells(piece.lines[0])))
        return Table(column_alignments(piece.lines[1]) or (), header, rows, piece.containers)

    def read_row(self, line: str, heading: str) -> Row:
        """A row, made as long as the table's heading."""
        count = len(cells(heading))
        texts = cells(line)[:count]
        return (*map(self.running_text.read, texts), *[()] * (count - len(texts)))

    def _read_text(self, piece: Piece, is_final: bool) -> Iterator[Block]:
        environment = self._definitions.environment()
        if not is_final and any("]:" in line for line in piece.lines):
            environment["references"] = dict(self._definitions.links)
        tokens: list[Token] = []
        before = len(self._definitions.links)
        self._parser.block.parse("\n".join(piece.lines), self._parser, environment, tokens)
        if len(self._definitions.links) > before:
            self.running_text.forget()
        for index, token in enumerate(tokens):
            block = self._block(token, tokens[index + 1 : index + 2], piece.containers)
            if block is not None:
                yield block

    def _block(self, token: Token, following: list[Token], containers: Containers) -> Block | None:
        match token.type:
            case "paragraph_open":
                return _paragraph(self.running_text.read(following[0].content), containers)
            case "heading_open":
                return Heading(int(token.tag[1:]), self.running_text.read(following[0].content), containers)
            case "code_block":
                return Code("", token.content.removesuffix("\n"), containers=containers)
            case "hr":
                return Rule(containers)
        return None


def _paragraph(spans: Spans, containers: Containers) -> Block:
    if len(spans) == 1 and spans[0].image:
        return Image(spans[0].image, spans[0].text, spans[0].link, containers)
    return Paragraph(spans, containers)


def _code(piece: Piece) -> Code:
    words = clean(unescapeAll(piece.lines[0])).split()
    return Code(words[0] if words else "", piece.text.removesuffix("\n"), piece.is_open, piece.containers)


def _math(piece: Piece) -> Block:
    if piece.is_open:  # half a formula would look different with every character
        return Paragraph((Span(piece.text, code=True),) if piece.text else (), piece.containers)
    return MathBlock(piece.text, piece.containers)
