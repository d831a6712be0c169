"""Every control of the window, and of each dialog that it can open, has a name for whoever cannot see it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QComboBox, QWidget

from app.core.generation import OutputFormat, OutputKind
from app.core.settings import OverflowPolicy
from app.engine.fake import FakeScript
from app.ui.questions import delete_question
from app.ui.self_test_torture import torture_messages
from app.ui.transcript.folded_text import FoldButton
from app.ui.transcript.memory import MemoryStart
from tests.ui.driving import OpenWindow
from tests.ui.messages import answer

LABEL = QAccessible.RelationFlag.Label
CODE = "```python\nprint(1)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n![alone](https://example.org/alone.png)"
DIALOGS: dict[str, Callable[[OpenWindow], object]] = {
    "about": lambda one: one.window.dialogs.show_about(),
    "about the model": lambda one: one.window.model_dialogs.show_about(),
    "crash": lambda one: one.window.dialogs.show_crash("Traceback: nobody thought of this"),
    "deleting": lambda one: delete_question("A conversation", one.window).open(),
    "format source": lambda one: one.page.composer.format_button.actions_by_kind[OutputKind.SCHEMA].trigger(),
    "grammar source": lambda one: one.page.composer.format_button.actions_by_kind[OutputKind.GRAMMAR].trigger(),
    "link": lambda one: one.page.transcript.open_link("https://example.org/"),
    "loading": lambda one: one.window.model_dialogs.show_loading(),
    "releases": lambda one: one.window.dialogs.show_releases(),
    "reader": lambda one: one.page.transcript.read_item(0),
    "sampling": lambda one: one.window.model_dialogs.show_sampling(),
    "settings": lambda one: one.window.dialogs.show_settings(),
    "speed report": lambda one: one.window.dialogs.show_speed_report(),
}


def controls(window: QWidget) -> list[QWidget]:
    """What can have the keyboard, as far as it is on screen; a part of a control that hands it on is none itself."""
    found = [widget for widget in window.findChildren(QWidget) if widget.window() is window]
    return [
        widget
        for widget in found
        if widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.focusProxy() is None
    ]


def name_of(widget: QWidget) -> str:
    """What it is called; a choice's own name is what is chosen on Linux, where its label says of what it is."""
    told = QAccessible.queryAccessibleInterface(widget)
    if isinstance(widget, QComboBox):
        return next((one.text(QAccessible.Text.Name) for one, how in told.relations() if how & LABEL), "")
    return told.text(QAccessible.Text.Name).strip()


def assert_named(window: QWidget, least: int = 1) -> None:
    """Every control has a name of letters: a sign alone is none."""
    found = controls(window)
    assert len(found) >= least
    nameless = [widget for widget in found if not any(map(str.isalnum, name_of(widget)))]
    assert [f"{type(w).__name__} {name_of(w)!r} in {type(w.parent()).__name__}" for w in nameless] == []


@pytest.fixture
def one(open_window: Callable[..., OpenWindow]) -> OpenWindow:
    opened = open_window(FakeScript(reply="Words and `code`."), notices=("A notice.",))
    opened.wait_for_model()
    opened.ask("Hello")
    opened.wait_until_idle()
    return opened


def test_of_the_window(one: OpenWindow) -> None:
    one.page.open_find()
    assert_named(one.window, 20)


def test_of_the_page(one: OpenWindow) -> None:
    view = one.page.transcript
    view.show_messages([replace(answer("Earlier", 2), reasoning="A thought."), answer(CODE, 4)])
    view.show_memory(MemoryStart(4, 1, "A summary"), OverflowPolicy.SUMMARY)
    before = len(controls(one.window))
    for folded in view.findChildren(FoldButton):
        folded.setChecked(True)
    assert_named(one.window, before)
    names = {name_of(widget) for widget in controls(one.window)}
    assert names >= {"Copy this code", "Copy this table", "Open this image in your browser"}


def test_of_the_page_with_everything_that_a_message_can_consist_of(one: OpenWindow) -> None:
    view = one.page.transcript
    view.show_messages(torture_messages(one.window.resources, one.window.resources))
    view.scroll_to(0)
    while True:
        assert_named(one.window, 10)
        if view.follows:
            break
        view.scroll_to(view.top + view.viewport().height())


def test_of_the_composer_with_a_form_and_a_question_that_is_edited(one: OpenWindow) -> None:
    one.page.composer.set_has_thinking_switch(True)
    one.page.composer.format_button.show_format(OutputFormat(OutputKind.JSON))
    one.foot_of(one.question_row()).buttons.edit_button.click()
    assert_named(one.window, 20)


@pytest.mark.parametrize("name", DIALOGS)
def test_of_a_dialog(one: OpenWindow, name: str) -> None:
    DIALOGS[name](one)
    dialog = one.dialog()
    one.qtbot.waitUntil(dialog.isVisible)
    assert_named(dialog, 2)
    dialog.close()
