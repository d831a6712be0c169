"""What a model thinks before its answer, and what else is told about how an answer came about."""

import json
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.core.generation import StopReason
from app.engine.fake import FakeScript
from app.ui.transcript.reply_turn import THINKING, ReplyTurn
from tests.ui.driving import OpenWindow

Open = Callable[..., OpenWindow]
THOUGHT = "First I look.\nThen I think."
THINKER = FakeScript(reasoning=THOUGHT, reply="It is blue.")
SLOW = FakeScript(reasoning="so " * 100, reply="It is blue. " * 50, token_seconds=0.01)


def test_what_was_thought_is_folded_above_the_answer(open_window: Open) -> None:
    one = open_window(THINKER)
    one.wait_for_model()
    one.ask("Why?")
    one.wait_until_idle()
    row = one.answer_row()
    assert row.text == "It is blue.", "what was thought is no part of the answer"
    button = one.fold_of(row).button
    assert button.text().startswith("▸ Thought for 0.")
    assert row.shown_reasoning == ""
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert row.shown_reasoning == THOUGHT
    assert button.text().startswith("▾ Thought for 0.")
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert row.shown_reasoning == "", "Enter folds it again"


def test_it_can_be_read_while_the_model_thinks(open_window: Open) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    one.ask("Why?")
    one.qtbot.waitUntil(lambda: any(isinstance(r, ReplyTurn) and r.reasoning for r in one.page.transcript.rows))
    row = one.answer_row()
    one.qtbot.waitUntil(lambda: row.heading == THINKING)
    one.fold_of(row).button.click()
    before = row.shown_reasoning
    one.qtbot.waitUntil(lambda: len(row.shown_reasoning) > len(before) > 0)
    one.qtbot.waitUntil(lambda: "tok/s" in one.page.strip.words)
    one.qtbot.waitUntil(lambda: row.heading.startswith("Thought for "), timeout=10_000)
    assert row.is_open, "it stays open when the answer begins"
    one.page.stop()
    one.wait_until_idle()
    assert one.answer_row().shown_reasoning == SLOW.reasoning.rstrip()


def test_it_is_there_again_when_the_conversation_is_opened_again(open_window: Open) -> None:
    one = open_window(THINKER)
    one.wait_for_model()
    one.ask("Why?")
    one.wait_until_idle()
    shown = one.page.shown_id
    assert shown is not None
    one.page.show_new_chat()
    one.page.show_conversation(shown)
    row = one.answer_row()
    assert row.heading.startswith("Thought for 0.")
    one.fold_of(row).button.click()
    assert row.shown_reasoning == THOUGHT


def test_a_conversation_that_is_left_while_the_model_thinks_shows_it_all_later(open_window: Open) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    one.ask("Why?")
    one.qtbot.waitUntil(lambda: any(isinstance(r, ReplyTurn) and r.reasoning for r in one.page.transcript.rows))
    shown = one.page.shown_id
    assert shown is not None
    one.page.show_new_chat()
    one.qtbot.waitUntil(lambda: one.window.replies.live[0].reasoning.startswith("so so so"))
    one.page.show_conversation(shown)
    assert one.answer_row().reasoning.startswith("so so so")
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
    explanation = one.answer_foot().explanation
    for words in (
        "Written by SmolLM2 135M",
        "Reasoning: 6 tokens in ",
        "File: SmolLM2",
        "context length 4,096",
        "seed",
    ):
        assert words in explanation
    details = next(a for a in one.answer_foot().buttons.menu.actions() if a.text() == "Copy details")
    details.trigger()
    details = json.loads(QGuiApplication.clipboard().text())
    assert details["model"] == "SmolLM2 135M"
    assert details["stop_reason"] == StopReason.END_OF_TURN
    assert details["statistics"]["reasoning_tokens"] == 6
    assert details["provenance"]["load"]["context_length"] == 4096
    assert isinstance(details["provenance"]["sampling"]["seed"], int)
