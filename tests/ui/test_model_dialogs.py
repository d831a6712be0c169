"""The model in use, as the user changes it: its parameters, stopping a load, giving its memory back, a safe start."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.core.cancel import CancelToken
from app.core.errors import InvalidParameterError, ModelChangedError, ModelCheckError
from app.core.model import Backend, KvCacheType, LoadParameters, LoadStep, ModelInfo
from app.core.prompt import PromptMessage
from app.core.run import RunStep
from app.core.settings import OverflowPolicy, Theme
from app.engine.fake import FakeEngine, FakeMachineSource, FakeScript
from app.services.problem_report import ReportSources
from app.services.safe_start import CrashFound
from app.storage.settings import SettingsStore
from app.ui.chat.model_state import ModelState, ModelStatus
from app.ui.parameters.loading import LoadingDialog
from app.ui.parameters.sampling import SamplingDialog
from app.ui.parameters.settings import SettingsDialog
from app.ui.report_dialog import ReportDialog
from app.ui.tasks import Lane
from tests.included import INCLUDED_MODEL
from tests.ui.driving import OpenWindow

Open = Callable[..., OpenWindow]


class PickyEngine(FakeEngine):
    """The fake, which tells what it turned its parameters into, and refuses a q4_0 cache."""

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        if parameters.kv_cache_type is KvCacheType.Q4_0:
            self.unload()
            raise InvalidParameterError("The KV cache type q4_0 needs flash attention. Turn that on.")
        info = super().load(parameters, cancel, on_progress)
        return replace(info, load=replace(parameters, threads=2))


def loading_dialog(one: OpenWindow) -> LoadingDialog:
    found = one.dialog()
    assert isinstance(found, LoadingDialog)
    return found


def test_the_model_is_loaded_again_with_what_was_chosen(open_window: Open) -> None:
    one = open_window(FakeScript(reply="ok"))
    one.wait_for_model()
    one.page.header.loading_action.trigger()
    dialog = loading_dialog(one)
    assert dialog.windowTitle() == "Loading SmolLM2 135M"
    processor = "CPU: A pretended processor, 8.0 GB of memory, 4.0 GB free"
    assert processor in [label.text() for label in dialog.findChildren(QLabel)]
    dialog.form.editor("context_length").show_value(1024)
    dialog.apply_button.click()
    assert one.model_state() is ModelState.LOADING
    one.wait_until_idle()
    assert one.engine.model is not None
    assert one.engine.model.context_length == 1024
    one.page.header.loading_action.trigger()
    assert loading_dialog(one).form.editor("context_length").value() == 1024
    loading_dialog(one).close()


def test_what_the_engine_refuses_stands_in_the_dialog_again(open_window: Open) -> None:
    one = open_window(engine=PickyEngine(FakeScript(reply="ok")))
    one.wait_for_model()
    one.page.header.loading_action.trigger()
    first = loading_dialog(one)
    first.form.editor("kv_cache_type").show_value(KvCacheType.Q4_0)
    first.form.editor("batch_tokens").show_value(256)
    first.apply_button.click()
    one.wait_until_idle()
    again = loading_dialog(one)
    assert again.problem == "The KV cache type q4_0 needs flash attention. Turn that on."
    assert again.form.editor("batch_tokens").value() == 256, "nothing that was chosen is lost"
    again.form.editor("kv_cache_type").show_value(KvCacheType.Q8_0)
    again.apply_button.click()
    one.wait_until_idle()
    assert one.model_state() is ModelState.READY
    assert one.engine.model is not None
    assert one.engine.model.load.batch_tokens == 256


def test_sampling_counts_from_the_next_message_on(open_window: Open) -> None:
    one = open_window(FakeScript(reply="one two three four five"))
    one.wait_for_model()
    one.page.header.sampling_action.trigger()
    dialog = one.dialog()
    assert isinstance(dialog, SamplingDialog)
    assert dialog.form.editor("temperature").value() == one.services.models.included.sampling.temperature
    dialog.form.editor("max_tokens").show_value(2)
    dialog.apply_button.click()
    one.wait_until_idle()
    assert one.model_state() is ModelState.READY
    one.ask("Count")
    one.wait_until_idle()
    assert one.texts() == ["Count", "one two"]
    assert one.answer_row().label == "Ended at the token limit"
    one.page.header.sampling_action.trigger()
    again = one.dialog()
    assert isinstance(again, SamplingDialog)
    assert again.form.editor("max_tokens").value() == 2
    again.recommended_button.click()
    assert again.form.editor("max_tokens").value() == one.services.models.included.sampling.max_tokens
    again.close()


def test_loading_can_be_stopped_with_the_button_and_with_escape(open_window: Open, tmp_path: Path) -> None:
    one = open_window(FakeScript(reply="ok", load_seconds=5))
    one.qtbot.waitUntil(lambda: "loading" in one.page.header.words)
    assert one.page.header.stop_button.isVisible()
    QTest.mouseClick(one.page.header.stop_button, Qt.MouseButton.LeftButton)
    one.wait_until_idle()
    assert one.model_state() is ModelState.NONE
    assert one.page.header.words == "No model"
    assert not one.page.header.stop_button.isVisible()
    assert one.page.composer.field.placeholderText() == "Write a message…"
    one.page.header.included_action.trigger()
    one.qtbot.waitUntil(lambda: "loading" in one.page.header.words)
    one.press(Qt.Key.Key_Escape)
    one.wait_until_idle()
    assert one.model_state() is ModelState.NONE
    assert one.page.notices.sentences == [], "stopping is no failure"


def test_escape_gives_the_waiting_message_back_before_it_stops_the_load(open_window: Open) -> None:
    one = open_window(FakeScript(reply="ok", load_seconds=5))
    one.qtbot.waitUntil(lambda: "loading" in one.page.header.words)
    one.ask("Never mind")
    one.press(Qt.Key.Key_Escape)
    one.qtbot.waitUntil(lambda: one.page.composer.text == "Never mind")
    assert one.model_state() is ModelState.LOADING
    one.press(Qt.Key.Key_Escape)
    one.wait_until_idle()
    assert one.model_state() is ModelState.NONE


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (LoadStep.CHECKING, "checking the file 40%"),
        (LoadStep.TRYING, "trying it out"),
        (LoadStep.LOADING, "loading 40%"),
    ],
)
def test_the_header_says_what_is_being_done(open_window: Open, step: LoadStep, words: str) -> None:
    one = open_window()
    one.wait_for_model()
    one.page.show_status(ModelStatus(ModelState.LOADING, "M", fraction=0.4, step=step))
    assert one.page.header.words == f"M {words}"


def test_the_model_is_unloaded_and_the_window_says_what_to_do(open_window: Open) -> None:
    one = open_window(FakeScript(reply="ok"))
    one.wait_for_model()
    one.page.header.unload_action.trigger()
    one.wait_until_idle()
    assert one.engine.model is None
    assert one.page.header.words == "No model"
    assert not one.page.banner.isVisible()
    actions = one.page.header
    for action in (actions.unload_action, actions.loading_action, actions.sampling_action):
        assert not action.isEnabled()
    one.ask("Hello?")
    one.wait_until_idle()
    assert one.page.composer.text == "Hello?"
    buttons = one.page.notices.rows[0].action_buttons
    assert [b.text() for b in buttons] == ["Open a model file…", "Use the included model"]
    buttons[1].click()
    one.wait_for_model()
    one.press(Qt.Key.Key_Return)
    one.wait_until_idle()
    assert one.texts() == ["Hello?", "ok"]


def test_settings_are_chosen_in_the_sidebar_and_kept(open_window: Open) -> None:
    one = open_window()
    one.wait_for_model()
    one.window.sidebar.footer.settings_button.click()
    dialog = one.dialog()
    assert isinstance(dialog, SettingsDialog)
    dialog.form.editor("theme").show_value(Theme.DARK)
    dialog.form.editor("overflow").show_value(OverflowPolicy.SHIFT)
    dialog.form.editor("prompt_cache_megabytes").show_value(100)
    dialog.apply_button.click()
    stored = one.services.settings.load()
    assert (stored.theme, stored.overflow, stored.prompt_cache_megabytes) == (Theme.DARK, OverflowPolicy.SHIFT, 100)
    assert one.window.appearance.is_dark
    assert one.window.sidebar.footer.theme_button(Theme.DARK).isChecked()


def report_sources(tmp_path: Path, log_file: Path) -> ReportSources:
    machine = FakeMachineSource().ask(None)
    return ReportSources(log_file, SettingsStore(tmp_path / "reported" / "settings.json"), lambda: machine)


def crash(tmp_path: Path) -> CrashFound:
    log = tmp_path / "inglenook.log"
    log.write_text("the last words\n", encoding="utf-8")
    return CrashFound("SmolLM2 135M", INCLUDED_MODEL, RunStep.WRITING, log)


def test_after_a_crash_nothing_is_loaded_until_the_user_says_so(open_window: Open, tmp_path: Path) -> None:
    one = open_window(FakeScript(reply="ok"), crash=crash(tmp_path))
    one.qtbot.wait(200)
    assert not one.window.tasks.is_busy_on(Lane.ENGINE)
    assert one.page.header.words == "No model"
    assert "while SmolLM2 135M was writing an answer" in one.page.notices.sentences[0]
    row = one.page.notices.rows[0]
    assert [b.text() for b in row.action_buttons] == ["Load it again", "Use the included model", "Report the problem…"]
    row.action_buttons[0].click()
    one.wait_for_model()
    assert one.page.notices.rows == []


def test_after_a_crash_with_a_gpu_the_model_can_be_loaded_on_the_processor(open_window: Open, tmp_path: Path) -> None:
    one = open_window(FakeScript(reply="ok"), crash=replace(crash(tmp_path), may_use_gpu=True))
    row = one.page.notices.rows[0]
    assert row.action_buttons[1].text() == "Load it on the processor"
    row.action_buttons[1].click()
    one.wait_for_model()
    model = one.window.loader.current
    assert model is not None
    assert model.info.load.backend is Backend.CPU


def test_the_crash_is_reported_and_the_choice_stays(open_window: Open, tmp_path: Path) -> None:
    found = crash(tmp_path)
    one = open_window(FakeScript(reply="ok"), crash=found, report=report_sources(tmp_path, found.log_file))
    one.page.notices.rows[0].action_buttons[2].click()
    dialog = one.dialog()
    assert isinstance(dialog, ReportDialog)
    one.qtbot.waitUntil(dialog.save_button.isEnabled)
    assert "the last words" in dialog.field.toPlainText()
    assert found.what_happened in dialog.field.toPlainText()
    dialog.close()
    one.page.notices.rows[0].action_buttons[1].click()
    one.wait_for_model()


class FrailEngine(FakeEngine):
    """The fake, whose models fail their trial until they are well."""

    is_well = False

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        if not self.is_well:
            raise ModelCheckError("The trial of this model crashed. It was not loaded.")
        return super().load(parameters, cancel, on_progress)


def test_a_model_that_failed_its_trial_can_be_tried_again(open_window: Open) -> None:
    engine = FrailEngine(FakeScript(reply="ok"))
    one = open_window(engine=engine)
    one.qtbot.waitUntil(lambda: bool(one.page.notices.rows))
    assert one.page.notices.sentences == ["The trial of this model crashed. It was not loaded."]
    assert one.model_state() is ModelState.FAILED
    buttons = one.page.notices.rows[0].action_buttons
    assert [b.text() for b in buttons] == ["Open a model file…", "Try it again"]
    engine.is_well = True
    buttons[1].click()
    one.wait_for_model()
    assert one.page.notices.rows == []


class LosingEngine(FakeEngine):
    """The fake, whose model's file was cut: it gives the model up at the next question."""

    def count_prompt_tokens(self, messages: Sequence[PromptMessage], thinking: bool | None = None) -> int:
        del messages, thinking
        self.unload()
        raise ModelChangedError("The model file was cut while the model was in use. Open the model again.")


def test_a_model_whose_file_was_changed_is_no_longer_shown_as_in_use(open_window: Open) -> None:
    one = open_window(engine=LosingEngine())
    one.wait_for_model()
    one.ask("Hello")
    one.wait_until_idle()
    assert one.model_state() is ModelState.NONE
    assert one.page.header.words == "No model"
    (row,) = one.page.notices.rows
    assert row.notice.sentence.startswith("The model file was cut")
    assert one.page.composer.text == "Hello"
    assert [button.text() for button in row.action_buttons] == ["Open a model file…", "Use the included model"]
    row.action_buttons[1].click()
    one.wait_for_model()
    assert one.model_state() is ModelState.READY
