"""What the window says of memory: the load dialog's live plan, and what came of it after the load."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from app.core.cancel import CancelToken
from app.core.errors import ModelFileError
from app.core.model import FlashAttention, KvCacheType, LoadParameters, LoraAdapter, ModelInfo
from app.core.plan import LoadPlan, SpeedRange, Verdict
from app.engine.fake import FakeEngine, FakeScript
from app.ui.about_dialog import AboutDialog
from app.ui.model_memory import ModelMemoryView
from app.ui.parameters.load_plan import LoadPlanView
from app.ui.parameters.loading import LoadingDialog
from app.ui.plan_words import speed_words, verdict_kind, verdict_words
from app.ui.theme import Appearance
from tests.planning import LAYERS, PretendedPlanner, PretendedPlans
from tests.ui.driving import OpenWindow

Open = Callable[..., OpenWindow]
FILE = Path("m.gguf")


class TellingEngine(FakeEngine):
    """The fake, with 40 layers and the buffers that were planned, but for 1 % more weights."""

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        info = super().load(parameters, cancel, on_progress)
        planned = PretendedPlanner(parameters.path).plan(parameters).memory
        taken = [replace(one, weights_bytes=round(one.weights_bytes * 1.01)) for one in planned.devices]
        self._model = replace(info, layer_count=LAYERS, memory=replace(planned, devices=tuple(taken)))
        return self._model


@pytest.fixture
def open_dialog(qtbot: QtBot, appearance: Appearance) -> Callable[[LoadParameters], LoadingDialog]:
    def make(asked: LoadParameters) -> LoadingDialog:
        dialog = LoadingDialog("M", asked, plan=LoadPlanView(appearance))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # the fixture closes it
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


@pytest.fixture
def dialog(open_dialog: Callable[[LoadParameters], LoadingDialog]) -> LoadingDialog:
    """What is advised, planned."""
    made = open_dialog(LoadParameters(FILE, context_length=16384))
    made.show_planner(PretendedPlanner(FILE))
    return made


def view(dialog: LoadingDialog) -> LoadPlanView:
    assert dialog.plan is not None
    return dialog.plan


def bars(dialog: LoadingDialog) -> list[str]:
    return [row.bar.legend for row in view(dialog).devices.rows if row.isVisible()]


def header_tip(one: OpenWindow) -> str:
    name = one.page.header.findChild(QWidget, "ModelName")
    assert isinstance(name, QWidget)
    return name.toolTip()


def test_until_there_is_a_planner_it_says_so(open_dialog: Callable[[LoadParameters], LoadingDialog]) -> None:
    dialog = open_dialog(LoadParameters(FILE))
    assert view(dialog).words == "Working out what this takes…"
    dialog.show_no_plan("the file is gone.")
    assert view(dialog).words == "Cannot tell: the file is gone."
    assert bars(dialog) == []


def test_the_plan_says_where_how_fast_and_why(dialog: LoadingDialog) -> None:
    assert view(dialog).words == "all on GPU · 16k context ≈ 47–58 tok/s There is room for all of it."
    assert bars(dialog) == ["weights 14.0 · KV cache 3.3 · compute 1.0 · in use 1.0 … 18.3 of 23.0 GB free"]
    assert view(dialog).remedies == []


def test_it_follows_every_change_at_once(dialog: LoadingDialog) -> None:
    dialog.form.editor("context_length").show_value(8192)
    assert "KV cache 1.6" in bars(dialog)[0]
    dialog.form.editor("kv_cache_type").show_value(KvCacheType.Q8_0)
    assert "KV cache 0.8" in bars(dialog)[0]
    dialog.form.editor("gpu_layers").show_value(10)
    begun = [bar.partition(" ·")[0] for bar in bars(dialog)]
    assert begun == ["weights 3.5", "weights 10.5"], "the card comes first"
    assert view(dialog).verdict.text() == "10 of 40 layers on GPU"
    dialog.form.editor("gpu_layers").show_value(None)
    assert len(bars(dialog)) == 1


def test_files_beside_the_model_are_planned_too(
    open_dialog: Callable[[LoadParameters], LoadingDialog], tmp_path: Path
) -> None:
    planned: list[LoadParameters] = []

    class Noting(PretendedPlanner):
        def plan(self, parameters: LoadParameters) -> LoadPlan:
            planned.append(parameters)
            return super().plan(parameters)

    dialog = open_dialog(LoadParameters(FILE))
    dialog.show_planner(Noting(FILE))
    dialog.adapters.add_file(str(tmp_path / "a.gguf"))
    dialog.draft.show_value(tmp_path / "d.gguf")
    assert planned[-1].adapters == (LoraAdapter(tmp_path / "a.gguf"),)
    assert planned[-1].draft_model == tmp_path / "d.gguf"


def test_a_remedy_changes_the_form(dialog: LoadingDialog) -> None:
    dialog.form.editor("flash_attention").show_value(FlashAttention.OFF)
    dialog.form.editor("context_length").show_value(65536)
    assert view(dialog).verdict.text() == "fits with a shorter context"
    assert view(dialog).verdict.property("kind") == "verdict-warn"
    assert "too much" in bars(dialog)[0]
    assert [button.text() for button in view(dialog).remedies] == ["Use a q8_0 KV cache", "Shorten the context to 32k"]
    view(dialog).remedies[0].click()
    assert dialog.form.editor("kv_cache_type").value() is KvCacheType.Q8_0
    assert dialog.form.editor("context_length").value() == 65536
    assert dialog.form.editor("flash_attention").value() is FlashAttention.AUTO, "such a cache needs it"
    assert view(dialog).verdict.text() == "all on GPU · 64k context"
    assert view(dialog).remedies == []


def test_a_remedy_that_needs_no_flash_attention_leaves_it_off(dialog: LoadingDialog) -> None:
    dialog.form.editor("flash_attention").show_value(FlashAttention.OFF)
    dialog.form.editor("context_length").show_value(65536)
    view(dialog).remedies[1].click()
    assert dialog.form.editor("context_length").value() == 32768
    assert dialog.form.editor("flash_attention").value() is FlashAttention.OFF


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [("rope_frequency_base", 1.0, "the header contradicts itself."), ("device_split", "", "Device split must be")],
)
def test_what_cannot_be_planned_says_why(dialog: LoadingDialog, name: str, value: float, why: str) -> None:
    if name == "device_split":
        dialog.form.editor(name).line.setText("3, many")  # type: ignore[attr-defined]
    else:
        dialog.form.editor(name).show_value(value)
    assert view(dialog).words.startswith(f"Cannot tell: {why}")
    assert bars(dialog) == []
    assert view(dialog).remedies == []


def test_back_to_defaults_is_what_the_plan_advises(dialog: LoadingDialog) -> None:
    assert view(dialog).advised.isVisible()
    dialog.form.editor("context_length").show_value(4096)
    dialog.form.editor("gpu_layers").show_value(3)
    dialog.form.editor("batch_tokens").show_value(64)
    assert not view(dialog).advised.isVisible()
    chosen: list[LoadParameters] = []
    dialog.parameters_chosen.connect(chosen.append)
    dialog.defaults_button.click()
    assert view(dialog).advised.isVisible()
    assert view(dialog).advised.text() == "as advised for this computer"
    dialog.apply_button.click()
    assert chosen == [LoadParameters(FILE, context_length=16384)]


def test_the_card_does_not_push_the_form_about(dialog: LoadingDialog, qtbot: QtBot) -> None:
    dialog.form.editor("context_length").show_value(65536)
    qtbot.waitUntil(lambda: view(dialog).remedies[0].isVisible() and view(dialog).minimumHeight() > 0)
    qtbot.wait(1)
    height = view(dialog).height()
    dialog.form.editor("context_length").show_value(4096)
    qtbot.wait(1)
    assert view(dialog).height() == height


@pytest.mark.parametrize(
    ("speed", "words"),
    [
        (SpeedRange(47.2, 58.4), "≈ 47–58 tok/s"),
        (SpeedRange(2.14, 2.84), "≈ 2.1–2.8 tok/s"),
        (SpeedRange(56.1, 56.4), "≈ 56 tok/s"),
        (None, ""),
    ],
)
def test_a_speed_is_a_range(speed: SpeedRange | None, words: str) -> None:
    assert speed_words(speed) == words


def test_no_verdict_is_green_when_it_does_not_fit() -> None:
    assert verdict_kind(Verdict.ALL_ON_GPU, fits=True) == "verdict-good"
    assert verdict_kind(Verdict.ALL_ON_GPU, fits=False) == "verdict-bad"
    assert verdict_kind(Verdict.UNKNOWN, fits=True) == "verdict-none"
    plan = PretendedPlanner(FILE).plan(LoadParameters(FILE))
    for verdict in Verdict:
        assert verdict_words(replace(plan, verdict=verdict), 4096, 31)


def test_the_window_plans_off_the_main_thread_and_loads_as_advised(open_window: Open) -> None:
    one = open_window(engine=TellingEngine(FakeScript(reply="ok")), plans=PretendedPlans())
    one.wait_for_model()
    assert one.engine.model is not None
    assert one.engine.model.load.context_length == 16384
    one.page.header.loading_action.trigger()
    dialog = one.dialog()
    assert isinstance(dialog, LoadingDialog)
    one.qtbot.waitUntil(lambda: view(dialog).verdict.isVisible())
    assert view(dialog).verdict.text() == "all on GPU · 16k context"
    assert view(dialog).outcome.text() == "As it is loaded now: planned 18.3 GB, took 18.4 GB (+0.8 %)."
    dialog.close()


def test_a_planner_that_comes_too_late_harms_nothing(open_window: Open) -> None:
    one = open_window(engine=TellingEngine(FakeScript(reply="ok")), plans=PretendedPlans())
    one.wait_for_model()
    one.page.header.loading_action.trigger()
    one.dialog().close()
    one.wait_until_idle()
    assert one.model_state().name == "READY"


def test_a_file_that_cannot_be_planned_is_loaded_and_says_why(open_window: Open) -> None:
    failure = ModelFileError("The header contradicts itself.")
    one = open_window(FakeScript(reply="ok"), plans=PretendedPlans(failure))
    one.wait_for_model()
    one.page.header.loading_action.trigger()
    dialog = one.dialog()
    assert isinstance(dialog, LoadingDialog)
    one.wait_until_idle()
    assert view(dialog).words == "Cannot tell: The header contradicts itself."
    dialog.close()


def test_planned_against_actual_is_kept_with_the_model(open_window: Open) -> None:
    one = open_window(engine=TellingEngine(FakeScript(reply="ok")), plans=PretendedPlans())
    one.wait_for_model()
    words = "Planned 18.3 GB, took 18.4 GB (+0.8 %)"
    assert header_tip(one) == f"SmolLM2 135M\n{words}"
    one.page.header.about_model_action.trigger()
    dialog = one.dialog()
    assert isinstance(dialog, AboutDialog)
    (memory,) = dialog.findChildren(ModelMemoryView)
    assert memory.line.text() == words
    assert [row.bar.legend for row in memory.devices.rows] == [
        "weights 14.1 · KV cache 3.3 · compute 1.0 · in use 1.0 … 18.4 of 23.0 GB free"
    ]
    tabs = dialog.findChild(QTabWidget)
    assert isinstance(tabs, QTabWidget)
    assert [tabs.tabText(n) for n in range(tabs.count())] == ["Memory", "Apache-2.0"]
    dialog.close()
    one.page.header.unload_action.trigger()
    one.wait_until_idle()
    assert header_tip(one) == "No model"


def test_slowness_is_told_once_with_a_way_to_mend_it(open_window: Open) -> None:
    class HalfEngine(TellingEngine):
        def load(
            self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]
        ) -> ModelInfo:
            return super().load(replace(parameters, gpu_layers=31), cancel, on_progress)

    one = open_window(engine=HalfEngine(FakeScript(reply="ok")), plans=PretendedPlans())
    one.wait_for_model()
    one.wait_until_idle()
    (row,) = one.page.notices.rows
    assert row.notice.sentence.startswith("Only 31 of 40 layers run on NVIDIA GeForce RTX 4090")
    assert [button.text() for button in row.action_buttons] == ["Loading…"]
    row.action_buttons[0].click()
    dialog = one.dialog()
    assert isinstance(dialog, LoadingDialog)
    dialog.close()
    assert one.page.notices.rows == []
    one.window.loader.change_sampling(replace(one.services.models.included.sampling, temperature=1.0))
    one.wait_until_idle()
    assert one.page.notices.rows == [], "it was no other load"
