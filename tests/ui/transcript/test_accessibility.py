"""Shows what assistive technology is told of a painted conversation."""

import gc
from collections.abc import Callable

import pytest
import shiboken6
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from pytestqt.qtbot import QtBot

from app.engine.fake import FakeScript
from app.ui.transcript.accessible_list import MOST_CHARACTERS
from tests.ui.driving import OpenWindow
from tests.ui.transcript.plain_conversation import LINE, PlainConversation, PlainItem, three_items

Event = QAccessible.Event


def interface_of(view: PlainConversation) -> QAccessibleInterface:
    """The list, as Qt hands it out."""
    return QAccessible.queryAccessibleInterface(view)


def states_of(interface: QAccessibleInterface) -> set[str]:
    """The names of the states that are set, of those that we set."""
    state = interface.state()
    names = ("focusable", "readOnly", "focused", "busy", "offscreen", "invisible", "invalid")
    return {name for name in names if getattr(state, name)}


@pytest.fixture
def view(qtbot: QtBot) -> PlainConversation:
    made = three_items()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    qtbot.waitExposed(made)
    made.setFocus()
    return made


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Event, str]]:
    """What is sent: the kind of event and the text of what it is about."""
    sent: list[tuple[Event, str]] = []

    def hear(event: QAccessibleEvent) -> None:
        about = event.accessibleInterface()
        sent.append((event.type(), about.text(QAccessible.Text.Description) or about.text(QAccessible.Text.Name)))

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return sent


@pytest.fixture
def active(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)


def test_a_list_of_messages(view: PlainConversation) -> None:
    accessible = interface_of(view)
    assert accessible.role() == QAccessible.Role.List
    assert accessible.text(QAccessible.Text.Name) == "Conversation"
    items = [accessible.child(index) for index in range(3)]
    assert {item.role() for item in items} == {QAccessible.Role.ListItem}
    assert [item.text(QAccessible.Text.Name) for item in items] == [item.name for item in view.shown]
    for kind in (QAccessible.Text.Description, QAccessible.Text.Value):
        assert [item.text(kind) for item in items] == [item.text for item in view.shown]
    assert [accessible.indexOfChild(item) for item in items] == [0, 1, 2]
    assert all(item.parent() is accessible for item in items)


def test_only_the_beginning_of_a_long_message_is_told(view: PlainConversation) -> None:
    view.shown[0].text = "a" * MOST_CHARACTERS
    assert interface_of(view).child(0).text(QAccessible.Text.Description) == view.shown[0].text
    view.shown[0].text += "b"
    told = interface_of(view).child(0).text(QAccessible.Text.Description)
    assert told == "a" * MOST_CHARACTERS + " … (press Enter for the whole message)"


def test_what_a_message_is_doing(view: PlainConversation) -> None:
    view.focus(1)
    accessible = interface_of(view)
    assert [states_of(accessible.child(index)) for index in range(3)] == [
        {"focusable", "readOnly"},
        {"focusable", "readOnly", "focused"},
        {"focusable", "readOnly", "busy"},
    ]


def test_what_is_scrolled_away_is_off_screen(view: PlainConversation) -> None:
    view.shown += [PlainItem("You wrote", str(index)) for index in range(20)]
    assert "offscreen" in states_of(interface_of(view).child(20))
    view.hide()
    assert "invisible" in states_of(interface_of(view).child(0))


def test_a_message_is_found_by_its_place(view: PlainConversation) -> None:
    accessible = interface_of(view)
    corner = view.viewport().mapToGlobal(QPoint(0, 0))
    for index in range(3):
        middle = accessible.child(index).rect().center()
        assert middle == corner + QPoint(49, index * LINE + LINE // 2 - 1)
        assert accessible.childAt(middle.x(), middle.y()) is accessible.child(index)
    assert accessible.childAt(corner.x() + 10, corner.y() + 5 * LINE) is None
    assert accessible.childAt(corner.x() + 10, corner.y() - 50) is None


def test_the_buttons_are_reached_behind_the_messages(view: PlainConversation) -> None:
    accessible = interface_of(view)
    assert accessible.childCount() == 4
    viewport = accessible.child(3)
    assert viewport.object() is view.viewport()
    assert accessible.indexOfChild(viewport) == 3
    assert [viewport.child(index).object() for index in range(viewport.childCount())] == [view.copy_button]
    button = view.copy_button.mapToGlobal(QPoint(5, 5))
    assert accessible.childAt(button.x(), button.y()) is viewport
    assert accessible.indexOfChild(QAccessible.queryAccessibleInterface(view.copy_button)) == -1


def test_there_is_no_child_beyond_the_last(view: PlainConversation) -> None:
    assert interface_of(view).child(4) is None
    assert interface_of(view).child(-1) is None


def test_the_focused_message(view: PlainConversation, qtbot: QtBot) -> None:
    accessible = interface_of(view)
    qtbot.waitUntil(view.hasFocus)
    assert accessible.focusChild() is None
    view.focus(2)
    assert accessible.focusChild() is accessible.child(2)
    view.copy_button.setFocus()
    assert accessible.focusChild() is None
    assert "focused" not in states_of(accessible.child(2))


@pytest.mark.usefixtures("active")
def test_changes_are_told(view: PlainConversation, told: list[tuple[Event, str]]) -> None:
    view.add(PlainItem("You wrote", "Thanks"))
    view.focus(3)
    view.take(0)
    view.shown[2].is_written = True
    view.end_writing()
    view.access.reset()
    assert told == [
        (Event.ObjectCreated, "Thanks"),
        (Event.Focus, "Thanks"),
        (Event.StateChanged, "Thanks"),
        (Event.DescriptionChanged, "Thanks"),
        (Event.ObjectDestroyed, "Thanks"),
        (Event.ObjectReorder, "Conversation"),
    ]


def test_nothing_is_told_to_nobody(view: PlainConversation, told: list[tuple[Event, str]]) -> None:
    assert not QAccessible.isActive()
    view.add(PlainItem("You wrote", "Thanks"))
    view.focus(3)
    view.end_writing()
    view.take(0)
    view.access.reset()
    assert told == []


def test_an_interface_stays_with_its_message(view: PlainConversation) -> None:
    accessible = interface_of(view)
    last = accessible.child(2)
    view.shown.insert(0, PlainItem("You wrote", "Before"))
    view.access.insert(0)
    assert accessible.indexOfChild(last) == 3
    view.take(1)
    view.take(1)
    assert accessible.indexOfChild(last) == 1
    assert last.text(QAccessible.Text.Description) == "It is"
    assert accessible.child(1) is last


def test_a_message_that_is_gone_leaves_no_interface(view: PlainConversation) -> None:
    gone = interface_of(view).child(1)
    identifier = QAccessible.uniqueId(gone)
    assert QAccessible.accessibleInterface(identifier) is gone
    view.take(1)
    assert QAccessible.accessibleInterface(identifier) is None
    assert not shiboken6.isValid(gone)


def test_a_message_whose_item_is_gone_answers_nothing(view: PlainConversation) -> None:
    late = interface_of(view).child(2)
    del view.shown[2]
    assert not late.isValid()
    assert late.text(QAccessible.Text.Name) == ""
    assert late.rect().isNull()
    assert states_of(late) == {"invalid", "invisible"}
    view.access.remove(2)


def test_the_end_of_the_view_is_survived() -> None:
    view = three_items()
    accessible = interface_of(view)
    message = accessible.child(0)
    identifiers = [QAccessible.uniqueId(accessible), QAccessible.uniqueId(message)]
    shiboken6.delete(view)
    assert [QAccessible.accessibleInterface(identifier) for identifier in identifiers] == [None, None]
    assert not shiboken6.isValid(message)


def test_a_forgotten_view_is_collected() -> None:
    view = three_items()
    identifier = QAccessible.uniqueId(interface_of(view).child(0))
    del view
    gc.collect()
    assert QAccessible.accessibleInterface(identifier) is None


def test_the_conversation_in_the_window_is_a_list_of_its_messages(open_window: Callable[..., OpenWindow]) -> None:
    one = open_window(FakeScript(reply="It is a **seat**."))
    one.wait_for_model()
    one.ask("What is an inglenook?")
    one.wait_until_idle()
    found = QAccessible.queryAccessibleInterface(one.page.transcript)
    assert (found.role(), found.text(QAccessible.Text.Name)) == (QAccessible.Role.List, "Conversation")
    names = [found.child(index).text(QAccessible.Text.Name) for index in range(2)]
    assert names == ["You wrote", "Answer of SmolLM2 135M"]
    assert found.child(1).text(QAccessible.Text.Description) == "It is a **seat**."
