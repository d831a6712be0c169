"""What a message says, block by block: the parser makes these, the painters show them."""

from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text that looks the same throughout; "\\n" in it is a hard break.

    With `math` the text is TeX (`displayed`: written as `$$…$$` or `\\[…\\]` in mid-paragraph). `link` and `image` are
    addresses as the message has them, not to be trusted; the text of an image is what describes it. With `footnote` the
    text is the label of a footnote that is referred to.
    """

    text: str
    bold: bool = False
    italic: bool = False
    struck: bool = False
    code: bool = False
    math: bool = False
    displayed: bool = False
    link: str = ""
    image: str = ""
    footnote: bool = False


Spans = tuple[Span, ...]


class ContainerKind(Enum):
    """What a block may stand in."""

    QUOTE = auto()
    ITEM = auto()
    FOOTNOTE = auto()


@dataclass(frozen=True, slots=True)
class Container:
    """A quote, an item of a list or a footnote; blocks with an equal one stand in the same, which `number` tells.

    `number` counts the containers of a message in the order in which they open. `marker` is what stands beside an item
    or a footnote's first block ("•", "3.", a footnote's label). `checked` is a task's box, None for what is no task.
    `is_loose`: a blank line stands before this item in its list.
    """

    kind: ContainerKind
    number: int
    marker: str = ""
    checked: bool | None = None
    is_loose: bool = False


Containers = tuple[Container, ...]  # the outermost first

BULLET = "•"  # the marker of an item of a list without numbers


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; an item of a list without any text is an empty one."""

    spans: Spans
    containers: Containers = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` is 1 to 6."""

    level: int
    spans: Spans
    containers: Containers = ()


@dataclass(frozen=True, slots=True)
class Code:
    """Fenced or indented code without a last line break; `language` is the fence's first word, or empty.

    `is_open`: its fence is not closed (yet).
    """

    language: str
    text: str
    is_open: bool = False
    containers: Containers = ()


class Alignment(Enum):
    """Where the text of a table's column stands; NONE is where the message does not say."""

    NONE = auto()
    LEFT = auto()
    CENTER = auto()
    RIGHT = auto()


Row = tuple[Spans, ...]  # as long as the header


@dataclass(frozen=True, slots=True)
class Table:
    """Columns with a heading each; `alignments` and every row are as long as `header`."""

    alignments: tuple[Alignment, ...]
    header: Row
    rows: tuple[Row, ...]
    containers: Containers = ()


@dataclass(frozen=True, slots=True)
class MathBlock:
    """Mathematics on lines of its own; `source` is TeX."""

    source: str
    containers: Containers = ()


@dataclass(frozen=True, slots=True)
class Image:
    """An image that stands alone; `address` is as the message has it, not to be trusted, and nothing fetches it."""

    address: str
    description: str
    link: str = ""
    containers: Containers = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""

    containers: Containers = ()


Block = Paragraph | Heading | Code | Table | MathBlock | Image | Rule


def reading_text(block: Block) -> str:
    """A block's own text as it is read, found in and selected from: a place in it counts Python's characters.

    Mathematics is its TeX; a table's cells are parted by tabs and its rows by line breaks; of an image it is the
    description, else the address; a rule has none. Markers of containers are not part of it.
    """
    match block:
        case Paragraph() | Heading():
            return spans_text(block.spans)
        case Code():
            return block.text
        case Table():
            return "\n".join("\t".join(map(spans_text, row)) for row in (block.header, *block.rows))
        case MathBlock():
            return block.source
        case Image():
            return block.description or block.address
        case Rule():
            return ""


def spans_text(spans: Spans) -> str:
    """The text of a row of spans."""
    return "".join(span.text for span in spans)
