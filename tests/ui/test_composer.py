"""Where one writes: what sends, what breaks the line, and what an input method keeps for itself."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.chat.composer import ComposerView
from app.ui.fonts import LINE_PIXELS
from app.ui.theme import Appearance


@pytest.fixture
def composer(qtbot: QtBot, appearance: Appearance) -> ComposerView:
    made = ComposerView(appearance)
    qtbot.addWidget(made)
    made.resize(500, 100)
    made.show()
    made.field.setFocus()
    return made


@pytest.fixture
def sent(composer: ComposerView) -> list[str]:
    texts: list[str] = []
    composer.send_requested.connect(texts.append)
    return texts


def compose(composer: ComposerView, preedit: str, commit: str = "") -> None:
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(composer.field, event)


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier),
    ],
)
def test_enter_sends_and_breaks_no_line(
    composer: ComposerView, sent: list[str], key: Qt.Key, modifiers: Qt.KeyboardModifier
) -> None:
    QTest.keyClicks(composer.field, "Hello")
    QTest.keyClick(composer.field, key, modifiers)
    assert sent == ["Hello"]
    assert composer.text == "Hello", "the field keeps the text until it is told that it was taken"


def test_shift_enter_breaks_the_line(composer: ComposerView, sent: list[str]) -> None:
    QTest.keyClicks(composer.field, "one")
    QTest.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(composer.field, "two")
    assert sent == []
    assert composer.text.replace("\u2028", "\n") == "one\ntwo"
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert sent == ["one\ntwo"]


def test_an_input_methods_enter_never_sends(composer: ComposerView, sent: list[str]) -> None:
    QTest.keyClicks(composer.field, "To ")
    compose(composer, "にほん")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert sent == []
    compose(composer, "", "日本")
    assert composer.text == "To 日本"
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert sent == ["To 日本"]


def test_escape_belongs_to_the_composition_while_there_is_one(composer: ComposerView) -> None:
    def overrides() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(composer.field, event)
        return event.isAccepted()

    assert not overrides()
    compose(composer, "に")
    assert overrides()


@pytest.mark.parametrize("text", ["", "   ", "\t "])
def test_nothing_is_not_sent(composer: ComposerView, sent: list[str], text: str) -> None:
    composer.set_text(text)
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert sent == []
    assert not composer.button.isEnabled()


def test_the_button_sends_and_while_an_answer_is_written_it_stops(composer: ComposerView, sent: list[str]) -> None:
    stopped: list[bool] = []
    composer.stop_requested.connect(lambda: stopped.append(True))
    composer.set_text("Hello")
    QTest.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    assert sent == ["Hello"]
    composer.set_can_stop(True)
    assert composer.button.text() == "Stop"
    QTest.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    assert stopped == [True]
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert sent == ["Hello"], "Enter does not send while an answer is written"
    assert composer.text == "Hello"


def test_it_grows_from_one_line_to_eight(composer: ComposerView, qtbot: QtBot) -> None:
    one = composer.field.height()
    assert one == LINE_PIXELS
    heights = []
    for lines in (2, 8, 30):
        composer.set_text("\n".join("x" * lines))
        qtbot.wait(1)
        heights.append(composer.field.height())
    assert one < heights[0] < heights[1]
    assert heights[1] == heights[2] == 8 * LINE_PIXELS


def test_pasted_rich_text_is_plain(composer: ComposerView) -> None:
    from PySide6.QtCore import QMimeData

    data = QMimeData()
    data.setHtml("<b>bold</b>")
    data.setText("bold")
    composer.field.insertFromMimeData(data)
    assert composer.text == "bold"
    assert "font-weight" not in composer.field.toHtml().split("<body", 1)[1].split("bold", 1)[0].split(">", 2)[-1]


def test_a_returned_text_stands_before_what_was_written_since(composer: ComposerView) -> None:
    composer.set_text("newer")
    composer.give_back("older")
    assert composer.text == "older\n\nnewer"


def test_the_placeholder_names_the_model(composer: ComposerView) -> None:
    composer.set_model_name("SmolLM2 135M")
    assert composer.field.placeholderText() == "Write to SmolLM2 135M…"
