"""The page "Discover models": what a person sees there, and what a press does."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QScrollArea, QWidget

from app.core.errors import InglenookError
from app.core.memory import MemoryBudget
from app.core.model import KvCacheType
from app.services.plans import PlanRequest
from app.ui.library.precision_row import PrecisionRow
from tests.ui.library.conftest import OpenLibrary
from tests.ui.library.fake_plans import BUDGETS, CPU, DOUBTS, GB, GPU, MACHINE, USES, FakePlans

Open = Callable[[FakePlans], OpenLibrary]
MISTRAL = "Mistral Small 3 24B Instruct"
ALL = [MISTRAL, "Qwen 2.5 32B Instruct", "Llama 3.3 70B Instruct", "Strange 7B"]


def remedies(of: PrecisionRow) -> list[str]:
    assert of.reason is not None
    return [button.text() for button in of.reason.buttons]


def test_the_best_for_this_computer_is_first_and_open(one: OpenLibrary) -> None:
    assert one.page.list.names == [MISTRAL], "the others do not fit, or are too slow"
    best = one.card()
    assert best.best.isVisible()
    assert best.best.text() == "best for this computer"
    assert best.facts.text() == "Mistral AI · 23.6 B dense · Apache-2.0 · 32k context · tools, text"
    assert best.is_open
    assert best.button.text() == "Hide precisions"
    assert one.row("Q4_K_M").isChecked()
    assert one.row("Q4_K_M").row_actions.download_button.property("kind") == "go", "the advised one stands out"
    assert one.row("Q8_0").row_actions.download_button.property("kind") == ""


def test_each_precision_says_how_large_how_good_where_and_how_fast(one: OpenLibrary) -> None:
    table = one.card().table
    assert table is not None
    said = [
        (r.precision.text(), r.size_label.text(), r.quality.words, r.pill.text(), r.pill.tone, r.speed.text())
        for r in table.rows.values()
    ]
    assert said == [
        ("Q8_0", "25.1 GB", "near lossless", "31 of 40 layers on GPU", "warn", "≈ 12–16 tok/s"),
        ("Q6_K", "19.3 GB", "excellent", "fits at 4k context", "warn", "≈ 38–46 tok/s"),
        ("Q4_K_M", "14.3 GB", "very good", "all on GPU · 16k context", "good", "≈ 47–58 tok/s"),
        ("Q3_K_M", "11.5 GB", "noticeable loss", "all on GPU · 32k context", "good", "≈ 57–70 tok/s"),
    ]
    assert "6.41 against 6.23" in one.row("Q4_K_M").quality.toolTip()
    assert "Prompt processing: ≈ 940–1,160 tok/s" in one.row("Q4_K_M").speed.toolTip()
    assert one.row("Q6_K").accessibleName() == (
        "Q6_K: 19.3 GB, quality excellent, fits at 4k context, speed ≈ 38–46 tok/s"
    )


def test_what_does_not_fit_is_counted_and_shown_on_demand(one: OpenLibrary) -> None:
    hidden = one.page.hidden_models
    assert hidden.words.text() == "3 more models do not fit this computer, or would write less than 10 tokens/s."
    hidden.button.click()
    one.wait_until_settled()
    assert one.page.list.names == ALL
    assert not hidden.isVisible()
    assert not one.page.filters.fits.isChecked()
    pills = {name: one.card(name).pill for name in ("qwen-32b", "llama-70b", "strange")}
    assert {name: (pill.text(), pill.tone) for name, pill in pills.items()} == {
        "qwen-32b": ("40 of 64 layers on GPU", "warn"),
        "llama-70b": ("too large: needs 94.0 GB, you have 23.2 + 58.0", "bad"),
        "strange": ("cannot tell", "plain"),
    }
    assert "not known" in one.card("strange").reason.text()
    assert one.card("strange").facts.text() == "1 precision", "the catalogue says nothing more of it"


def test_the_rows_of_a_card_are_made_when_it_is_opened(one: OpenLibrary) -> None:
    one.page.filters.fits.setChecked(False)
    one.wait_until_settled()
    folded = one.card("llama-70b")
    assert folded.findChildren(PrecisionRow) == []
    folded.button.click()
    (only,) = folded.findChildren(PrecisionRow)
    assert only.isVisible()
    assert not folded.pill.isVisible(), "the row says it now"
    folded.button.click()
    assert not only.isVisible()
    assert folded.pill.isVisible()


def test_the_machine_and_what_the_chosen_file_takes_of_it(one: OpenLibrary) -> None:
    machine = one.page.machine
    view = machine.views["CUDA0"]
    assert list(machine.views) == ["CUDA0"], "the processor's memory has no bar beside a GPU's"
    assert view.title.text() == "NVIDIA GeForce RTX 4090"
    assert view.facts.text() == "CUDA · 1,008 GB/s · 64.0 GB system memory"
    assert machine.caption == f"{MISTRAL} · Q4_K_M · 16k context"
    assert "weights 14.3 · KV cache 2.7 · compute 0.7" in view.bar.legend
    QTest.mouseClick(one.row("Q3_K_M"), Qt.MouseButton.LeftButton, pos=QPoint(200, 10))
    assert "weights 11.5" in view.bar.legend
    assert one.row("Q3_K_M").isChecked()
    assert not one.row("Q4_K_M").isChecked()


def test_a_row_below_the_pointer_is_shown_as_long_as_it_is_there(one: OpenLibrary) -> None:
    view = one.page.machine.views["CUDA0"]
    one.row("Q6_K").hovered.emit(True)
    assert "weights 19.3" in view.bar.legend
    one.row("Q6_K").hovered.emit(False)
    assert "weights 14.3" in view.bar.legend


def test_a_file_of_which_the_memory_is_not_known_takes_nothing_and_says_so(one: OpenLibrary) -> None:
    one.page.filters.fits.setChecked(False)
    one.wait_until_settled()
    one.card("strange").button.click()
    strange = one.row("Q5_0", "strange")
    strange.click()
    assert "weights" not in one.page.machine.views["CUDA0"].bar.legend
    assert "how much memory it takes is not known" in one.page.machine.caption
    assert strange.speed.text() == "not known"
    assert strange.quality.words == "not known"
    assert not strange.row_actions.download_button.isEnabled()


def test_a_chosen_row_says_why_and_what_can_be_done(one: OpenLibrary, plans: FakePlans) -> None:
    one.row("Q6_K").click()
    reason = one.row("Q6_K").reason
    assert reason is not None
    assert reason.isVisible()
    assert reason.words.text().startswith("At 16k the KV cache is too long by 0.4 GB. Takes 22.7 GB on the GPU")
    assert remedies(one.row("Q6_K")) == ["Use 8-bit cache", "Shorter context"]
    one.press_remedy("Q6_K", "Use 8-bit cache")
    one.wait_until_settled()
    assert plans.requests[-1] == PlanRequest(None, KvCacheType.Q8_0, 10)
    assert one.page.machine.choices.context_button.text() == "Longest context · q8_0 ▾"
    one.press_remedy("Q6_K", "Shorter context")
    one.wait_until_settled()
    assert plans.requests[-1] == PlanRequest(4096, KvCacheType.Q8_0, 10)
    assert one.row("Q6_K").isChecked(), "it stays chosen"


def test_a_smaller_precision_is_shown_by_one_press(one: OpenLibrary, plans: FakePlans) -> None:
    one.row("Q8_0").click()
    asked = len(plans.requests)
    one.press_remedy("Q8_0", "Show a smaller precision")
    assert one.row("Q4_K_M").isChecked()
    assert len(plans.requests) == asked


def test_the_context_is_chosen_in_a_menu(one: OpenLibrary, plans: FakePlans) -> None:
    button = one.page.machine.choices.context_button
    assert button.text() == "Longest context ▾"
    assert button.checked_words == ["Longest context", "KV cache as advised"]
    button.choose("16k context")
    one.wait_until_settled()
    assert plans.requests[-1] == PlanRequest(16384, None, 10)
    assert button.text() == "16k context ▾"
    assert button.accessibleName() == "Context length to plan for: 16k context"
    assert button.checked_words == ["16k context", "KV cache as advised"]


def test_a_speed_that_the_menu_does_not_have_is_shown_all_the_same(one: OpenLibrary) -> None:
    one.page.machine.choices.floor_button.choose("at least 20 tokens/s")
    one.page.set_speed_floor(12)
    floor = one.page.machine.choices.floor_button
    assert floor.text() == "at least 12 tok/s ▾"
    assert floor.checked_words == []


def test_the_filters(one: OpenLibrary) -> None:
    filters = one.page.filters
    filters.fits.setChecked(False)
    filters.open_licence.click()
    assert one.page.list.names == ALL[:2]
    assert filters.open_licence.text() == "Apache-2.0 / MIT ✓"
    filters.open_licence.click()
    filters.vision.click()
    assert one.page.list.names == ["Llama 3.3 70B Instruct"]
    filters.vision.click()
    filters.tools.click()
    assert one.page.list.names == ALL[:3]
    filters.tools.click()
    QTest.keyClicks(filters.field, "llama META")
    assert one.page.list.names == ["Llama 3.3 70B Instruct"]


def test_when_nothing_is_left_it_says_so_and_how_to_go_on(one: OpenLibrary) -> None:
    QTest.keyClicks(one.page.filters.field, "nobody made this")
    state = one.page.state
    assert state.isVisible()
    assert state.words.text() == "No model is like that."
    state.button.click()
    one.wait_until_settled()
    assert one.page.list.names == ALL
    assert not state.isVisible()


def test_when_nothing_fits_it_says_so(open_library: Open) -> None:
    plans = FakePlans()
    plans.plans = plans.plans[2:]
    one = open_library(plans)
    state = one.page.state
    assert state.words.text() == "No model fits this computer and is expected to write at least 10 tokens per second."
    assert not one.page.hidden_models.isVisible()
    state.button.click()
    assert one.page.list.names == ALL[2:]
    assert not one.card("llama-70b").best.isVisible(), "none is advised"


def test_an_empty_catalogue_says_what_to_do(open_library: Open) -> None:
    one = open_library(FakePlans(plans=()))
    assert "Open a .gguf file" in one.page.state.words.text()
    assert one.page.machine.views["CUDA0"].title.text() == "NVIDIA GeForce RTX 4090"


def test_the_link_of_a_file_goes_to_the_clipboard(one: OpenLibrary) -> None:
    one.row("Q4_K_M").row_actions.link_action.trigger()
    assert QGuiApplication.clipboard().text() == "https://huggingface.co/bartowski/Mistral-Small-GGUF"
    (notice,) = one.page.notices.rows
    assert "A browser can fetch the file" in notice.notice.sentence
    assert notice.action_button is not None
    with one.qtbot.waitSignal(one.page.open_requested):
        notice.action_button.click()


def test_it_waits_in_words_and_fails_in_words(show_library: Open) -> None:
    gate = threading.Event()
    plans = FakePlans(gate=gate, error=InglenookError("The catalogue cannot be read."))
    one = show_library(plans)
    one.qtbot.waitUntil(one.page.machine.isVisible)
    state = one.page.state
    assert state.words.text() == "Looking at this computer, and working out what fits…"
    gate.set()
    one.wait_until_settled()
    assert state.words.text() == "The catalogue cannot be read."
    plans.error = None
    state.button.click()
    one.wait_until_settled()
    assert one.page.list.names == [MISTRAL]
    assert not state.isVisible()


def test_a_failure_later_leaves_what_is_shown(one: OpenLibrary, plans: FakePlans) -> None:
    plans.error = InglenookError("The computer cannot be asked.")
    one.page.machine.choices.context_button.choose("4k context")
    one.wait_until_settled()
    assert one.page.notices.sentences == ["The computer cannot be asked."]
    assert one.page.list.names == [MISTRAL]


def test_only_the_last_of_several_questions_is_answered(one: OpenLibrary, plans: FakePlans) -> None:
    plans.gate = threading.Event()
    choices = one.page.machine.choices.context_button
    for words in ("4k context", "8k context", "32k context"):
        choices.choose(words)
    ranked: list[PlanRequest] = []
    one.page.ranker.ranked.connect(lambda ranking: ranked.append(ranking.request))
    plans.gate.set()
    one.wait_until_settled()
    assert ranked == [PlanRequest(32768)]


def test_the_keyboard_reaches_every_row_and_its_button(one: OpenLibrary) -> None:
    one.row("Q8_0").setFocus()
    QTest.keyClick(one.row("Q8_0"), Qt.Key.Key_Tab)
    actions = one.row("Q8_0").row_actions
    assert actions.download_button.hasFocus()
    QTest.keyClick(actions.download_button, Qt.Key.Key_Tab)
    assert actions.menu_button.hasFocus()
    QTest.keyClick(actions.menu_button, Qt.Key.Key_Tab)
    assert one.row("Q6_K").hasFocus()
    QTest.keyClick(one.row("Q6_K"), Qt.Key.Key_Return)
    assert one.row("Q6_K").isChecked()
    QTest.keyClick(one.row("Q6_K"), Qt.Key.Key_Space)
    assert one.row("Q6_K").isChecked(), "a second press does not take it back"


@pytest.mark.parametrize("width", [472, 776, 1032, 1352])
def test_nothing_is_cut_off(one: OpenLibrary, width: int) -> None:
    one.page.filters.fits.setChecked(False)
    one.page.resize(width, 820)
    one.wait_until_settled()
    one.row("Q8_0").click()
    one.card("llama-70b").set_open(True)
    (area,) = one.page.findChildren(QScrollArea)
    body = area.widget()
    assert body is not None
    one.qtbot.waitUntil(lambda: body.minimumSizeHint().width() <= area.viewport().width())
    one.qtbot.waitUntil(lambda: body.width() == area.viewport().width())
    one.qtbot.waitUntil(lambda: _cut_off(one.page) == [])


def _cut_off(page: QWidget) -> list[str]:
    """Buttons that are narrower than their words."""
    shown = [button for button in page.findChildren(QPushButton) if button.isVisible()]
    return [button.text() for button in shown if button.width() < button.minimumSizeHint().width()]


def test_what_others_hold_and_what_is_doubtful_is_named(open_library: Open) -> None:
    one = open_library(FakePlans(described=replace(MACHINE, uses=USES, doubts=DOUBTS)))
    machine = one.page.machine
    assert machine.views["CUDA0"].uses.text() == "Chrome holds 1.9 GB of it, Blender 800 MB."
    assert machine.doubts.isVisible()
    assert machine.doubts.text() == DOUBTS[0]


def test_each_of_several_gpus_has_a_bar(open_library: Open) -> None:
    other = replace(GPU, name="CUDA1", description="NVIDIA GeForce RTX 3090")
    plans = FakePlans(described=replace(MACHINE, devices=(GPU, other, CPU)))
    second = MemoryBudget("CUDA1", "NVIDIA GeForce RTX 3090", 24 * GB, 23 * GB, 22 * GB)
    plans.plans = tuple(replace(plan, budgets=(*BUDGETS, second)) for plan in plans.plans)
    one = open_library(plans)
    views = one.page.machine.views
    assert [view.title.text() for view in views.values()] == ["NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 3090"]
    assert all(view.bar.isVisible() for view in views.values())
    one.page.filters.fits.setChecked(False)
    assert one.card("llama-70b").pill.text() == "too large: needs 94.0 GB, you have 23.2 + 22.0 + 58.0"


def test_without_a_gpu_the_processor_is_the_machine(open_library: Open) -> None:
    described = replace(MACHINE, devices=(CPU,))
    plans = FakePlans(described=described)
    plans.plans = tuple(replace(plan, budgets=BUDGETS[:1]) for plan in plans.plans)
    one = open_library(plans)
    view = one.page.machine.views["CPU"]
    assert view.facts.text() == "16 cores · 83 GB/s · 64.0 GB memory"


def test_forty_seven_models_are_listed_in_their_order(open_library: Open) -> None:
    plans = FakePlans()
    many = [replace(plans.plans[0], id=f"m{n}", name=f"Model {n}") for n in range(47)]
    plans.plans = tuple(many)
    one = open_library(plans)
    assert one.page.list.names == [f"Model {n}" for n in range(47)]
    assert len(one.page.findChildren(PrecisionRow)) == 4, "only the rows of the open card are there"
    one.qtbot.waitUntil(lambda: _stand_in_order(one, range(47)))
    plans.plans = tuple(reversed(many))
    one.page.refresh()
    one.wait_until_settled()
    assert one.page.list.names[0] == "Model 46"
    one.qtbot.waitUntil(lambda: _stand_in_order(one, range(46, -1, -1)))


def _stand_in_order(one: OpenLibrary, numbers: range) -> bool:
    tops = [one.card(f"m{number}").y() for number in numbers]
    return tops == sorted(set(tops))
