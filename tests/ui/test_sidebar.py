"""The list of conversations: under which day they stand, and what can be done with them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.core.conversation import Conversation
from app.engine.fake import FakeScript
from app.ui.questions import QuestionDialog
from app.ui.sidebar.conversations import ConversationListModel
from app.ui.sidebar.groups import LAST_WEEK, OLDER, TODAY, YESTERDAY, grouped
from app.ui.sidebar.view import SidebarView
from app.ui.theme import Appearance
from tests.ui.driving import OpenWindow

Open = Callable[..., OpenWindow]


def conversation(number: int, updated_at: datetime) -> Conversation:
    return Conversation(number, f"Chat {number}", "", updated_at, updated_at)


def test_conversations_stand_under_the_day_of_their_newest_message() -> None:
    noon = datetime(2026, 11, 23, 12, 0).astimezone()
    days = (-1, 0, 1, 2, 7, 8, 400)
    listed = [conversation(number, (noon - timedelta(days=d)).astimezone(UTC)) for number, d in enumerate(days)]
    rows = grouped(listed, date(2026, 11, 23))
    assert [row if isinstance(row, str) else row.id for row in rows] == [
        *[TODAY, 0, 1],
        *[YESTERDAY, 2],
        *[LAST_WEEK, 3, 4],
        *[OLDER, 5, 6],
    ]


def test_captions_cannot_be_chosen() -> None:
    model = ConversationListModel()
    model.show([conversation(1, datetime.now(UTC))])
    assert model.flags(model.index(0)) == Qt.ItemFlag.NoItemFlags
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsSelectable


def test_three_hundred_conversations_are_no_widgets(qtbot: QtBot, appearance: Appearance) -> None:
    sidebar = SidebarView(appearance)
    qtbot.addWidget(sidebar)
    sidebar.show()
    from PySide6.QtWidgets import QWidget

    before = len(sidebar.findChildren(QWidget))
    sidebar.show_conversations([conversation(n, datetime.now(UTC)) for n in range(300)])
    assert len(sidebar.findChildren(QWidget)) == before


def opened_with_two(open_window: Open) -> OpenWindow:
    one = open_window(FakeScript(reply="ok"))
    one.wait_for_model()
    for text in ("First", "Second"):
        one.page.show_new_chat()
        one.ask(text)
        one.wait_until_idle()
    return one


def row_centre(one: OpenWindow, title: str) -> QPoint:
    view, model = one.window.sidebar.list, one.window.sidebar.model
    index = next(model.index(r) for r in range(model.rowCount()) if model.index(r).data() == title)
    return view.visualRect(index).center()


def titles(one: OpenWindow) -> list[str]:
    model = one.window.sidebar.model
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def test_a_click_shows_the_conversation(open_window: Open) -> None:
    one = opened_with_two(open_window)
    assert titles(one) == [TODAY, "Second", "First"]
    view = one.window.sidebar.list
    assert view.currentIndex().data() == "Second"
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=row_centre(one, "First"))
    assert one.texts() == ["First", "ok"]
    one.window.sidebar.new_chat_button.click()
    assert not view.selectionModel().hasSelection()


def test_renaming_in_the_list(open_window: Open, qtbot: QtBot) -> None:
    one = opened_with_two(open_window)
    view = one.window.sidebar.list
    menu = view.menu_at(row_centre(one, "First"))
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["Rename…", "Delete…"]
    view.rename_action.trigger()
    editor = view.findChildren(QLineEdit)[0]
    assert editor.text() == "First"
    editor.selectAll()
    QTest.keyClicks(editor, "A better name")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "A better name" in titles(one))
    assert [c.title for c in one.services.conversations.list()] == ["Second", "A better name"]


def test_an_empty_name_changes_nothing(open_window: Open, qtbot: QtBot) -> None:
    one = opened_with_two(open_window)
    view = one.window.sidebar.list
    view.rename_action.trigger()
    editor = view.findChildren(QLineEdit)[0]
    editor.setText("   ")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.wait(20)
    assert titles(one) == [TODAY, "Second", "First"]


def test_deleting_asks_first(open_window: Open) -> None:
    one = opened_with_two(open_window)
    view = one.window.sidebar.list
    view.delete_action.trigger()
    question = one.dialog()
    assert isinstance(question, QuestionDialog)
    assert question.text() == "Delete “Second”?"
    QTest.keyClick(question, Qt.Key.Key_Return)
    assert len(one.services.conversations.list()) == 2, "Enter means Cancel"
    view.delete_action.trigger()
    again = one.dialog()
    assert isinstance(again, QuestionDialog)
    again.act_button.click()
    assert titles(one) == [TODAY, "First"]
    assert one.page.is_empty, "what was shown is gone"


def test_a_conversation_in_which_an_answer_is_written_cannot_be_deleted(open_window: Open) -> None:
    one = open_window(FakeScript(reply="word " * 400, token_seconds=0.01))
    one.wait_for_model()
    one.ask("Count")
    one.wait_for_words()
    menu = one.window.sidebar.list.menu_at(row_centre(one, "Count"))
    assert menu is not None
    assert not menu.actions()[1].isEnabled()
    assert "being written" in menu.actions()[1].text()
    one.page.stop()
    one.wait_until_idle()
    menu = one.window.sidebar.list.menu_at(row_centre(one, "Count"))
    assert menu is not None
    assert menu.actions()[1].isEnabled()
