"""The buttons that stand over a block of code or a table."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from app.ui.text_action import text_action
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.blocks.save_code import SaveCodeDialog
from app.ui.transcript.blocks.table_text import table_csv
from app.ui.transcript.copy_button import CopyButton
from app.ui.transcript.copy_text import copy_text
from app.ui.transcript.markdown.content import Code, Table
from app.ui.transcript.markdown.export_markdown import table_markdown
from app.ui.transcript.small_button import SmallButton

_MARGIN = 7  # at the right of the last button over code


class WrappableCode(Protocol):
    """What the buttons over code need of its painter."""

    code: Code
    look: Look
    is_wrapped: bool

    def set_wrapped(self, is_wrapped: bool) -> None:
        """Whether long lines are broken."""


class BlockTools(QWidget):
    """Small buttons in a row, at the right; `block_changed` asks for the block to be laid out and painted again."""

    block_changed = Signal()

    def __init__(self, parent: QWidget, margin: int = 0) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, margin, 0)
        self._row.setSpacing(0)
        self._row.addStretch()

    def add(self, button: QToolButton) -> None:
        """Put a button at the right of the others."""
        self._row.addWidget(button)


class CodeTools(BlockTools):
    """Wrap, Copy and Save as… over a block of code; they take the code as it is when they are pressed."""

    def __init__(self, painter: WrappableCode, parent: QWidget) -> None:
        super().__init__(parent, painter.look.pixels(_MARGIN))
        self._painter = painter
        self.wrap = SmallButton("Wrap", "Break long lines", self)
        self.wrap.setCheckable(True)
        self.wrap.setChecked(painter.is_wrapped)
        self.wrap.toggled.connect(self._on_wrap_toggled)
        self.copy = CopyButton("Copy this code", lambda: painter.code.text, self)
        self.save = SmallButton("Save as…", "Save this code in a file", self)
        self.save.clicked.connect(self._on_save_clicked)
        for button in (self.wrap, self.copy, self.save):
            self.add(button)

    def _on_wrap_toggled(self, is_on: bool) -> None:
        self._painter.set_wrapped(is_on)
        self.block_changed.emit()

    def _on_save_clicked(self) -> None:
        SaveCodeDialog(self._painter.code, self.window()).open()


class TableTools(BlockTools):
    """Copy ▾ over a table."""

    def __init__(self, table: Callable[[], Table], parent: QWidget) -> None:
        super().__init__(parent)
        self._table = table
        self.copy = SmallButton("Copy ▾", "Copy this table", self)
        self.copy.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.copy)
        text_action(menu, "Copy as CSV").triggered.connect(self._on_csv_chosen)
        text_action(menu, "Copy as Markdown").triggered.connect(self._on_markdown_chosen)
        self.copy.setMenu(menu)
        self.add(self.copy)

    def _on_csv_chosen(self) -> None:
        copy_text(table_csv(self._table()))

    def _on_markdown_chosen(self) -> None:
        copy_text(table_markdown(self._table()))
