"""The library in the window: how one comes there and back, while all else goes on."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.engine.fake import FakeScript
from app.ui.library.page import LibraryPage
from tests.ui.driving import OpenWindow
from tests.ui.library.fake_plans import FakePlans
from tests.ui.test_names import assert_named

Open = Callable[..., OpenWindow]


@pytest.fixture
def one(open_window: Open, plans: FakePlans) -> OpenWindow:
    """A window with the library in view."""
    opened = open_window(plans=plans)
    opened.wait_for_model()
    QTest.keyClick(opened.window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    wait_until_settled(opened)
    return opened


def library(one: OpenWindow) -> LibraryPage:
    return one.window.discover.page


def wait_until_settled(one: OpenWindow) -> None:
    one.qtbot.waitUntil(lambda: library(one).is_settled, timeout=10_000)


def test_the_least_speed_is_a_setting(one: OpenWindow, plans: FakePlans) -> None:
    library(one).machine.choices.floor_button.choose("at least 5 tokens/s")
    wait_until_settled(one)
    assert plans.requests[-1].speed_floor == 5
    assert one.services.settings.load().speed_floor == 5
    assert library(one).machine.choices.floor_button.text() == "at least 5 tok/s ▾"
    assert library(one).list.names == ["Mistral Small 3 24B Instruct", "Qwen 2.5 32B Instruct"], (
        "6.1 tokens/s are enough now"
    )


def test_a_file_that_is_opened_brings_the_chat_back(one: OpenWindow) -> None:
    library(one).open_button.click()
    dialog = one.dialog()
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(one.services.models.included.id))
    dialog.close()
    assert not one.window.centre.shows_library
    one.wait_until_idle()
    one.page.notices.clear()


def test_the_answer_goes_on_while_the_library_is_in_view(open_window: Open) -> None:
    one = open_window(FakeScript(reply="one two three " * 30, token_seconds=0.02))
    one.wait_for_model()
    one.ask("Count")
    one.wait_for_words()
    one.window.sidebar.footer.models_button.click()
    assert library(one).isVisible()
    wait_until_settled(one)
    assert one.window.replies.live, "it is still being written"
    begun = one.texts()[-1]
    one.qtbot.waitUntil(lambda: len(one.texts()[-1]) > len(begun))
    one.window.library_sidebar.back_button.click()
    assert not one.window.centre.shows_library
    assert one.page.composer.field.hasFocus()
    one.page.stop()
    one.wait_until_idle()


def test_escape_empties_the_search_first_and_then_goes_back(one: OpenWindow) -> None:
    field = library(one).filters.field
    QTest.keyClick(one.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert field.hasFocus()
    QTest.keyClicks(field, "mistral")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert library(one).isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not library(one).isVisible()


def test_a_new_chat_leaves_the_library(one: OpenWindow) -> None:
    QTest.keyClick(one.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert not one.window.centre.shows_library
    assert one.page.is_empty


def test_it_plans_anew_whenever_it_comes_into_view(one: OpenWindow, plans: FakePlans) -> None:
    asked = len(plans.requests)
    one.window.navigation.show_chats()
    one.window.navigation.show_library()
    wait_until_settled(one)
    assert len(plans.requests) == asked + 1


def test_every_control_has_a_name(one: OpenWindow) -> None:
    library(one).filters.fits.setChecked(False)
    wait_until_settled(one)
    library(one).list.cards["llama-70b"].button.click()
    table = library(one).list.cards["mistral-small"].table
    assert table is not None
    row = table.rows["Mistral-Small-Q6_K.gguf"]
    row.click()
    row.row_actions.link_action.trigger()
    assert_named(one.window, 20)


def test_the_speed_report_opens_from_the_library(one: OpenWindow) -> None:
    one.window.library_sidebar.speed_button.click()
    assert one.dialog().windowTitle() == "Speed report"
    one.dialog().close()
    one.window.library_sidebar.discover_button.click()
    assert one.window.library_sidebar.discover_button.isChecked(), "it is where one is"
