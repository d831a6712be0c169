"""Text in the size that one likes: with keys, with the wheel, and remembered."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.storage.settings import SettingsStore
from app.ui.window import MainWindow
from tests.ui.driving import OpenWindow
from tests.ui.transcript.reading import OpenPage
from tests.ui.transcript.torture import mixed_conversation

NEAR = 40  # pixels: what stands above the words grows with them
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def one(open_window: Callable[..., OpenWindow]) -> OpenWindow:
    one = open_window()
    one.wait_for_model()
    one.ask("How large?")
    one.wait_until_idle()
    one.window.activateWindow()
    return one


def letters(one: OpenWindow) -> float:
    """How high a line of the answer is."""
    page = OpenPage(one.qtbot, one.page.transcript)
    return page.view.page.rect_of(page.place_of("large")).height()


def test_keys_make_text_larger_and_smaller_and_the_window_remembers(one: OpenWindow, profile: Path) -> None:
    settings = SettingsStore(profile / "settings.json")
    before = letters(one)
    one.press(Qt.Key.Key_Plus, CONTROL)
    one.press(Qt.Key.Key_Equal, CONTROL)
    assert letters(one) > before * 1.2
    assert settings.load().text_percent == 125
    one.press(Qt.Key.Key_Minus, CONTROL)
    assert settings.load().text_percent == 110
    one.press(Qt.Key.Key_0, CONTROL)
    assert letters(one) == before
    assert settings.load().text_percent == 100
    for _ in range(20):
        one.press(Qt.Key.Key_Plus, CONTROL)
    assert settings.load().text_percent == 300
    assert letters(one) == pytest.approx(3 * before, abs=2)
    for _ in range(20):
        one.press(Qt.Key.Key_Minus, CONTROL)
    assert settings.load().text_percent == 50


def test_keys_work_while_the_page_has_the_keyboard(one: OpenWindow) -> None:
    view = one.page.transcript
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Plus, CONTROL)
    assert view.look.zoom == 1.1


def test_the_next_window_shows_text_as_large(one: OpenWindow, qtbot: object) -> None:
    one.press(Qt.Key.Key_Plus, CONTROL)
    assert one.window.shutdown()
    again = MainWindow(one.services)
    assert again.page.transcript.look.zoom == 1.1
    assert again.shutdown()
    again.deleteLater()


def words_near_the_top(page: OpenPage) -> tuple[int, str]:
    """The beginning of the first block whose top is in view, and its message."""
    view = page.view
    for index, item in view.stack.visible(view.top, view.top + view.viewport().height()):
        for block in range(view.page.block_count(index)):
            if item.area_of(block).top() + view.stack.top_of(index) >= view.top:
                return index, view.page.text_of(index, block)[:20]
    raise AssertionError("nothing is in view")


def test_the_wheel_with_control_zooms_and_does_not_scroll(page: OpenPage) -> None:
    view = page.view
    view.show_messages(mixed_conversation(20))
    page.wheel(10)
    message, words = words_near_the_top(page)
    y = page.y_of(words, message=message)
    page.wheel(2, CONTROL)
    assert view.look.zoom == 1.25
    assert page.y_of(words, message=message) == pytest.approx(y, abs=NEAR)
    page.wheel(-2, CONTROL)
    assert view.look.zoom == 1.0
    assert page.y_of(words, message=message) == pytest.approx(y, abs=1)


@pytest.mark.parametrize("zoom", [0.5, 1.5, 3.0])
def test_everything_stands_where_it_belongs_at_every_size(page: OpenPage, zoom: float) -> None:
    view = page.view
    view.show_messages(mixed_conversation(12))
    page.wheel(4)
    view.set_zoom(zoom)
    for steps in (3, 3, -2):
        page.wheel(steps)
        page.settle()
        page.assert_painted()
    assert view.column.right() <= view.viewport().width()


def test_the_keyboard_stays_at_its_button(page: OpenPage) -> None:
    page.view.show_messages(mixed_conversation(4))
    page.foot().buttons.retry_button.setFocus()
    page.view.zoom_by(1)
    assert page.foot().buttons.retry_button.hasFocus()
