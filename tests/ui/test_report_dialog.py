"""The report's dialog: what is shown is what is saved, and it opens from the menu and from the crash dialog."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.engine.fake import FakeMachineSource
from app.services.problem_report import PROMISE, ReportSources
from app.storage.settings import SettingsStore
from app.ui.crash_dialog import CrashDialog
from app.ui.report_dialog import ReportDialog
from tests.ui.driving import OpenWindow
from tests.ui.test_names import assert_named

Open = Callable[..., OpenWindow]


@pytest.fixture
def one(open_window: Open, tmp_path: Path) -> OpenWindow:
    machine = FakeMachineSource().ask(None)
    settings = SettingsStore(tmp_path / "settings.json")
    window = open_window(report=ReportSources(tmp_path / "inglenook.log", settings, lambda: machine))
    window.wait_for_model()
    return window


def report_dialog(one: OpenWindow) -> ReportDialog:
    dialog = one.dialog()
    assert isinstance(dialog, ReportDialog)
    one.qtbot.waitUntil(dialog.save_button.isEnabled)
    return dialog


def test_what_is_shown_is_saved_with_what_the_user_took_out(one: OpenWindow, tmp_path: Path) -> None:
    one.page.header.report_action.trigger()
    dialog = report_dialog(one)
    assert_named(dialog)
    text = dialog.field.toPlainText()
    assert PROMISE in text
    assert "SmolLM2 135M" in text
    dialog.field.setPlainText(text.replace("SmolLM2 135M", "a model"))
    dialog.save_button.click()
    asking = one.dialog()
    assert isinstance(asking, QFileDialog)
    target = tmp_path / "for-you.txt"
    asking.fileSelected.emit(str(target))
    asking.close()
    assert target.read_text(encoding="utf-8") == dialog.field.toPlainText()
    assert dialog.said.text() == f"Saved as {target}."
    dialog.save(str(tmp_path))
    assert str(tmp_path) in dialog.said.text(), "a folder is no file: that is said"
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text() == dialog.field.toPlainText()
    dialog.close()


def test_a_fault_is_reported_with_its_details(one: OpenWindow) -> None:
    one.window.dialogs.show_crash("Traceback: it happened here")
    crash = one.dialog()
    assert isinstance(crash, CrashDialog)
    crash.report_button.click()
    assert "Traceback: it happened here" in report_dialog(one).field.toPlainText()
    one.dialog().close()


def test_closing_it_at_once_does_no_harm(one: OpenWindow) -> None:
    one.window.dialogs.show_report()
    one.dialog().close()
    one.wait_until_idle()
