"""What a message may do to its reader: be read, selected and copied; never load, run or lead anywhere by itself."""

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextImageFormat, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.conversation import Message, MessageState, Role
from app.core.generation import GenerationStatistics, StopReason
from app.engine.fake import FakeScript
from app.ui.theme import Appearance
from app.ui.tokens import DARK, LIGHT
from app.ui.transcript.code_block import CodeBlockView, CodeTextView
from app.ui.transcript.copy_button import CopyButton
from app.ui.transcript.document import markdown_document
from app.ui.transcript.links import LinkDialog
from app.ui.transcript.reply_row import ReplyRow
from app.ui.transcript.segments import Code, Prose, segments_of
from app.ui.transcript.text_view import MessageTextView
from app.ui.transcript.view import SHOWN_AT_ONCE, TranscriptView
from tests.ui.driving import OpenWindow, a_moment

FIGURES = GenerationStatistics(40, 30, 318, 0.05, 4.415, 0.42)


def message(number: int, role: Role, text: str) -> Message:
    return Message(number, 1, role, text, MessageState.COMPLETE, a_moment())


def answer(text: str) -> Message:
    made = message(2, Role.ASSISTANT, text)
    return replace(made, model_name="M", stop_reason=StopReason.END_OF_TURN, statistics=FIGURES)


@pytest.fixture
def transcript(qtbot: QtBot, appearance: Appearance) -> TranscriptView:
    view = TranscriptView(appearance)
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    qtbot.waitExposed(view)
    return view


def shown(transcript: TranscriptView, text: str) -> ReplyRow:
    transcript.show_messages([message(1, Role.USER, "Q"), answer(text)])
    row = transcript.rows[-1]
    assert isinstance(row, ReplyRow)
    return row


def visible_text(row: ReplyRow) -> str:
    return "\n".join(view.toPlainText() for view in row.findChildren(MessageTextView))


def test_fences_are_cut_out_in_order() -> None:
    text = "Before\n\n```python\nx = 1\n\ny = 2\n```\nAfter\n~~~\nraw ``` inside\n~~~\n"
    assert segments_of(text) == [
        Prose("Before"),
        Code("python", "x = 1\n\ny = 2"),
        Prose("After"),
        Code("", "raw ``` inside"),
    ]


def test_a_longer_fence_holds_a_shorter_one_and_an_open_one_reaches_to_the_end() -> None:
    assert segments_of("````md\n```\ninner\n```\n````") == [Code("md", "```\ninner\n```")]
    assert segments_of("```js\nlet a") == [Code("js", "let a")]
    assert segments_of("a ``` b") == [Prose("a ``` b")]


def test_raw_html_is_shown_as_it_was_written(transcript: TranscriptView) -> None:
    text = '<b>bold</b> <img src="http://127.0.0.1:9/x.png"> <script>alert(1)</script>'
    row = shown(transcript, text)
    assert visible_text(row) == text


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


def test_no_image_is_ever_requested(
    transcript: TranscriptView, requests: tuple[str, list[str]], qtbot: QtBot, tmp_path: object
) -> None:
    address, asked = requests
    local = f"{tmp_path}/secret.png"
    pixmap = transcript.grab()
    assert pixmap.save(local)
    row = shown(transcript, f"![cat]({address}/cat.png) ![]({address}/dog.png) ![mine](file://{local})")
    transcript.grab()
    qtbot.wait(200)
    assert asked == []
    words = visible_text(row)
    assert words.startswith(f"[image: cat, {address}/cat.png]")
    assert words.endswith(f"[image: mine, file://{local}]")


def test_a_document_refuses_what_it_is_asked_to_load(tmp_path: object, transcript: TranscriptView) -> None:
    local = f"{tmp_path}/picture.png"
    assert transcript.grab().save(local)
    document = markdown_document("text", LIGHT)
    for kind in (2, 3):
        assert document.resource(kind, QUrl.fromLocalFile(local)) is None
        view = MessageTextView(document)
        assert view.loadResource(kind, QUrl.fromLocalFile(local)) is None


class Opened:
    """Takes the place of the browser."""

    def __init__(self) -> None:
        self.addresses: list[str] = []


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    browser = Opened()
    target = "app.ui.transcript.links.QDesktopServices.openUrl"
    monkeypatch.setattr(target, lambda url: browser.addresses.append(url.toString()))
    return browser


def click_link(transcript: TranscriptView, markdown: str) -> LinkDialog:
    row = shown(transcript, markdown)
    view = row.findChildren(MessageTextView)[0]
    QApplication.processEvents()
    place = view.cursorRect(view.cursorForPosition(QPoint(12, 10))).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, LinkDialog)
    return dialog


def test_a_link_asks_and_shows_where_it_leads(transcript: TranscriptView, opened: Opened) -> None:
    dialog = click_link(transcript, "[your bank](https://example.org/phish?a=1)")
    assert dialog.informativeText() == "https://example.org/phish?a=1"
    assert opened.addresses == []
    dialog.buttons()[-1].text()
    button = next(b for b in dialog.buttons() if b.text() == "Open in the browser")
    button.click()
    assert opened.addresses == ["https://example.org/phish?a=1"]


def test_a_link_that_is_cancelled_opens_nothing(transcript: TranscriptView, opened: Opened) -> None:
    dialog = click_link(transcript, "[your bank](https://example.org/)")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible(), "Enter means Cancel"
    assert opened.addresses == []


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "smb://host/share"])
def test_a_link_of_another_kind_cannot_be_opened(transcript: TranscriptView, opened: Opened, address: str) -> None:
    dialog = click_link(transcript, f"[click me please]({address})")
    assert [b.text() for b in dialog.buttons() if "Open" in b.text()] == []
    dialog.close()
    assert opened.addresses == []


def test_code_has_its_language_and_a_button_that_copies_it(transcript: TranscriptView) -> None:
    row = shown(transcript, "Look:\n\n```python\nprint(1)\n```")
    block = row.findChildren(CodeBlockView)[0]
    assert block.findChildren(CodeTextView)[0].toPlainText() == "print(1)"
    button = block.findChildren(CopyButton)[0]
    button.click()
    assert QGuiApplication.clipboard().text() == "print(1)"
    assert button.text() == "Copied"


def test_the_whole_answer_is_copied_as_it_was_written(transcript: TranscriptView) -> None:
    row = shown(transcript, "A **bold** word")
    next(b for b in row.findChildren(CopyButton) if b.toolTip() == "Copy this answer").click()
    assert QGuiApplication.clipboard().text() == "A **bold** word"
    assert visible_text(row) == "A bold word"


def test_text_can_be_selected_with_the_keyboard_and_copied(transcript: TranscriptView) -> None:
    view = shown(transcript, "Some words").findChildren(MessageTextView)[0]
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Some words"
    QTest.keyClicks(view, "x")
    assert view.toPlainText() == "Some words", "nobody writes in a message"


def test_the_figures_stand_below_the_answer(transcript: TranscriptView) -> None:
    row = shown(transcript, "Text")
    assert row.figures == "71.8 tok/s  0.42 s to first token  318 tokens"
    assert row.label == ""


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
    transcript: TranscriptView, state: MessageState, reason: StopReason | None, label: str
) -> None:
    transcript.show_messages([replace(answer("Text"), state=state, stop_reason=reason)])
    row = transcript.rows[0]
    assert isinstance(row, ReplyRow)
    assert row.label == label


def test_the_users_words_are_never_formatted(transcript: TranscriptView) -> None:
    text = "**not bold** <i>nor this</i>\n    indented"
    transcript.show_messages([message(1, Role.USER, text)])
    assert transcript.rows[0].findChildren(MessageTextView)[0].toPlainText() == text


def wheel(transcript: TranscriptView, steps: int) -> None:
    viewport = transcript.viewport()
    middle = QPointF(viewport.rect().center())
    event = QWheelEvent(
        middle,
        viewport.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def follows(transcript: TranscriptView) -> bool:
    return transcript.follows


def write_lines(transcript: TranscriptView, qtbot: QtBot, lines: int = 40) -> None:
    before = transcript.verticalScrollBar().maximum()
    transcript.append_to_reply("A line of the answer.\n" * lines)
    qtbot.waitUntil(lambda: transcript.verticalScrollBar().maximum() > before)


def test_the_view_follows_the_end_unless_the_reader_scrolls_up(transcript: TranscriptView, qtbot: QtBot) -> None:
    bar = transcript.verticalScrollBar()
    transcript.begin_reply(9)
    write_lines(transcript, qtbot)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())
    wheel(transcript, 3)
    assert not follows(transcript)
    place = bar.value()
    write_lines(transcript, qtbot)
    qtbot.wait(50)
    assert bar.value() == place, "the reader is left where they read"
    while bar.value() < bar.maximum():
        wheel(transcript, -9)
    assert follows(transcript)
    write_lines(transcript, qtbot)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())


def test_a_button_leads_back_to_the_end(transcript: TranscriptView, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QToolButton

    button = next(b for b in transcript.findChildren(QToolButton) if b.toolTip() == "To the end")
    transcript.begin_reply(9)
    write_lines(transcript, qtbot)
    assert not button.isVisible()
    wheel(transcript, 3)
    assert button.isVisible()
    button.click()
    assert transcript.verticalScrollBar().value() == transcript.verticalScrollBar().maximum()
    assert not button.isVisible()


def test_a_long_conversation_is_built_from_its_end(transcript: TranscriptView, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QPushButton

    messages = [message(n, Role.USER if n % 2 else Role.ASSISTANT, f"number {n}") for n in range(1, 101)]
    transcript.show_messages(messages)
    assert [row.text for row in transcript.rows] == [m.text for m in messages[-SHOWN_AT_ONCE:]]
    qtbot.wait(20)
    earlier = next(b for b in transcript.findChildren(QPushButton) if "earlier" in b.text())
    bar = transcript.verticalScrollBar()
    bar.setValue(0)
    row = transcript.rows[0]
    place = row.mapTo(transcript.viewport(), QPoint(0, 0)).y()
    earlier.click()
    qtbot.waitUntil(lambda: len(transcript.rows) == 2 * SHOWN_AT_ONCE)
    qtbot.waitUntil(lambda: abs(row.mapTo(transcript.viewport(), QPoint(0, 0)).y() - place) < 60)
    while earlier.isVisible():
        earlier.click()
        qtbot.wait(10)
    assert [row.text for row in transcript.rows] == [m.text for m in messages]


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_markdown_wears_the_themes_colours(tokens: object) -> None:
    assert tokens in (LIGHT, DARK)
    chosen = LIGHT if tokens is LIGHT else DARK
    html = markdown_document("A [link](https://example.org) and `code`.", chosen).toHtml().lower()
    assert chosen.accent.lower() in html
    assert chosen.code.lower() in html


def test_markdown_leaves_no_image_in_the_document() -> None:
    document = markdown_document("# T ![a](x.png)\n\n- ![b](y.png)\n\n| h |\n|---|\n| ![c](z.png) |", LIGHT)
    assert "\ufffc" not in document.toPlainText()
    assert not isinstance(document.begin().charFormat(), QTextImageFormat)
    for name in ("x.png", "y.png", "z.png"):
        assert name in document.toPlainText()


def test_a_row_is_no_higher_than_what_is_in_it(open_window: Callable[..., OpenWindow]) -> None:
    one = open_window(FakeScript(reply="```json\n{}\n```"))
    one.wait_for_model()
    one.ask("Show me")
    one.wait_until_idle()
    row = one.answer_row()
    block = row.findChild(CodeBlockView)
    assert block is not None
    one.qtbot.waitUntil(lambda: block.height() == block.sizeHint().height())
    one.qtbot.waitUntil(lambda: row.height() == row.sizeHint().height())
