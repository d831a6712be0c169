"""Selecting on the page as one does everywhere: with the mouse, with the keyboard, and taking it elsewhere."""

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QClipboard, QDrag, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.core.conversation import Role
from app.ui.transcript.places import Place
from tests.ui.messages import answer, message
from tests.ui.transcript.reading import OpenPage
from tests.ui.transcript.torture import mixed_conversation

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
BLOCKS = """Some words of a **bold** paragraph.

```python
first = 1
second = 2
```

| Left | Right |
|------|-------|
| apple | pear |

- first item
- second item

The end."""


@pytest.fixture
def blocks(page: OpenPage) -> OpenPage:
    page.view.show_messages([message(1, Role.USER, "What is there?"), answer(BLOCKS, 2)])
    return page


def selected(page: OpenPage) -> str:
    return page.view.selecting.text()


def test_the_mouse_selects_within_a_word(blocks: OpenPage) -> None:
    start = blocks.point_of("ords of")
    blocks.drag(start, blocks.point_of("words of", end=True))
    assert selected(blocks) == "ords of"
    assert blocks.copied() == "ords of"


def test_the_mouse_selects_backwards(blocks: OpenPage) -> None:
    blocks.drag(blocks.point_of("words", end=True), blocks.point_of("Some"))
    assert selected(blocks) == "Some words"


def test_a_selection_goes_over_blocks_of_all_kinds(blocks: OpenPage) -> None:
    blocks.drag(blocks.point_of("bold"), blocks.point_of("first item", end=True))
    assert blocks.copied() == (
        "**bold** paragraph.\n\n```python\nfirst = 1\nsecond = 2\n```\n\n"
        "| Left | Right |\n| --- | --- |\n| apple | pear |\n\n- first item"
    )
    html = QGuiApplication.clipboard().mimeData().html()
    assert "<strong>bold</strong>" in html
    assert "<td" in html
    assert "<li>first item</li>" in html


def test_a_selection_goes_over_messages(blocks: OpenPage) -> None:
    blocks.drag(blocks.point_of("there?", message=0), blocks.point_of("Some words", end=True))
    assert blocks.copied() == "there?\n\nSome words"
    blocks.drag(blocks.point_of("Some words", end=True), blocks.point_of("is there?", message=0))
    assert blocks.copied() == "is there?\n\nSome words"


def test_what_is_selected_is_marked_in_blocks_of_all_kinds(blocks: OpenPage) -> None:
    mark = blocks.view.look.tokens.accent_soft.lower()
    for words in ("paragraph", "second = 2", "pear", "second item"):
        assert mark not in blocks.colours_at(words)
    blocks.press(Qt.Key.Key_A, CONTROL)
    for words in ("paragraph", "second = 2", "pear", "second item"):
        assert mark in blocks.colours_at(words), words
    assert mark in blocks.colours_at("What", message=0)


def test_two_clicks_take_a_word_and_three_a_block(blocks: OpenPage) -> None:
    point = blocks.point_of("aragraph")
    blocks.click(point, 2)
    assert selected(blocks) == "paragraph"
    blocks.click(point, 3)
    assert selected(blocks) == "Some words of a bold paragraph."
    blocks.click(point, 1)
    assert selected(blocks) == ""


def press_and_draw(page: OpenPage, clicks: int, start: QPoint, end: QPoint) -> None:
    """Click so many times, and draw to another place with the last one."""
    port, left = page.view.viewport(), Qt.MouseButton.LeftButton
    page.click(start, clicks - 1)
    QTest.mousePress(port, left, pos=start)
    for part in (1, 2, 3, 4):
        QTest.mouseMove(port, start + (end - start) * part / 4)
    QTest.mouseRelease(port, left, pos=end)


def test_after_two_clicks_one_draws_by_words(blocks: OpenPage) -> None:
    press_and_draw(blocks, 2, blocks.point_of("ords of"), blocks.point_of("ragraph"))
    assert selected(blocks) == "words of a bold paragraph"
    press_and_draw(blocks, 2, blocks.point_of("ragraph"), blocks.point_of("ords of"))
    assert selected(blocks) == "words of a bold paragraph"


def test_after_three_clicks_one_draws_by_blocks(blocks: OpenPage) -> None:
    press_and_draw(blocks, 3, blocks.point_of("ords of"), blocks.point_of("irst = 1"))
    assert selected(blocks) == "Some words of a bold paragraph.\n\nfirst = 1\nsecond = 2"


def test_shift_and_a_click_reach_further(blocks: OpenPage) -> None:
    port, left = blocks.view.viewport(), Qt.MouseButton.LeftButton
    blocks.click(blocks.point_of("words"))
    blocks.pause()
    QTest.mouseClick(port, left, SHIFT, blocks.point_of("bold", end=True))
    assert selected(blocks) == "words of a bold"
    blocks.pause()
    QTest.mouseClick(port, left, SHIFT, blocks.point_of("Some"))
    assert selected(blocks) == "Some ", "from where it was begun"


def test_shift_and_the_arrows_reach_further(blocks: OpenPage) -> None:
    blocks.click(blocks.point_of("words"))
    blocks.press(Qt.Key.Key_Right, SHIFT)
    blocks.press(Qt.Key.Key_Right, SHIFT)
    assert selected(blocks) == "wo"
    blocks.press(Qt.Key.Key_Left, SHIFT)
    assert selected(blocks) == "w"
    blocks.press(Qt.Key.Key_Right, SHIFT | CONTROL)
    blocks.press(Qt.Key.Key_Right, SHIFT | CONTROL)
    assert selected(blocks) == "words of "
    blocks.press(Qt.Key.Key_End, SHIFT)
    assert selected(blocks) == "words of a bold paragraph."
    blocks.press(Qt.Key.Key_Home, SHIFT)
    assert selected(blocks) == "Some "
    blocks.press(Qt.Key.Key_Down, SHIFT)
    assert selected(blocks).endswith("paragraph."), "to the line below, in the code"
    blocks.press(Qt.Key.Key_Down, SHIFT)
    assert selected(blocks).endswith("first = 1")
    blocks.press(Qt.Key.Key_End, SHIFT | CONTROL)
    assert selected(blocks).endswith("The end.")


def test_a_selection_by_keys_is_followed_out_of_the_view(page: OpenPage) -> None:
    page.view.show_messages(mixed_conversation(10))
    page.press(Qt.Key.Key_Home)
    page.click(page.point_of("Question 1,", message=0))
    for _ in range(60):
        page.press(Qt.Key.Key_Down, SHIFT)
    assert page.view.top > 300
    selection = page.view.selecting.selection
    assert selection is not None
    assert 0 <= page.view.page.rect_of(selection.focus).top() < page.view.viewport().height()
    page.press(Qt.Key.Key_Home, SHIFT | CONTROL)
    assert selected(page) == ""
    assert page.view.page.rect_of(Place(0, 0, 0)).top() >= 0


def test_everything_is_selected(blocks: OpenPage) -> None:
    blocks.press(Qt.Key.Key_A, CONTROL)
    assert blocks.copied().startswith("What is there?\n\nSome words of a **bold** paragraph.")
    assert blocks.copied().endswith("- second item\n\nThe end.")


def test_nothing_selected_leaves_the_clipboard_alone(blocks: OpenPage) -> None:
    assert blocks.copied() == "nothing was copied"


@pytest.mark.parametrize("beyond", [80, -80])
def test_drawing_beyond_the_edge_scrolls(page: OpenPage, beyond: int) -> None:
    view = page.view
    view.show_messages(mixed_conversation(20))
    view.scroll_to(view.stack.height / 2)
    port, left = view.viewport(), Qt.MouseButton.LeftButton
    middle = QPoint(300, port.height() // 2)
    before = view.top
    QTest.mousePress(port, left, pos=middle)
    y = port.height() + beyond if beyond > 0 else beyond
    outside = QPointF(300, y)
    QApplication.sendEvent(
        port,
        QMouseEvent(
            QEvent.Type.MouseMove,
            outside,
            port.mapToGlobal(outside),
            Qt.MouseButton.NoButton,
            left,
            Qt.KeyboardModifier.NoModifier,
        ),
    )
    page.qtbot.waitUntil(lambda: abs(view.top - before) > 400)
    QTest.mouseRelease(port, left, pos=QPoint(300, y))
    reached = view.top
    page.qtbot.wait(80)
    assert view.top == reached, "it ends with the button"
    assert len(selected(page)) > 300
    page.assert_painted()


def test_selected_text_is_dragged(blocks: OpenPage) -> None:
    carried: list[QMimeData] = []

    def take(drag: QDrag) -> None:
        data = drag.mimeData()
        carried.append(data)
        assert data.text() == "Some words of a **bold** paragraph."
        assert "<strong>bold</strong>" in data.html()

    blocks.view.selecting.start_drag = take
    blocks.click(blocks.point_of("words"), 3)
    blocks.pause()
    blocks.drag(blocks.point_of("words"), blocks.point_of("second = 2"))
    assert len(carried) == 1
    assert selected(blocks) == "Some words of a bold paragraph.", "a drag leaves it as it is"


def test_a_click_on_selected_text_clears(blocks: OpenPage) -> None:
    blocks.click(blocks.point_of("words"), 3)
    blocks.click(blocks.point_of("bold"))
    assert selected(blocks) == ""


def test_beside_selected_text_one_selects_anew(blocks: OpenPage) -> None:
    blocks.click(blocks.point_of("words"), 3)
    blocks.pause()
    blocks.drag(blocks.point_of("first item"), blocks.point_of("first item", end=True))
    assert selected(blocks) == "• first item"


class Primary:
    """A clipboard with a second place, as X11 has it."""

    Mode = QClipboard.Mode

    def __init__(self) -> None:
        self.texts: list[str] = []

    def supportsSelection(self) -> bool:
        return True

    def setMimeData(self, data: QMimeData, mode: QClipboard.Mode) -> None:
        assert mode is QClipboard.Mode.Selection
        self.texts.append(data.text())


def test_what_the_mouse_selects_can_be_put_in_with_the_middle_button(
    blocks: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    primary = Primary()
    monkeypatch.setattr("app.ui.transcript.selecting.QGuiApplication.clipboard", lambda: primary)
    blocks.drag(blocks.point_of("Some"), blocks.point_of("words", end=True))
    assert primary.texts == ["Some words"]


def test_a_selection_survives_an_answer_below_it(page: OpenPage) -> None:
    view = page.view
    view.show_messages([message(1, Role.USER, "What is there?"), answer(BLOCKS, 2)])
    page.drag(page.point_of("bold", message=1), page.point_of("first = 1", message=1, end=True))
    before = selected(page)
    view.add_waiting("More?", "")
    view.mark_sent(message(3, Role.USER, "More?"))
    view.begin_reply(4)
    page.write(BLOCKS * 2)
    page.wheel(2)
    assert selected(page) == before
    view.finish_reply(answer(BLOCKS * 2, 4))
    assert selected(page) == before
    page.wheel(20)
    assert view.look.tokens.accent_soft.lower() in page.colours_at("bold", message=1)


def test_a_selection_in_the_answer_that_is_written_stays(page: OpenPage) -> None:
    view = page.view
    view.begin_reply(2)
    page.write("Some words of a **bold** paragraph.\n\n")
    page.drag(page.point_of("words"), page.point_of("bold", end=True))
    page.write("Another paragraph.\n\nAnd one more.")
    view.finish_reply(answer("Some words of a **bold** paragraph.\n\nAnother paragraph.\n\nAnd one more.", 2))
    assert selected(page) == "words of a bold"


def test_one_selects_while_the_answer_grows(page: OpenPage) -> None:
    view = page.view
    view.begin_reply(2)
    page.write("Some words of a paragraph.\n\n")
    port, left = view.viewport(), Qt.MouseButton.LeftButton
    QTest.mousePress(port, left, pos=page.point_of("words"))
    page.write("Another paragraph.\n\n")
    end = page.point_of("Another", end=True)
    QTest.mouseMove(port, end)
    QTest.mouseRelease(port, left, pos=end)
    assert selected(page) == "words of a paragraph.\n\nAnother"


def test_another_conversation_has_nothing_selected(blocks: OpenPage) -> None:
    blocks.press(Qt.Key.Key_A, CONTROL)
    blocks.view.show_messages([message(7, Role.USER, "Q"), answer("Another", 8)])
    assert selected(blocks) == ""
    assert blocks.copied() == "nothing was copied"


def test_a_long_conversation_is_copied_whole(page: OpenPage) -> None:
    page.view.show_messages([message(n, Role.USER if n % 2 else Role.ASSISTANT, f"number {n}") for n in range(1, 1001)])
    page.press(Qt.Key.Key_A, CONTROL)
    assert page.copied().split("\n\n") == [f"number {n}" for n in range(1, 1001)]
