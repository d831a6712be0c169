"""The speed report, as a person opens, runs, stops, copies and opens it again."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.cancel import CancelToken
from app.core.errors import DiskFullError, ModelLoadError
from app.core.model import LoadParameters, ModelInfo
from app.core.speed import STANDARD_TESTS
from app.engine.fake import FakeScript
from app.storage.speed_reports import SpeedReportStore
from app.ui.chat.model_state import ModelState
from app.ui.speed_report.dialog import SpeedReportDialog
from tests.ui.driving import OpenWindow

Open = Callable[..., OpenWindow]
SLOW = FakeScript(reply="yes", batch_seconds=0.15)
NAMES = [test.name for test in STANDARD_TESTS]


def open_report(one: OpenWindow) -> SpeedReportDialog:
    """Choose it in the model's menu."""
    one.page.header.speed_action.trigger()
    dialog = one.dialog()
    assert isinstance(dialog, SpeedReportDialog)
    return dialog


def figures(dialog: SpeedReportDialog, name: str) -> list[str]:
    """What a row says right of the test's size: rate, range, first token, total, runs."""
    return dialog.table.words[name][-5:]


def wait_until_measured(one: OpenWindow) -> None:
    one.qtbot.waitUntil(lambda: not one.window.dialogs.speed_runner.is_running, timeout=20_000)


def test_it_opens_with_what_will_be_measured_and_what_to_do(open_window: Open) -> None:
    one = open_window()
    one.wait_for_model()
    dialog = open_report(one)
    assert "SmolLM2 135M" in dialog.purpose.text()
    assert "few minutes" in dialog.purpose.text()
    assert dialog.status.text() == "Nothing is measured yet. Press Run to begin."
    assert dialog.run_button.text() == "Run"
    assert list(dialog.table.words) == NAMES
    assert dialog.table.words["quick_question"] == ["Quick question", "500 read, 150 written", *["–"] * 5]
    assert not dialog.reports.isVisible()
    assert not dialog.copy_button.isEnabled()
    assert not dialog.facts.isVisible()


def test_a_run_fills_the_table_and_is_kept(open_window: Open) -> None:
    one = open_window()
    one.wait_for_model()
    dialog = open_report(one)
    dialog.run_button.click()
    assert dialog.run_button.text() == "Stop"
    wait_until_measured(one)
    assert dialog.run_button.text() == "Run"
    assert dialog.status.text() == "Measured just now, and kept on this computer."
    rate, _, first, total, runs = figures(dialog, "quick_question")
    assert float(rate.replace(",", "")) > 0
    assert "ms" in first
    assert "ms" in total
    assert runs == "3"
    assert figures(dialog, "pp512")[2] == "–", "nothing is written, so there is no first token"
    assert dialog.table.words["multi_turn_chat"][1:3] == ["3,947 read, 148 written", "scaled"]
    assert dialog.facts.words[0].startswith("SmolLM2 135M, F16")
    assert "A pretended processor" in dialog.facts.words[1]
    assert len(one.services.speed.earlier()) == 1


def test_markdown_is_copied_and_the_button_says_so(open_window: Open) -> None:
    one = open_window()
    one.wait_for_model()
    dialog = open_report(one)
    dialog.run_button.click()
    wait_until_measured(one)
    dialog.copy_button.click()
    assert dialog.copy_button.text() == "Copied"
    text = QGuiApplication.clipboard().text()
    assert text.startswith("**SmolLM2 135M** on A pretended processor")
    assert text.count("\n|") == 2 + len(NAMES)
    one.qtbot.waitUntil(lambda: dialog.copy_button.text() == "Copy as Markdown", timeout=4000)


def test_an_earlier_report_is_shown_again_and_tells_how_long_the_next_will_take(open_window: Open) -> None:
    one = open_window()
    one.wait_for_model()
    dialog = open_report(one)
    dialog.run_button.click()
    wait_until_measured(one)
    measured = dialog.table.words
    dialog.close()
    again = open_report(one)
    assert again.status.text().startswith("Measured on ")
    assert again.table.words == measured
    assert again.copy_button.isEnabled()
    assert "Going by the last report" in again.purpose.text()
    assert [again.reports.itemText(i).split(" · ")[-1] for i in range(again.reports.count())] == [
        "New report",
        "SmolLM2 135M",
    ]
    again.reports.setCurrentIndex(0)
    assert figures(again, "pp512") == ["–"] * 5
    assert not again.copy_button.isEnabled()


def test_the_test_under_way_is_said_and_stop_keeps_what_there_is_in_view(open_window: Open) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    dialog = open_report(one)
    dialog.run_button.click()
    one.qtbot.waitUntil(lambda: "Test 2 of 9: Generation" in dialog.status.text(), timeout=20_000)
    assert figures(dialog, "pp512")[4] == "3"
    assert dialog.status.text().startswith("Test 2 of 9: Generation")
    dialog.run_button.click()
    assert dialog.status.text() == "Stopping…"
    wait_until_measured(one)
    assert dialog.status.text().startswith("Stopped.")
    assert figures(dialog, "pp512")[4] == "3"
    assert figures(dialog, "document_summary") == ["–"] * 5
    assert dialog.copy_button.isEnabled()
    assert one.services.speed.earlier() == []


def test_escape_stops_the_run_and_a_second_one_closes(open_window: Open) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    dialog = open_report(one)
    dialog.run_button.click()
    one.qtbot.waitUntil(lambda: "Test 1" in dialog.status.text())
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    wait_until_measured(one)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_closing_the_dialog_stops_the_run_and_the_window_goes_on(open_window: Open) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    dialog = open_report(one)
    dialog.run_button.click()
    one.qtbot.waitUntil(lambda: "Test 1" in dialog.status.text())
    dialog.close_button.click()
    wait_until_measured(one)
    one.ask("Are you there?")
    one.wait_until_idle()
    assert one.texts() == ["Are you there?", "yes"]


def test_a_run_waits_for_the_answer_that_is_being_written(open_window: Open) -> None:
    one = open_window(FakeScript(reply="word " * 400, token_seconds=0.01))
    one.wait_for_model()
    one.ask("Go on")
    one.wait_for_words()
    dialog = open_report(one)
    assert "given up" in dialog.costs.text(), "the conversation is in the cache"
    dialog.run_button.click()
    assert dialog.status.text() == "Waiting for the answer that is being written…"
    dialog.run_button.click()
    one.qtbot.waitUntil(lambda: dialog.status.text() == "Stopped before anything was measured.")
    one.page.stop()
    one.wait_until_idle()


@pytest.mark.expects_log_records
def test_a_report_that_cannot_be_kept_is_shown_with_the_reason(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise DiskFullError("There is no room left on the disk. Make room, then try again.")

    monkeypatch.setattr(SpeedReportStore, "add", fail)
    one = open_window()
    one.wait_for_model()
    dialog = open_report(one)
    dialog.run_button.click()
    wait_until_measured(one)
    assert dialog.status.text() == "Measured just now."
    assert dialog.problem.text().startswith("There is no room left")
    assert figures(dialog, "tg128")[4] == "3"


def test_the_longer_context_is_announced_and_a_model_that_cannot_come_back_is_told(
    open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = open_window()
    loads: list[int] = []
    load = one.engine.load

    def load_trained(
        parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]
    ) -> ModelInfo:
        loads.append(parameters.context_length)
        if loads == [4096, 8192, 4096]:
            one.engine.unload()  # as every load that fails does
            raise ModelLoadError("There is not enough memory for the model.")
        one.engine._model = replace(load(parameters, cancel, on_progress), trained_context_length=8192)
        return one.engine._model

    monkeypatch.setattr(one.engine, "load", load_trained)
    one.wait_for_model()
    dialog = open_report(one)
    assert "with a context of 8,192 tokens" in dialog.costs.text()
    dialog.run_button.click()
    wait_until_measured(one)
    assert loads == [4096, 8192, 4096]
    assert dialog.problem.text() == "There is not enough memory for the model."
    assert not dialog.run_button.isEnabled()
    assert one.model_state() is ModelState.FAILED


def test_every_part_has_a_name_or_says_what_it_does(open_window: Open) -> None:
    one = open_window()
    one.wait_for_model()
    dialog = open_report(one)
    for button in (dialog.run_button, dialog.copy_button, dialog.close_button):
        assert button.text()
        assert button.toolTip()
    assert dialog.reports.accessibleName()
