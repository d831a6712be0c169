"""The window says which backend computes and why, and lets another be chosen."""

from dataclasses import replace
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.core.declared import declarations
from app.core.machine import BackendNote
from app.core.model import Backend, LoadParameters
from app.engine.fake import FAKE_MACHINE
from app.ui.library.machine_card import MachineCard
from app.ui.parameters.devices import BackendEditor
from app.ui.parameters.loading import LoadingDialog
from app.ui.theme import Appearance

CPU = BackendNote("CPU", True, "Of 13 modules “zen4” fits this processor best.")
VULKAN = BackendNote("Vulkan", False, "It finds a card, which CUDA uses faster.")
BROKEN = BackendNote("CUDA", False, "Its driver crashed when it was asked (SIGSEGV).", can_be_chosen=False)
DOUBT = "The CUDA driver crashed when it was asked for its GPUs (SIGSEGV): the processor is used."


def test_the_card_of_the_computer_tells_each_backend_once(qtbot: QtBot, appearance: Appearance) -> None:
    card = MachineCard(appearance)
    qtbot.addWidget(card)
    card.show_machine(FAKE_MACHINE)
    assert card.backends.isHidden()
    card.show_machine(replace(FAKE_MACHINE, backends=(CPU, VULKAN, BROKEN), doubts=(DOUBT,)))
    assert not card.backends.isHidden()
    assert card.backends.text() == "Vulkan is not used: it finds a card, which CUDA uses faster."
    assert card.backends.toolTip().count("\n") == 2
    assert card.doubts.text() == DOUBT


def test_the_load_dialog_offers_what_is_sound_here(qtbot: QtBot) -> None:
    dialog = LoadingDialog("M", LoadParameters(Path("m.gguf")))
    qtbot.addWidget(dialog)
    editor = dialog.form.editor("backend")
    assert isinstance(editor, BackendEditor)
    assert offered(editor) == ["Auto: the GPU, if there is one", "CPU only"]
    editor.show_notes((CPU, VULKAN, BROKEN))
    assert offered(editor) == ["Auto: the GPU, if there is one", "CPU only", "Vulkan"]
    assert "CUDA is not used: its driver crashed" in editor.box.toolTip()
    editor.box.setCurrentIndex(2)
    assert editor.value() is Backend.VULKAN


def test_a_choice_that_is_not_here_is_kept_until_it_is_found(qtbot: QtBot) -> None:
    declared = {declaration.name: declaration for declaration in declarations(LoadParameters)}
    editor = BackendEditor(declared["backend"], ())
    qtbot.addWidget(editor)
    editor.show_value(Backend.VULKAN)
    assert editor.box.currentText() == "Vulkan (not found)"
    assert editor.value() is Backend.VULKAN
    editor.show_notes((VULKAN,))
    assert editor.box.currentText() == "Vulkan"


def offered(editor: BackendEditor) -> list[str]:
    """The choices in words."""
    return [editor.box.itemText(place) for place in range(editor.box.count())]
