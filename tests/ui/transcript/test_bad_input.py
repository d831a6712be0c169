"""Bad input is shown safely, in pieces or at once; it is read, marked, copied, found in; and nobody is asked for it."""

import random
import re
import socket
from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from app.core.conversation import Role
from app.ui.transcript.blocks.image_block import ImageBlock
from app.ui.transcript.clipboard import MOST_WRITTEN_ANEW
from app.ui.transcript.markdown.content import (
    Block,
    Code,
    Heading,
    Image,
    MathBlock,
    Paragraph,
    Span,
    Table,
    reading_text,
)
from app.ui.transcript.markdown.export import markdown, plain_text, whole
from app.ui.transcript.markdown.find import MOST_MATCHES, find_all
from app.ui.transcript.places import Place
from app.ui.waiting import let_live
from tests.ui.messages import answer, message
from tests.ui.transcript.bad_input import NAMES, bad_input
from tests.ui.transcript.reading import OpenPage

PIECES = 10
LISTENING_MILLISECONDS = 50
QUESTION = "And this?"
# What is seen where: thousands of tabs begin with nothing; marks without letters are lower than was estimated.
ENDS = {"tabs and blanks": (1.0,), "combining marks": (0.0, 1.0)}
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture
def address() -> Iterator[str]:
    """That of a server of this computer; whoever connects to it fails the test."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        let_live(LISTENING_MILLISECONDS)  # a request may be about to be made
        with pytest.raises(BlockingIOError):
            server.accept()


def wait_until_read(page: OpenPage) -> None:
    """Wait until the last message is there as a whole."""
    turn = page.view.rows[-1]
    page.qtbot.waitUntil(lambda: turn.is_filled and page.view.is_settled, timeout=30_000)


def show(page: OpenPage, text: str, number: int = 12) -> list[Block]:
    """Show a question and an answer at once; the answer's blocks."""
    page.view.show_messages([message(number - 1, Role.USER, QUESTION), answer(text, number)])
    wait_until_read(page)
    return list(page.view.page.blocks_of(1))


def write(page: OpenPage, text: str) -> list[Block]:
    """Let the model write it, a piece at a time; the blocks in the end."""
    page.view.show_messages([message(1, Role.USER, QUESTION)])
    page.view.begin_reply(2)
    cuts = sorted({0, len(text), *(random.Random(4).randrange(1, len(text)) for _ in range(PIECES))})
    for start, end in pairwise(cuts):
        page.view.append_to_reply(text[start:end])
        QApplication.processEvents()
    page.view.finish_reply(answer(text))
    wait_until_read(page)
    return list(page.view.page.blocks_of(1))


def looked_at(page: OpenPage) -> QImage:
    """What is on screen."""
    QApplication.processEvents()
    return page.view.viewport().grab().toImage()


def spans_of(block: Block) -> Iterator[Span]:
    match block:
        case Paragraph() | Heading():
            yield from block.spans
        case Table():
            for row in (block.header, *block.rows):
                for cell in row:
                    yield from cell


def assert_seen(page: OpenPage, ends: tuple[float, ...] = (1.0, 0.0)) -> None:
    """Something of the answer itself is painted at the ends of the page."""
    view = page.view
    empty = view.look.tokens.surface.lower()
    for end in ends:
        view.scroll_to(end * view.verticalScrollBar().maximum())
        picture = looked_at(page)
        turn = view.rows[-1]
        said = view.area_of(1).adjusted(0, 0, 0, -turn.foot.height).toAlignedRect().intersected(picture.rect())
        assert said.height() > 0
        columns, lines = (range(said.left(), said.right(), 3), range(said.top(), said.bottom(), 3))
        assert {picture.pixelColor(x, y).name() for x in columns for y in lines} - {empty}, end


def assert_copied_and_found(page: OpenPage, answered: list[Block]) -> None:
    """All is copied as the blocks say it, and every place of a letter is found."""
    view = page.view
    view.selecting.select_all()
    looked_at(page)
    texts = list(map(reading_text, answered))
    write_out = plain_text if len(QUESTION) + sum(map(len, texts)) > MOST_WRITTEN_ANEW else markdown
    assert page.copied() == f"{QUESTION}\n\n{write_out(whole(answered))}".rstrip("\n")
    view.open_find()
    view.finder.bar.field.setText("a")
    page.qtbot.waitUntil(lambda: view.finding.query == "a" and view.finding.is_up_to_date)
    assert view.finding.count == min(MOST_MATCHES, len(find_all([QUESTION], "a")) + len(find_all(texts, "a")))
    looked_at(page)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_shown_read_marked_copied_and_found_in(page: OpenPage, name: str, address: str) -> None:
    text = bad_input(name, address, part=0.04)
    written = write(page, text)
    assert show(page, text) == written
    texts = list(map(reading_text, written))
    assert any(texts)
    assert not any(UNSEEN.search(one) for one in texts)
    links = [span.link for block in written for span in spans_of(block)]
    assert not [link for link in links if link.lower().startswith(("javascript:", "file:", "data:", "vbscript:"))]
    assert_seen(page, ENDS.get(name, (1.0, 0.0)))
    assert_copied_and_found(page, written)
    for width in (460, 900):
        page.view.resize(width, 500)
        looked_at(page)


def test_an_image_of_50_mb_is_text(page: OpenPage) -> None:
    text = bad_input("an image of 50 MB")
    assert len(text) > 50_000_000
    written = write(page, text)
    assert "".join(map(reading_text, written)) == text
    assert_seen(page)
    assert_copied_and_found(page, written)


def test_html_and_scripts_are_text(page: OpenPage, address: str) -> None:
    blocks = show(page, bad_input("HTML and script", address))
    said = "\n".join(map(reading_text, blocks))
    for words in (f'<script>fetch("{address}/script")</script>', "<b>not bold</b>", "<!-- a remark", "<table><tr><td"):
        assert words in said
    assert not any(span.bold for block in blocks for span in spans_of(block))


def test_links_that_are_none_are_text(page: OpenPage) -> None:
    blocks = show(page, "[a script](javascript:alert(1)) and [a file](file:///etc/passwd)")
    assert reading_text(blocks[0]) == "[a script](javascript:alert(1)) and [a file](file:///etc/passwd)"
    area = page.view.area_of(1)
    points = [QPointF(x, area.top() + 10) for x in range(int(area.left()), int(area.right()), 8)]
    assert {page.view.pointing.link_at(point) for point in points} == {""}


def test_a_remote_image_is_a_box_with_its_address(page: OpenPage, address: str) -> None:
    blocks = show(page, f"![alone]({address}/alone.png)")
    assert blocks == [Image(f"{address}/alone.png", "alone")]
    painter = page.view.page.painter_at(page.place_of("alone"))
    assert isinstance(painter, ImageBlock)
    assert painter.tooltip_at(QPointF(5, 5)) == "Image from the internet, not loaded"
    assert page.button("Open in browser…").isVisible()


@pytest.mark.parametrize("source", [r"\begin{matrix} a & b \\ \end{nonsense", "{" * 900, r"\nosuchcommand{x}", "x^2^3"])
def test_mathematics_that_are_not_valid_stand_as_written_and_say_why(page: OpenPage, source: str) -> None:
    blocks = show(page, f"Before ${source}$ after.\n\n$$\n{source}\n$$")
    assert blocks[1] == MathBlock(source)
    for place in (Place(1, 0, len("Before ") + 2), Place(1, 1, 0)):
        painter = page.view.page.painter_at(place)
        said = painter.tooltip_at(painter.rect_at(place.character).center())
        assert re.match(r"(This formula|The command) .*\.$", said)
    page.view.selecting.select_all()
    assert page.copied().count(source) == 2


def test_a_fence_that_is_not_closed_is_code_to_the_end(page: OpenPage) -> None:
    assert show(page, "```python\nprint(1)\n~~~\n\n# no heading") == [
        Code("python", "print(1)\n~~~\n\n# no heading", is_open=True)
    ]


def test_half_a_table_is_text_until_it_is_one(page: OpenPage) -> None:
    view = page.view
    view.show_messages([message(1, Role.USER, QUESTION)])
    view.begin_reply(2)
    kinds = []
    for piece in ("| a | b", " |\n|--", "-|---|\n", "| 1 ", "| 2 |"):
        view.append_to_reply(piece)
        page.qtbot.waitUntil(lambda: view.is_settled)
        kinds.append(type(view.page.blocks_of(1)[0]))
    assert kinds[0] is Paragraph
    assert kinds[-1] is Table


def test_control_characters_are_seen_as_replaced(page: OpenPage) -> None:
    blocks = show(page, "a\x00b\x1b[31mc\u202ed\ud800e")
    assert reading_text(blocks[0]) == "a\ufffdb\ufffd[31mc\ufffdd\ufffde"
    page.view.selecting.select_all()
    assert "a\ufffdb" in page.copied()
    assert QGuiApplication.clipboard().mimeData().hasHtml()
