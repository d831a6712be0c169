"""What a model thinks before its answer, and what else is told about how an answer came about."""

import json
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.core.generation import StopReason
from app.engine.fake import FakeScript
from app.ui.transcript.folded_text import FoldedText
from app.ui.transcript.reply_row import THINKING, ReplyRow
from tests.ui.driving import OpenWindow

Open = Callable[..., OpenWindow]
THOUGHT = "First I look.\nThen I think."
THINKER = FakeScript(reasoning=THOUGHT, reply="It is blue.")
SLOW = FakeScript(reasoning="so " * 100, reply="It is blue. " * 50, token_seconds=0.01)


def folded(row: ReplyRow) -> FoldedText:
    assert row.reasoning is not None
    return row.reasoning


def test_what_was_thought_is_folded_above_the_answer(open_window: Open) -> None:
    one = open_window(THINKER)
    one.wait_for_model()
    one.ask("Why?")
    one.wait_until_idle()
    row = one.answer_row()
    assert row.text == "It is blue.", "what was thought is no part of the answer"
    assert folded(row).heading.startswith("Thought for 0.")
    assert folded(row).shown_text == ""
    QTest.mouseClick(folded(row).button, Qt.MouseButton.LeftButton)
    assert folded(row).shown_text == THOUGHT
    folded(row).button.setFocus()
    QTest.keyClick(folded(row).button, Qt.Key.Key_Return)
    assert folded(row).shown_text == "", "Enter folds it again"


def test_it_can_be_read_while_the_model_thinks(open_window: Open) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    one.ask("Why?")
    one.qtbot.waitUntil(lambda: any(isinstance(r, ReplyRow) and r.reasoning for r in one.page.transcript.rows))
    thought = folded(one.answer_row())
    assert thought.heading == THINKING
    thought.button.click()
    before = thought.shown_text
    one.qtbot.waitUntil(lambda: len(thought.shown_text) > len(before) > 0)
    one.qtbot.waitUntil(lambda: "tok/s" in one.page.strip.words)
    one.qtbot.waitUntil(lambda: thought.heading.startswith("Thought for "), timeout=10_000)
    assert thought.button.isChecked(), "it stays open when the answer begins"
    one.page.stop()
    one.wait_until_idle()
    assert folded(one.answer_row()).shown_text == SLOW.reasoning.rstrip()


def test_it_is_there_again_when_the_conversation_is_opened_again(open_window: Open) -> None:
    one = open_window(THINKER)
    one.wait_for_model()
    one.ask("Why?")
    one.wait_until_idle()
    shown = one.page.shown_id
    assert shown is not None
    one.page.show_new_chat()
    one.page.show_conversation(shown)
    thought = folded(one.answer_row())
    assert thought.heading.startswith("Thought for 0.")
    thought.button.click()
    assert thought.shown_text == THOUGHT


def test_a_conversation_that_is_left_while_the_model_thinks_shows_it_all_later(open_window: Open) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    one.ask("Why?")
    one.qtbot.waitUntil(lambda: any(isinstance(r, ReplyRow) and r.reasoning for r in one.page.transcript.rows))
    shown = one.page.shown_id
    assert shown is not None
    one.page.show_new_chat()
    one.qtbot.wait(100)
    one.page.show_conversation(shown)
    assert folded(one.answer_row()).text.startswith("so so so")
    one.page.stop()
    one.wait_until_idle()


def test_a_repaired_prompt_is_told_below_the_answer(open_window: Open) -> None:
    one = open_window(FakeScript(reply="Yes.", repair="Two of your messages were joined."))
    one.wait_for_model()
    one.ask("Hello")
    one.wait_until_idle()
    assert one.answer_row().notes == ["Two of your messages were joined."]
    shown = one.page.shown_id
    assert shown is not None
    one.page.show_new_chat()
    one.page.show_conversation(shown)
    assert one.answer_row().notes == ["Two of your messages were joined."], "as long as the window lives"


def test_the_figures_say_with_what_they_can_be_reproduced(open_window: Open) -> None:
    one = open_window(THINKER)
    one.wait_for_model()
    one.ask("Why?")
    one.wait_until_idle()
    explanation = one.answer_row().foot.explanation
    for words in (
        "Written by SmolLM2 135M",
        "Reasoning: 6 tokens in ",
        "File: SmolLM2",
        "context length 4,096",
        "seed",
    ):
        assert words in explanation
    one.answer_row().foot.details_button.click()
    details = json.loads(QGuiApplication.clipboard().text())
    assert details["model"] == "SmolLM2 135M"
    assert details["stop_reason"] == StopReason.END_OF_TURN
    assert details["statistics"]["reasoning_tokens"] == 6
    assert details["provenance"]["load"]["context_length"] == 4096
    assert isinstance(details["provenance"]["sampling"]["seed"], int)
