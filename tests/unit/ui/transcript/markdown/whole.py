"""Reads a whole message with markdown-it alone, containers included: what the parser by pieces must come to as well."""

from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from app.ui.transcript.markdown.content import (
    Alignment,
    Block,
    Code,
    Container,
    ContainerKind,
    Heading,
    Image,
    Paragraph,
    Row,
    Rule,
    Table,
)
from app.ui.transcript.markdown.math_rule import math_rule
from app.ui.transcript.markdown.spans import spans_of

_ALIGNMENTS = {
    "": Alignment.NONE,
    "text-align:left": Alignment.LEFT,
    "text-align:center": Alignment.CENTER,
    "text-align:right": Alignment.RIGHT,
}


def read_whole(text: str) -> list[Block]:
    """The blocks of a message without mathematics on lines of their own; footnotes stand where they are defined."""
    parser = MarkdownIt("commonmark", {"html": False, "tasklists": True, "inline_definitions": True})
    parser.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    parser.use(gfm_autolink_plugin).use(footnote_plugin, inline=False, move_to_end=False)
    parser.inline.ruler.before("escape", "math", math_rule)
    walk = _Walk()
    for token in parser.parse(text if text.endswith("\n") else text + "\n"):
        walk.take(token)
    return walk.blocks


@dataclass
class _List:
    style: str
    value: int | None
    end: int = -1  # the line after its last block


class _Walk:
    """Goes through the tokens of a message."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._containers: list[Container] = []
        self._count = 0
        self._lists: list[_List] = []
        self._filled: list[bool] = []  # of each container, whether anything stands in it
        self._end = -1  # the line after the last block
        self._inline: list[Token] = []
        self._rows: list[Row] = []
        self._alignments: list[Alignment] = []

    def take(self, token: Token) -> None:
        """Take the next token."""
        if token.map and token.type not in _CONTAINER_TOKENS:
            self._end = max(self._end, token.map[1])
        self._take_container(token)
        self._take_table(token)
        self._take_leaf(token)

    def _take_container(self, token: Token) -> None:
        match token.type:
            case "blockquote_open":
                self._filled = [True] * len(self._filled)  # an item with an empty quote in it counts as one with a text
                self._open(Container(ContainerKind.QUOTE, 0))
            case "footnote_reference_open":
                self._open(Container(ContainerKind.FOOTNOTE, 0, str(token.meta["label"])))
            case "bullet_list_open":
                self._lists.append(_List(token.markup, None))
            case "ordered_list_open":
                self._lists.append(_List(token.markup, int(token.attrs.get("start", 1))))
            case "list_item_open":
                self._open_item(token)
            case "list_item_close":
                self._close_item()
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "blockquote_close" | "footnote_reference_close":
                self._close()

    def _take_table(self, token: Token) -> None:
        match token.type:
            case "table_open":
                self._alignments, self._rows = [], []
            case "th_open":
                self._alignments.append(_ALIGNMENTS[str(token.attrs.get("style", ""))])
            case "tr_close":
                self._rows.append(tuple(spans_of(cell.children or ()) for cell in self._inline))
                self._inline = []
            case "table_close":
                header, *rows = self._rows
                self._add(Table(tuple(self._alignments), header, tuple(rows)))

    def _take_leaf(self, token: Token) -> None:
        match token.type:
            case "inline":
                self._inline.append(token)
            case "paragraph_close":
                spans = spans_of(self._inline.pop().children or ())
                is_image = len(spans) == 1 and bool(spans[0].image)
                self._add(Image(spans[0].image, spans[0].text, spans[0].link) if is_image else Paragraph(spans))
            case "heading_close":
                self._add(Heading(int(token.tag[1:]), spans_of(self._inline.pop().children or ())))
            case "hr":
                self._add(Rule())
            case "code_block":
                self._add(Code("", token.content.removesuffix("\n")))
            case "fence":
                language = (token.info.split() or [""])[0]
                self._add(Code(language, token.content.removesuffix("\n"), not _is_closed(token)))

    def _open_item(self, token: Token) -> None:
        assert token.map is not None
        of_list = self._lists[-1]
        marker = "•" if of_list.value is None else f"{of_list.value}{of_list.style}"
        is_loose = 0 <= of_list.end < token.map[0]
        self._open(Container(ContainerKind.ITEM, 0, marker, token.meta.get("checked"), is_loose))
        self._end = token.map[0] + 1

    def _close_item(self) -> None:
        self._close()
        of_list = self._lists[-1]
        of_list.end = self._end
        if of_list.value is not None:
            of_list.value += 1

    def _open(self, container: Container) -> None:
        self._containers.append(replace(container, number=self._count))
        self._count += 1
        self._filled.append(False)

    def _close(self) -> None:
        if not self._filled[-1] and self._containers[-1].kind is not ContainerKind.QUOTE:
            self._add(Paragraph(()))
        self._containers.pop()
        self._filled.pop()

    def _add(self, block: Block) -> None:
        notes = [index for index, one in enumerate(self._containers) if one.kind is ContainerKind.FOOTNOTE]
        self.blocks.append(replace(block, containers=tuple(self._containers[notes[-1] if notes else 0 :])))
        self._filled = [True] * len(self._filled)


def _is_closed(token: Token) -> bool:
    """Whether a fence's lines are more than its first and the code's."""
    assert token.map is not None
    return token.map[1] - token.map[0] - 1 > token.content.count("\n")


_CONTAINER_TOKENS = {"blockquote_open", "bullet_list_open", "ordered_list_open", "list_item_open"}
