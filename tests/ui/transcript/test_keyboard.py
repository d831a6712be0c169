"""Reading with the keyboard alone: from message to message, from button to button, into the reader."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from app.core.conversation import Role
from app.ui.transcript.accessible_list import NOWHERE
from app.ui.transcript.reader_dialog import ReaderDialog
from tests.ui.messages import answer, message
from tests.ui.transcript.reading import OpenPage
from tests.ui.transcript.torture import mixed_conversation

SHIFT = Qt.KeyboardModifier.ShiftModifier
CODE = "Look:\n\n```python\nprint(1)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"


def y_of(widget: QWidget, page: OpenPage) -> int:
    return widget.mapTo(page.view, widget.rect().center()).y()


def buttons_by_tab(page: OpenPage, backwards: bool = False) -> list[QAbstractButton]:
    """The buttons on the page that Tab goes through, until it leaves the page or begins again."""
    page.view.setFocus()
    found: list[QAbstractButton] = []
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget() or page.view, Qt.Key.Key_Backtab if backwards else Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        if not isinstance(widget, QAbstractButton) or not page.view.viewport().isAncestorOf(widget) or widget in found:
            break
        found.append(widget)
    return found


def assert_in_reading_order(page: OpenPage, buttons: list[QAbstractButton]) -> None:
    places = [(y_of(button, page), button.mapTo(page.view, button.rect().center()).x()) for button in buttons]
    assert places == sorted(places)
    visible = {
        button
        for button in page.view.viewport().findChildren(QAbstractButton)
        if button.isVisible() and button.isEnabled() and 0 <= y_of(button, page) < page.view.height()
    }
    assert visible <= set(buttons)


def test_tab_goes_through_the_buttons_from_top_to_bottom(page: OpenPage) -> None:
    page.view.show_messages(
        [message(1, Role.USER, "Q"), answer(CODE, 2), message(3, Role.USER, "More"), answer("Yes", 4)]
    )
    buttons = buttons_by_tab(page)
    names = [button.accessibleName() for button in buttons]
    assert names[0] == "Copy this message"
    assert "Copy this code" in names
    assert names.index("Copy this code") < names.index("Copy this table") < names.index("Copy this answer")
    assert_in_reading_order(page, buttons)
    assert list(reversed(buttons)) == buttons_by_tab(page, backwards=True)


def test_tab_keeps_its_order_after_scrolling_up_and_down(page: OpenPage) -> None:
    page.view.show_messages(mixed_conversation(30))
    for steps in (7, 5, -3, 9, -12):
        page.wheel(steps)
        assert_in_reading_order(page, buttons_by_tab(page))


def test_the_button_with_the_keyboard_is_seen(page: OpenPage) -> None:
    page.view.show_messages([message(1, Role.USER, "Q"), answer("A", 2)])
    copy = page.foot().buttons.copy_button
    before = copy.grab().toImage()
    copy.setFocus(Qt.FocusReason.TabFocusReason)
    assert copy.grab().toImage() != before
    quiet = page.foot(0).buttons
    assert is_empty(quiet.copy_button.grab().toImage())
    quiet.copy_button.setFocus(Qt.FocusReason.TabFocusReason)
    page.qtbot.waitUntil(lambda: not is_empty(quiet.copy_button.grab().toImage()))


def is_empty(picture: QImage) -> bool:
    return len({picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}) == 1


def test_a_button_that_was_scrolled_away_keeps_the_keyboard(page: OpenPage) -> None:
    page.view.show_messages(mixed_conversation(20))
    copy = page.foot().buttons.copy_button
    copy.setFocus(Qt.FocusReason.TabFocusReason)
    page.wheel(40)
    assert QApplication.focusWidget() is copy
    assert (
        not page.view.viewport().rect().intersects(copy.rect().translated(copy.mapTo(page.view, copy.rect().topLeft())))
    )
    page.wheel(-60)
    assert QApplication.focusWidget() is copy
    assert page.view.viewport().rect().contains(copy.mapTo(page.view, copy.rect().center()))


def test_j_and_k_and_the_arrows_go_from_message_to_message(page: OpenPage) -> None:
    view = page.view
    view.show_messages(mixed_conversation(30))
    page.press(Qt.Key.Key_Home)
    seen = []
    for key in (Qt.Key.Key_J, Qt.Key.Key_J, Qt.Key.Key_Down, Qt.Key.Key_K, Qt.Key.Key_Up, Qt.Key.Key_Up):
        page.press(key)
        seen.append(view.item_focus.index)
    assert seen == [0, 1, 2, 1, 0, 0]


def test_the_beginning_of_the_message_is_in_view_whatever_was_not_laid_out_yet(page: OpenPage) -> None:
    view = page.view
    view.show_messages(mixed_conversation(60))
    for _ in range(59):
        page.press(Qt.Key.Key_K)
        area = view.area_of(view.item_focus.index)
        assert 0 <= area.top() < view.viewport().height() - 20
        assert area.height() > 0
    assert view.item_focus.index in (0, 1)
    for _ in range(62):
        page.press(Qt.Key.Key_J)
        assert 0 <= view.area_of(view.item_focus.index).top() < view.viewport().height()
    assert view.item_focus.index == 59
    page.assert_painted()


def is_framed(page: OpenPage, index: int) -> bool:
    """Whether there is a line at the left of an item, beside what is in view of it."""
    view = page.view
    frame = view.stack.items[index].frame.translated(view.area_of(index).topLeft()).adjusted(-7, -7, 7, 7)
    seen = frame.toAlignedRect().intersected(view.viewport().rect())
    assert seen.height() > 20, "it is in view"
    picture, x = page.colours(), round(frame.left())
    colours = {picture.pixelColor(x, y).name() for y in range(seen.top() + 9, seen.bottom() - 9)}
    return view.look.tokens.surface.lower() not in colours


def test_the_message_with_the_keyboard_is_framed(page: OpenPage) -> None:
    view = page.view
    view.show_messages([message(1, Role.USER, "Q"), answer("A\n\nB", 2)])
    page.press(Qt.Key.Key_J)
    page.press(Qt.Key.Key_J)
    assert is_framed(page, 1)
    view.clearFocus()
    assert not is_framed(page, 1)


def test_tab_into_the_page_shows_where_one_is(page: OpenPage) -> None:
    view = page.view
    view.show_messages(mixed_conversation(10))
    view.clearFocus()
    assert view.item_focus.index == NOWHERE
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.item_focus.index in range(10)
    assert is_framed(page, view.item_focus.index)


def test_enter_opens_the_message_to_be_read(page: OpenPage) -> None:
    page.view.show_messages([message(1, Role.USER, "Q"), answer("The **whole** answer", 2)])
    page.press(Qt.Key.Key_J)
    page.press(Qt.Key.Key_J)
    page.press(Qt.Key.Key_Return)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ReaderDialog)
    assert dialog.field.toPlainText() == "The **whole** answer"
    QTest.keyClick(dialog.field, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert page.view.hasFocus()


def test_keys_of_an_empty_page_do_nothing(page: OpenPage) -> None:
    for key in (
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_J,
        Qt.Key.Key_K,
        Qt.Key.Key_Return,
        Qt.Key.Key_Escape,
    ):
        page.press(key)
        page.press(key, SHIFT)
    page.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert page.copied() == "nothing was copied"
