"""What a message may do to its reader: be read and copied; never load, run or lead anywhere by itself."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.conversation import MessageState, Role
from app.core.generation import StopReason
from app.ui.theme import Appearance
from app.ui.transcript.blocks.block_tools import CodeTools
from app.ui.transcript.links import LinkDialog
from app.ui.transcript.view import TranscriptView
from tests.ui.messages import answer, message
from tests.ui.transcript.reading import OpenPage


@pytest.fixture
def page(qtbot: QtBot, appearance: Appearance) -> OpenPage:
    view = TranscriptView(appearance)
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    qtbot.waitExposed(view)
    return OpenPage(qtbot, view)


def show(page: OpenPage, text: str) -> None:
    """Show a question and this answer."""
    page.view.show_messages([message(1, Role.USER, "Q"), answer(text)])


def read(page: OpenPage, index: int = -1) -> str:
    """What is read of a message."""
    index %= len(page.view.stack.items)
    return "\n".join(page.view.page.text_of(index, block) for block in range(page.view.page.block_count(index)))


def test_raw_html_is_shown_as_it_was_written(page: OpenPage) -> None:
    text = '<b>bold</b> <img src="http://127.0.0.1:9/x.png"> <script>alert(1)</script>'
    show(page, text)
    assert read(page) == text


@pytest.fixture
def requests() -> Iterator[tuple[str, list[str]]]:
    """A web server on this computer, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_arguments: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_no_image_is_ever_requested(page: OpenPage, requests: tuple[str, list[str]], qtbot: QtBot) -> None:
    address, asked = requests
    show(
        page,
        f"![cat]({address}/cat.png)\n\nand ![dog]({address}/dog.png) in a line\n\n|a|\n|-|\n|![x]({address}/x.png)|",
    )
    page.view.grab()
    qtbot.wait(200)
    assert asked == []
    assert "cat" in read(page)


class Opened:
    """Takes the place of the browser."""

    def __init__(self) -> None:
        self.addresses: list[str] = []


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    browser = Opened()
    target = "app.ui.opening.QDesktopServices.openUrl"
    monkeypatch.setattr(target, lambda url: browser.addresses.append(url.toString()))
    return browser


def click_link(page: OpenPage, markdown: str, words: str) -> LinkDialog:
    show(page, markdown)
    page.click(page.point_of(words))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, LinkDialog)
    return dialog


def test_a_link_asks_and_shows_where_it_leads(page: OpenPage, opened: Opened) -> None:
    dialog = click_link(page, "See [your bank](https://example.org/phish?a=1).", "your bank")
    assert dialog.informativeText() == "https://example.org/phish?a=1"
    assert opened.addresses == []
    next(b for b in dialog.buttons() if b.text() == "Open in the browser").click()
    assert opened.addresses == ["https://example.org/phish?a=1"]


def test_a_link_that_is_cancelled_opens_nothing(page: OpenPage, opened: Opened) -> None:
    dialog = click_link(page, "[your bank](https://example.org/)", "your bank")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible(), "Enter means Cancel"
    assert opened.addresses == []


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "smb://host/share"])
def test_an_address_of_another_kind_is_never_opened(page: OpenPage, opened: Opened, address: str) -> None:
    page.view.open_link(address)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, LinkDialog)
    assert [b.text() for b in dialog.buttons() if "Open" in b.text()] == []
    dialog.close()
    assert opened.addresses == []


def test_code_has_a_button_that_copies_it(page: OpenPage) -> None:
    show(page, "Look:\n\n```python\nprint(1)\n```")
    (tools,) = page.view.findChildren(CodeTools)
    tools.copy.click()
    assert QGuiApplication.clipboard().text() == "print(1)"


def test_the_whole_answer_is_copied_as_it_was_written(page: OpenPage) -> None:
    show(page, "A **bold** word")
    page.foot().buttons.copy_button.click()
    assert QGuiApplication.clipboard().text() == "A **bold** word"
    assert read(page) == "A bold word"


@pytest.mark.parametrize(
    ("words", "copied"),
    [("Copy as plain text", "• A bold word"), ("Copy as HTML", "<ul><li>A <strong>bold</strong> word</li></ul>")],
)
def test_a_message_is_copied_in_other_forms(page: OpenPage, words: str, copied: str) -> None:
    show(page, "- A **bold** word")
    next(a for a in page.foot().buttons.menu.actions() if a.text() == words).trigger()
    assert QGuiApplication.clipboard().text() == copied


def test_the_figures_stand_below_the_answer(page: OpenPage) -> None:
    show(page, "Text")
    assert page.foot().figures == "71.8 tok/s  0.42 s to first token  318 tokens"
    assert page.foot().label == ""


@pytest.mark.parametrize(
    ("state", "reason", "label"),
    [
        (MessageState.COMPLETE, StopReason.MAX_TOKENS, "Ended at the token limit"),
        (MessageState.COMPLETE, StopReason.CONTEXT_FULL, "The context is full"),
        (MessageState.COMPLETE, StopReason.CANCELLED, "Stopped"),
        (MessageState.STREAMING, None, "Being written in another window"),
    ],
)
def test_the_end_of_an_answer_is_put_into_words(
    page: OpenPage, state: MessageState, reason: StopReason | None, label: str
) -> None:
    page.view.show_messages([replace(answer("Text"), state=state, stop_reason=reason)])
    assert page.foot().label == label


def test_the_users_words_are_never_formatted(page: OpenPage) -> None:
    text = "**not bold** <i>nor this</i>\n    indented"
    page.view.show_messages([message(1, Role.USER, text)])
    assert read(page) == text


def follows(page: OpenPage) -> bool:
    return page.view.follows


def test_the_view_follows_the_end_unless_the_reader_scrolls_up(page: OpenPage) -> None:
    lines = "A line of the answer.\n\n" * 40
    page.view.begin_reply(9)
    page.write(lines)
    assert page.is_at_end()
    page.wheel(3)
    assert not follows(page)
    place = page.view.top
    page.write(lines)
    assert page.view.top == place, "the reader is left where they read"
    while not page.is_at_end():
        page.wheel(-9)
    assert follows(page)
    page.write(lines)
    assert page.is_at_end()


def test_a_button_leads_back_to_the_end_and_counts_what_is_new(page: OpenPage) -> None:
    jump = page.view.jump_button
    page.view.begin_reply(9)
    page.write("A line of the answer.\n\n" * 40)
    assert not jump.isVisible()
    page.wheel(3)
    assert jump.isVisible()
    assert jump.text() == ""
    page.view.finish_reply(answer("A line of the answer.\n\n" * 40, 9))
    assert jump.text() == "1 new answer"
    jump.click()
    assert page.is_at_end()
    assert not jump.isVisible()


def test_a_long_conversation_is_all_there(page: OpenPage) -> None:
    messages = [message(n, Role.USER if n % 2 else Role.ASSISTANT, f"number {n}") for n in range(1, 1001)]
    page.view.show_messages(messages)
    assert page.is_at_end()
    page.press(Qt.Key.Key_Home)
    assert [row.text for row in page.view.rows] == [m.text for m in messages]
    assert page.view.area_of(0).top() > 0
    page.press(Qt.Key.Key_End)
    assert page.is_at_end()
    assert page.view.area_of(999).bottom() < page.view.viewport().height()
