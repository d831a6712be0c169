"""Forms made from declarations: what they show of a value, what they give back, and what they refuse."""

import math
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.core.declared import Bounds, declarations, declared
from app.core.errors import InvalidParameterError
from app.core.generation import SamplingParameters, TokenBias
from app.core.machine import Device, DeviceKind
from app.core.model import FlashAttention, KvCacheType, LoadParameters, LoraAdapter, SamplingSource, Speculation
from app.core.settings import OverflowPolicy, Settings, Theme
from app.ui.choices import words_of
from app.ui.parameters import loading, sampling, settings
from app.ui.parameters.companions import AdapterRow
from app.ui.parameters.devices import DeviceEditor
from app.ui.parameters.editors import (
    ChoiceEditor,
    NumberEditor,
    NumberListEditor,
    OptionalNumberEditor,
    SwitchEditor,
    TextEditor,
    TextListEditor,
)
from app.ui.parameters.escapes import lines_from, texts_in
from app.ui.parameters.form import ParameterForm, ParameterGroup
from app.ui.parameters.loading import LoadingDialog
from app.ui.parameters.logit_bias import LogitBiasEditor, TokenBiasRow
from app.ui.parameters.sampling import SamplingDialog
from app.ui.parameters.settings import SettingsDialog
from app.ui.theme import Appearance

FILE = Path("model.gguf")
ASKED = LoadParameters(FILE, context_length=2048, kv_cache_type=KvCacheType.Q8_0, chat_template="{{ x }}")


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]


@pytest.fixture
def sampling_form(qtbot: QtBot, appearance: Appearance) -> ParameterForm:
    form = ParameterForm(SamplingParameters, sampling.GROUPS)
    qtbot.addWidget(form)
    form.show()
    return form


@pytest.mark.parametrize(
    ("kind", "groups", "elsewhere"),
    [
        (SamplingParameters, sampling.GROUPS, set()),
        (LoadParameters, loading.GROUPS, set()),
        (Settings, settings.GROUPS, {"model_path", "other_model_folders", "first_run_done"}),  # chosen on their pages
    ],
)
def test_every_declared_value_stands_in_its_form_once(
    kind: type, groups: tuple[ParameterGroup, ...], elsewhere: set[str]
) -> None:
    shown = [name for group in groups for name in group.names]
    assert len(shown) == len(set(shown))
    assert {d.name for d in declarations(kind)} - elsewhere == set(shown)


def test_a_form_gives_back_exactly_what_it_was_given(sampling_form: ParameterForm) -> None:
    given = SamplingParameters(
        temperature=0.123456789,
        top_k=1_000_000,
        seed=2**32 - 2,
        dry_breakers=("\n", "a\\n", " "),
        stop=("User:", "tab\there"),
        logit_bias=(TokenBias("yes", 2.5), TokenBias(17, -math.inf)),
    )
    sampling_form.show_values(given)
    assert SamplingParameters(**sampling_form.values()) == given


def test_a_row_has_its_title_its_help_and_its_bounds(sampling_form: ParameterForm) -> None:
    assert "Temperature" in texts(sampling_form)
    assert "0 always takes the likeliest token; higher is more varied." in texts(sampling_form)
    editor = sampling_form.editor("temperature")
    assert "Temperature must be between 0 and 5." in editor.toolTip()
    assert isinstance(editor, NumberEditor)
    assert editor.box.accessibleName() == "Temperature"


def test_numbers_cannot_leave_their_bounds(sampling_form: ParameterForm) -> None:
    sampling_form.show_values(SamplingParameters())
    editor = sampling_form.editor("top_p")
    assert isinstance(editor, NumberEditor)
    editor.box.setValue(7)
    assert editor.value() == 1.0
    editor.box.setValue(-1)
    assert 0 < editor.value() < 0.001, "0 itself is not allowed"
    SamplingParameters(**sampling_form.values())


def test_a_typed_number_is_the_value(sampling_form: ParameterForm) -> None:
    sampling_form.show_values(SamplingParameters())
    editor = sampling_form.editor("temperature")
    assert isinstance(editor, NumberEditor)
    editor.box.setFocus()
    editor.box.selectAll()
    QTest.keyClicks(editor.box, "0.15")
    assert editor.value() == 0.15
    assert isinstance(sampling_form.editor("top_k").value(), int)


def test_what_none_means_is_a_word_beside_a_check_box(sampling_form: ParameterForm) -> None:
    sampling_form.show_values(SamplingParameters())
    editor = sampling_form.editor("seed")
    assert isinstance(editor, OptionalNumberEditor)
    assert editor.unset.text() == "A new one each time"
    assert editor.value() is None
    assert not editor.box.isVisible()
    editor.unset.setFocus()
    QTest.keyClick(editor.unset, Qt.Key.Key_Space)
    assert editor.box.isVisible()
    editor.box.setValue(42)
    assert editor.value() == 42


def test_choices_are_words(qtbot: QtBot, appearance: Appearance) -> None:
    form = ParameterForm(LoadParameters, loading.GROUPS)
    qtbot.addWidget(form)
    editor = form.editor("kv_cache_type")
    assert isinstance(editor, ChoiceEditor)
    assert [editor.box.itemText(n) for n in range(3)] == [
        "f16, exact",
        "q8_0, half the memory",
        "q4_0, a quarter of the memory",
    ]
    assert words_of(FlashAttention.AUTO) != words_of(Speculation.AUTO), "though both are the string auto"


def test_the_devices_are_listed_and_a_gpu_is_chosen_by_its_name(qtbot: QtBot, appearance: Appearance) -> None:
    processor = Device("CPU", "A processor", "CPU", DeviceKind.CPU, 16_000_000_000, 9_000_000_000)
    cards = [Device(f"CUDA{n}", "A card", "CUDA", DeviceKind.GPU, 24_000_000_000, 500_000_000) for n in range(2)]
    dialog = LoadingDialog("M", ASKED, devices=[processor, *cards])
    qtbot.addWidget(dialog)
    (listed,) = [text for text in texts(dialog) if "A processor" in text]
    assert listed.splitlines()[:-1] == [
        "CPU: A processor, 16.0 GB of memory, 9.0 GB free",
        "CUDA0: A card, 24.0 GB of memory, 0.5 GB free",
    ]
    editor = dialog.form.editor("main_device")
    assert isinstance(editor, DeviceEditor)
    assert [editor.box.itemText(n) for n in range(editor.box.count())] == ["All GPUs", "CUDA0: A card", "CUDA1: A card"]
    chosen: list[LoadParameters] = []
    dialog.parameters_chosen.connect(chosen.append)
    assert editor.value() == ""
    editor.box.setCurrentIndex(2)
    dialog.apply_button.click()
    assert chosen[0].main_device == "CUDA1"


def test_a_main_device_that_is_gone_is_not_changed_in_silence(qtbot: QtBot, appearance: Appearance) -> None:
    card = Device("CUDA0", "A card", "CUDA", DeviceKind.GPU, 24_000_000_000, 20_000_000_000)
    dialog = LoadingDialog("M", replace(ASKED, main_device="CUDA3"), devices=[card])
    qtbot.addWidget(dialog)
    editor = dialog.form.editor("main_device")
    assert isinstance(editor, DeviceEditor)
    assert (editor.value(), editor.box.currentText()) == ("CUDA3", "CUDA3 (not found)")


def test_without_a_gpu_the_main_device_is_a_text(qtbot: QtBot, appearance: Appearance) -> None:
    dialog = LoadingDialog("M", ASKED, devices=[Device("CPU", "", "CPU", DeviceKind.CPU, 10**9, 10**9)])
    qtbot.addWidget(dialog)
    assert isinstance(dialog.form.editor("main_device"), TextEditor)
    assert "CPU, 1.0 GB of memory, 1.0 GB free" in texts(dialog)


def test_a_list_of_numbers_refuses_what_is_none(qtbot: QtBot, appearance: Appearance) -> None:
    form = ParameterForm(LoadParameters, loading.GROUPS)
    qtbot.addWidget(form)
    editor = form.editor("device_split")
    assert isinstance(editor, NumberListEditor)
    editor.line.setText("3, 1.5")
    assert editor.value() == (3.0, 1.5)
    editor.line.setText("3, many")
    with pytest.raises(InvalidParameterError, match="Device split must be numbers"):
        editor.value()


@pytest.mark.parametrize("text", ["plain", "a\nb", "a\\nb", "\\", "\t", "ends with \\", "déjà vu"])
def test_a_text_on_one_line_comes_back_as_it_was(text: str) -> None:
    assert texts_in(lines_from([text])) == (text,)


def test_texts_are_written_one_a_line(sampling_form: ParameterForm) -> None:
    sampling_form.show_values(SamplingParameters())
    editor = sampling_form.editor("stop")
    assert isinstance(editor, TextListEditor)
    editor.lines.setPlainText("User:\n\n\\n\\n\n")
    assert editor.value() == ("User:", "\n\n")


def test_tokens_are_added_forbidden_and_removed(sampling_form: ParameterForm) -> None:
    sampling_form.show_values(SamplingParameters())
    editor = sampling_form.editor("logit_bias")
    assert isinstance(editor, LogitBiasEditor)
    editor.rows.add_button.click()
    row = editor.rows.rows[0]
    assert isinstance(row, TokenBiasRow)
    assert editor.value() == (), "no token stands there yet"
    QTest.keyClicks(row.token, "maybe")
    row.box.setValue(row.box.minimum())
    assert row.box.text() == "never"
    assert editor.value() == (TokenBias("maybe", -math.inf),)
    row.token.setText("#12")
    row.box.setValue(3)
    assert editor.value() == (TokenBias(12, 3.0),)
    row.remove_button.click()
    assert editor.value() == ()


def wheel_over(widget: QWidget) -> None:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        widget.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_scrolling_past_a_field_does_not_change_it(qtbot: QtBot, appearance: Appearance) -> None:
    dialog = LoadingDialog("M", ASKED)
    qtbot.addWidget(dialog)
    dialog.show()
    number, choice = dialog.form.editor("batch_tokens"), dialog.form.editor("kv_cache_type")
    assert isinstance(number, NumberEditor)
    assert isinstance(choice, ChoiceEditor)
    wheel_over(number.box)
    wheel_over(choice.box)
    assert number.value() == 512
    assert choice.value() is KvCacheType.Q8_0


def test_load_parameters_keep_what_is_not_in_the_form(qtbot: QtBot, appearance: Appearance) -> None:
    dialog = LoadingDialog("M", ASKED)
    qtbot.addWidget(dialog)
    dialog.show()
    chosen: list[LoadParameters] = []
    dialog.parameters_chosen.connect(chosen.append)
    switch = dialog.form.editor("mlock")
    assert isinstance(switch, SwitchEditor)
    switch.box.click()
    dialog.apply_button.click()
    assert chosen == [replace(ASKED, mlock=True)]
    assert not dialog.isVisible()


def test_what_became_of_the_open_values_stands_beside_them(qtbot: QtBot, appearance: Appearance) -> None:
    outcome = replace(ASKED, threads=2, flash_attention=FlashAttention.OFF)
    dialog = LoadingDialog("M", ASKED, outcome)
    qtbot.addWidget(dialog)
    dialog.show()
    assert {"now 2", "now off"} <= set(texts(dialog.form))
    threads = dialog.form.editor("threads")
    assert isinstance(threads, OptionalNumberEditor)
    assert threads.value() is None
    threads.unset.click()
    assert threads.value() == 2, "the number begins there"


def test_adapters_and_a_draft_model_are_added_and_removed(qtbot: QtBot, appearance: Appearance, tmp_path: Path) -> None:
    dialog = LoadingDialog("M", ASKED)
    qtbot.addWidget(dialog)
    dialog.show()
    chosen: list[LoadParameters] = []
    dialog.parameters_chosen.connect(chosen.append)
    dialog.adapters.add_button.click()
    chooser = QApplication.activeModalWidget()
    assert isinstance(chooser, QFileDialog)
    chooser.close()
    dialog.adapters.add_file(str(tmp_path / "pirate.gguf"))
    row = dialog.adapters.rows[0]
    assert isinstance(row, AdapterRow)
    row.scale.setValue(0.5)
    dialog.draft.show_value(tmp_path / "small.gguf")
    assert "small.gguf" in texts(dialog)
    dialog.apply_button.click()
    assert chosen[0].adapters == (LoraAdapter(tmp_path / "pirate.gguf", 0.5),)
    assert chosen[0].draft_model == tmp_path / "small.gguf"
    again = LoadingDialog("M", chosen[0])
    qtbot.addWidget(again)
    again.adapters.rows[0].remove_button.click()
    again.draft.remove_button.click()
    again.parameters_chosen.connect(chosen.append)
    again.apply_button.click()
    assert chosen[1].adapters == ()
    assert chosen[1].draft_model is None


def test_a_value_that_cannot_be_is_told_and_nothing_is_lost(qtbot: QtBot, appearance: Appearance) -> None:
    dialog = LoadingDialog("M", ASKED)
    qtbot.addWidget(dialog)
    dialog.show()
    split = dialog.form.editor("device_split")
    assert isinstance(split, NumberListEditor)
    split.line.setText("half")
    dialog.apply_button.click()
    assert dialog.isVisible()
    assert "Device split must be numbers" in dialog.problem
    assert dialog.problem in texts(dialog)
    assert split.line.text() == "half"


def test_back_to_recommended_says_where_that_comes_from(qtbot: QtBot, appearance: Appearance) -> None:
    recommended = SamplingParameters(temperature=0.15)
    dialog = SamplingDialog("M", SamplingParameters(temperature=1.2), recommended, SamplingSource.CATALOGUE)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "from Inglenook's catalogue" in dialog.explanation.text()
    chosen: list[SamplingParameters] = []
    dialog.parameters_chosen.connect(chosen.append)
    dialog.recommended_button.click()
    assert chosen == [], "it only fills the form"
    dialog.apply_button.click()
    assert chosen == [recommended]


def test_cancel_changes_nothing(qtbot: QtBot, appearance: Appearance) -> None:
    dialog = SettingsDialog(Settings())
    qtbot.addWidget(dialog)
    dialog.show()
    chosen: list[Settings] = []
    dialog.settings_chosen.connect(chosen.append)
    theme = dialog.form.editor("theme")
    theme.show_value(Theme.DARK)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert chosen == []
    assert not dialog.isVisible()


def test_settings_keep_what_is_not_in_the_form(qtbot: QtBot, appearance: Appearance) -> None:
    dialog = SettingsDialog(Settings(model_path="/models/mine.gguf"))
    qtbot.addWidget(dialog)
    dialog.show()
    chosen: list[Settings] = []
    dialog.settings_chosen.connect(chosen.append)
    dialog.form.editor("overflow").show_value(OverflowPolicy.SUMMARY)
    dialog.apply_button.click()
    assert chosen == [Settings(model_path="/models/mine.gguf", overflow=OverflowPolicy.SUMMARY)]


def test_the_tab_key_goes_from_field_to_field_and_what_has_it_is_in_view(qtbot: QtBot, appearance: Appearance) -> None:
    dialog = SamplingDialog("M", SamplingParameters(), SamplingParameters(), SamplingSource.DEFAULTS)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    first = dialog.form.editor("temperature").focusProxy()
    last = dialog.form.editor("stop").focusProxy()
    assert first is not None
    first.setFocus()
    for _ in range(60):
        if dialog.focusWidget() is last:
            break
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.focusWidget() is last
    assert last is not None
    place = last.mapTo(dialog.area.viewport(), QPoint(0, 0)).y()
    assert 0 <= place < dialog.area.viewport().height()


def test_every_field_has_a_name(qtbot: QtBot, appearance: Appearance) -> None:
    form = ParameterForm(SamplingParameters, sampling.GROUPS)
    qtbot.addWidget(form)
    form.show_values(SamplingParameters(logit_bias=(TokenBias("a", 1.0),)))
    lines = [line for line in form.findChildren(QLineEdit) if line.objectName() != "qt_spinbox_lineedit"]
    proxies = [form.editor(f.name).focusProxy() for f in fields(SamplingParameters)]
    assert [w for w in (*lines, *proxies) if w is None or not w.accessibleName()] == []


class Odd(StrEnum):
    EVEN = "even"


@dataclass(frozen=True)
class Unknown:
    thing: list[int] = declared((), "Thing", "No editor is for it.")
    number: int = declared(1, "Number", "A number.", Bounds(1, 2))


def test_a_kind_without_an_editor_is_a_fault_that_is_seen_at_once(qtbot: QtBot, appearance: Appearance) -> None:
    with pytest.raises(TypeError, match="no editor is for thing"):
        ParameterForm(Unknown, (ParameterGroup("Group", ("thing",)),))
    assert words_of(Odd.EVEN) == "even", "a choice nobody has found words for"
