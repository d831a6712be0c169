"""What lies under the pointer: links, buttons that come and go, wide blocks, and the menu."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip

from app.core.conversation import Role
from app.ui.transcript.blocks.sideways import SidewaysBlock
from app.ui.transcript.context_menu import PageMenu
from app.ui.transcript.links import LinkDialog
from app.ui.transcript.reader_dialog import ReaderDialog
from tests.ui.messages import answer, message
from tests.ui.transcript.reading import OpenPage
from tests.ui.transcript.torture import mixed_conversation

LINK = "See [your bank](https://example.org/phish?a=1&b=<x>) there."
WIDE = "```\n" + "wide " * 100 + "end\n```\n\nBelow."


popups = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform remarks on them


@pytest.fixture(autouse=True)
def no_tooltip() -> Iterator[None]:
    yield
    QToolTip.hideText()


def hover(page: OpenPage, point: QPoint) -> None:
    port = page.view.viewport()
    at = QPointF(point)
    none = Qt.MouseButton.NoButton
    QApplication.sendEvent(
        port, QMouseEvent(QEvent.Type.MouseMove, at, port.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier)
    )


def leave(page: OpenPage) -> None:
    QApplication.sendEvent(page.view, QEvent(QEvent.Type.Leave))


@popups
def test_a_link_shows_its_address_and_a_hand(page: OpenPage) -> None:
    page.view.show_messages([answer(LINK)])
    hover(page, page.point_of("your bank"))
    assert page.view.viewport().cursor().shape() is Qt.CursorShape.PointingHandCursor
    assert "https://example.org/phish?a=1" in QToolTip.text()
    hover(page, page.point_of("See"))
    assert page.view.viewport().cursor().shape() is Qt.CursorShape.IBeamCursor
    page.qtbot.waitUntil(lambda: not QToolTip.isVisible())
    hover(page, QPoint(5, 5))
    assert page.view.viewport().cursor().shape() is Qt.CursorShape.ArrowCursor


def test_a_click_on_a_link_asks_but_a_drag_over_it_selects(page: OpenPage) -> None:
    page.view.show_messages([answer(LINK)])
    page.drag(page.point_of("your bank"), page.point_of("your bank", end=True))
    assert QApplication.activeModalWidget() is None
    assert page.view.selecting.text() == "your bank"
    page.pause()
    page.click(page.point_of("See"))
    page.click(page.point_of("ur bank"))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, LinkDialog)
    dialog.close()


def is_ghost(page: OpenPage, row: int) -> bool:
    return bool(page.foot(row).buttons.property("ghost"))


def test_the_users_buttons_are_seen_only_under_the_pointer(page: OpenPage) -> None:
    view = page.view
    view.show_messages([message(1, Role.USER, "Question one"), answer("A", 2), message(3, Role.USER, "Question two")])
    assert is_ghost(page, 0)
    assert is_ghost(page, 2)
    before = [(view.area_of(n), page.foot(n).geometry(), page.foot(n).buttons.geometry()) for n in range(3)]
    hover(page, page.point_of("Question one", message=0))
    assert not is_ghost(page, 0)
    assert is_ghost(page, 2)
    assert before == [(view.area_of(n), page.foot(n).geometry(), page.foot(n).buttons.geometry()) for n in range(3)]
    hover(page, page.point_of("Question two", message=2))
    assert is_ghost(page, 0)
    assert not is_ghost(page, 2)
    leave(page)
    assert is_ghost(page, 2)


def test_from_the_bubble_to_its_buttons_and_back(page: OpenPage) -> None:
    page.view.show_messages([message(1, Role.USER, "Question one"), answer("A", 2)])
    bubble = page.point_of("Question one", message=0)
    hover(page, bubble)
    foot = page.foot(0)
    QTest.mouseMove(foot, foot.rect().center())
    QApplication.processEvents()
    assert not is_ghost(page, 0)
    QTest.mouseMove(page.view.viewport(), bubble)
    hover(page, bubble)
    assert not is_ghost(page, 0)


def test_what_scrolls_under_a_still_pointer_is_pointed_at(page: OpenPage) -> None:
    view = page.view
    view.show_messages([message(n, Role.USER, f"Question {n}") for n in range(1, 40)])
    hover(page, page.point_of("Question 37", message=36))
    assert not is_ghost(page, 36)
    page.wheel(1)
    under = view.page.item_under(QPointF(page.point_of("Question 37", message=36)) - QPointF(0, 120))
    assert under is not None
    assert not is_ghost(page, under)
    assert is_ghost(page, 36)


def test_the_keyboard_shows_the_users_buttons(page: OpenPage) -> None:
    page.view.show_messages([message(1, Role.USER, "Question one"), answer("A", 2)])
    page.foot(0).buttons.copy_button.setFocus(Qt.FocusReason.TabFocusReason)
    page.qtbot.waitUntil(lambda: not is_ghost(page, 0))
    page.view.setFocus()
    page.qtbot.waitUntil(lambda: is_ghost(page, 0))


def wheel_sideways(page: OpenPage, point: QPoint, pixels: int, modifiers: Qt.KeyboardModifier) -> None:
    port = page.view.viewport()
    turned = QPoint(0, pixels) if modifiers else QPoint(pixels, 0)
    event = QWheelEvent(
        QPointF(point), port.mapToGlobal(QPointF(point)), QPoint(), turned, Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)


@pytest.mark.parametrize("modifiers", [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier])
def test_wide_code_is_moved_by_a_wheel_sideways(page: OpenPage, modifiers: Qt.KeyboardModifier) -> None:
    page.view.show_messages([answer(WIDE, 2)])
    start = page.point_of("wide")
    before, top = page.view.page.rect_of(page.place_of("wide")).left(), page.view.top
    wheel_sideways(page, start, -240, modifiers)
    assert page.view.page.rect_of(page.place_of("wide")).left() == before - 120
    assert page.view.top == top
    wheel_sideways(page, start, 2400, modifiers)
    assert page.view.page.rect_of(page.place_of("wide")).left() == before
    page.assert_painted()


@pytest.mark.parametrize(
    "text", [WIDE, "|" + "wide column |" * 12 + "\n" + "|-" * 12 + "|\n" + "|words" * 11 + "|end|\n\nBelow."]
)
def test_the_bar_of_a_wide_block_is_dragged(page: OpenPage, text: str) -> None:
    page.view.show_messages([answer(text, 2)])
    view = page.view
    painter = view.page.painter_at(page.place_of("end"))
    assert isinstance(painter, SidewaysBlock)
    area = view.stack.items[0].area_of(0)
    corner = QPointF(view.column.left(), view.stack.top_of(0) - view.top) + area.topLeft()
    handle = painter.bar_rect().center() + corner
    before = view.page.rect_of(page.place_of("end")).left()
    page.drag(handle.toPoint(), handle.toPoint() + QPoint(400, 0))
    assert view.page.rect_of(page.place_of("end")).left() < before - 200
    assert view.selecting.selection is None
    page.assert_painted()


def open_menu(page: OpenPage, point: QPoint) -> PageMenu:
    port = page.view.viewport()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, port.mapToGlobal(point))
    QApplication.sendEvent(port, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, PageMenu)
    return menu


def choose(menu: QMenu, words: str) -> None:
    next(action for action in menu.actions() if action.text() == words).trigger()
    menu.close()


def offered(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator() and action.isEnabled()]


@popups
def test_the_menu_offers_what_applies(page: OpenPage) -> None:
    page.view.show_messages([answer(LINK)])
    menu = open_menu(page, page.point_of("there"))
    assert offered(menu) == ["Select all", "Find…", "Read this message in a window…"]
    choose(menu, "Select all")
    menu = open_menu(page, page.point_of("your bank"))
    assert offered(menu) == [
        "Copy", "Select all", "Open the link…", "Copy the link's address", "Find…", "Read this message in a window…",
    ]  # fmt: skip
    choose(menu, "Copy")
    assert QGuiApplication.clipboard().text().startswith("See [your bank]")
    choose(open_menu(page, page.point_of("your bank")), "Copy the link's address")
    assert QGuiApplication.clipboard().text() == "https://example.org/phish?a=1&b=%3Cx%3E"
    menu = open_menu(page, QPoint(10, page.view.viewport().height() - 10))
    assert "Read this message in a window…" not in offered(menu)
    menu.close()


@popups
def test_the_menu_opens_links_the_reader_and_the_search(page: OpenPage) -> None:
    page.view.show_messages([answer(LINK)])
    choose(open_menu(page, page.point_of("your bank")), "Open the link…")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, LinkDialog)
    dialog.close()
    choose(open_menu(page, page.point_of("there")), "Read this message in a window…")
    reader = QApplication.activeModalWidget()
    assert isinstance(reader, ReaderDialog)
    assert reader.field.toPlainText() == LINK
    reader.close()
    choose(open_menu(page, page.point_of("there")), "Find…")
    assert page.view.finder.bar.isVisible()


@popups
def test_the_menu_key_opens_the_menu_for_the_focused_message(page: OpenPage) -> None:
    page.view.show_messages(mixed_conversation(6))
    page.press(Qt.Key.Key_K)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(3, 3), page.view.mapToGlobal(QPoint(3, 3)))
    QApplication.sendEvent(page.view.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, PageMenu)
    choose(menu, "Read this message in a window…")
    reader = QApplication.activeModalWidget()
    assert isinstance(reader, ReaderDialog)
    assert reader.field.toPlainText() == page.view.stack.items[page.view.item_focus.index].text
    reader.close()
