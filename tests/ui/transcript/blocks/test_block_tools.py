"""The buttons over code and tables, pressed as a person presses them."""

from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QMenu, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.ui.theme import Appearance
from app.ui.tokens import LIGHT
from app.ui.transcript.blocks.block_tools import CodeTools, TableTools
from app.ui.transcript.blocks.code_block import CodeBlock
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.blocks.table_block import TableBlock
from app.ui.transcript.markdown.content import Alignment, Code, Span, Table
from app.ui.transcript.small_button import zoomed_style_sheet

_Dialog = TypeVar("_Dialog", bound=QDialog)

RETRY = "def retry(call):\n    return call()"
TABLE = Table((Alignment.RIGHT,), ((Span("a, b"),),), (((Span("c"),),),))


@pytest.fixture
def page(qtbot: QtBot, appearance: Appearance) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(720, 400)
    window.show()
    QGuiApplication.clipboard().setMimeData(QMimeData())
    return window


def code_tools(block: CodeBlock, page: QWidget) -> CodeTools:
    block.lay_out(700)
    tools = block.make_tools(page)
    tools.setGeometry(block.tools_rect().toRect())
    tools.show()
    return tools


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def dialog_of(kind: type[_Dialog], qtbot: QtBot) -> _Dialog:
    def found() -> list[_Dialog]:
        return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible()]

    qtbot.waitUntil(lambda: len(found()) == 1)
    return found()[0]


def accept(dialog: QFileDialog, path: Path) -> None:
    """Type a path and press Enter."""
    field = dialog.findChild(QLineEdit)
    assert field is not None
    field.setText(str(path))
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_copy_takes_the_code_as_it_is_now(page: QWidget) -> None:
    block = CodeBlock(Code("python", "old"), Look(LIGHT))
    tools = code_tools(block, page)
    block.update_block(Code("python", RETRY))
    click(tools.copy)
    assert QGuiApplication.clipboard().text() == RETRY
    assert tools.copy.text() == "Copied"


def test_the_buttons_fit_into_the_head_and_are_reached_by_keyboard(page: QWidget) -> None:
    block = CodeBlock(Code("python", RETRY), Look(LIGHT))
    tools = code_tools(block, page)
    for button in (tools.wrap, tools.copy, tools.save):
        assert tools.rect().contains(button.geometry())
        assert button.width() >= button.sizeHint().width()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert button.accessibleName()
    assert block.tools_rect().bottom() <= 27


def test_the_buttons_grow_with_the_text(page: QWidget) -> None:
    small, large = Look(LIGHT), Look(LIGHT, zoom=2.0)
    width = code_tools(CodeBlock(Code("", ""), small), page).copy.width()
    page.setStyleSheet(zoomed_style_sheet(large))
    assert code_tools(CodeBlock(Code("", ""), large), page).copy.width() > 1.5 * width


def test_half_a_character_does_not_reach_the_clipboard(page: QWidget) -> None:
    click(code_tools(CodeBlock(Code("", "a\ud800b"), Look(LIGHT)), page).copy)
    assert QGuiApplication.clipboard().text() == "a\ufffdb"


def test_wrap_breaks_long_lines_and_asks_for_a_new_layout(page: QWidget, qtbot: QtBot) -> None:
    block = CodeBlock(Code("", "word " * 100), Look(LIGHT))
    tools = code_tools(block, page)
    before = block.height
    with qtbot.waitSignal(tools.block_changed):
        click(tools.wrap)
    block.lay_out(700)
    assert block.height > before
    assert code_tools(block, page).wrap.isChecked()
    click(tools.wrap)
    block.lay_out(700)
    assert block.height == before


def test_save_writes_the_file_under_the_name_that_it_proposes(page: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    tools = code_tools(CodeBlock(Code("python", RETRY), Look(LIGHT)), page)
    click(tools.save)
    dialog = dialog_of(QFileDialog, qtbot)
    assert [Path(file).name for file in dialog.selectedFiles()] == ["retry.py"]
    tools.deleteLater()  # the block may leave the view while the dialog is open
    accept(dialog, tmp_path / "saved.py")
    qtbot.waitUntil((tmp_path / "saved.py").exists)
    assert (tmp_path / "saved.py").read_bytes() == RETRY.encode() + b"\n"
    assert [file.name for file in tmp_path.iterdir()] == ["saved.py"]


def test_what_cannot_be_saved_is_told_and_nothing_is_lost(page: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    tools = code_tools(CodeBlock(Code("python", RETRY), Look(LIGHT)), page)
    click(tools.save)
    dialog = dialog_of(QFileDialog, qtbot)
    dialog.fileSelected.emit(str(tmp_path / "gone" / "retry.py"))
    box = dialog_of(QMessageBox, qtbot)
    assert "could not be saved" in box.text()
    assert "No such file" in box.informativeText()
    box.close()
    dialog.close()
    assert list(tmp_path.iterdir()) == []


def test_closing_the_dialog_saves_nothing(page: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    tools = code_tools(CodeBlock(Code("python", RETRY), Look(LIGHT)), page)
    click(tools.save)
    dialog = dialog_of(QFileDialog, qtbot)
    dialog.setDirectory(str(tmp_path))
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform opens menus without a grab
@pytest.mark.parametrize(
    ("label", "copied"), [("Copy as CSV", '"a, b"\nc\n'), ("Copy as Markdown", "| a, b |\n| ---: |\n| c |")]
)
def test_a_table_is_copied(page: QWidget, qtbot: QtBot, label: str, copied: str) -> None:
    block = TableBlock(TABLE, Look(LIGHT))
    block.lay_out(700)
    tools = block.make_tools(page)
    assert isinstance(tools, TableTools)
    tools.setGeometry(block.tools_rect().toRect())
    tools.show()
    assert tools.rect().contains(tools.copy.geometry())
    menu = tools.copy.menu()
    assert isinstance(menu, QMenu)
    action = next(action for action in menu.actions() if action.text() == label)
    menu.popup(tools.copy.mapToGlobal(tools.copy.rect().bottomLeft()))
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert QGuiApplication.clipboard().text().replace("\r\n", "\n") == copied
