"""The button below the field that says in which form the answer must come, with its menu."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.core.generation import OutputFormat, OutputKind
from app.ui.choices import words_of
from app.ui.text_action import text_action

_ENTRIES = {
    OutputKind.TEXT: "Text",
    OutputKind.JSON: "JSON",
    OutputKind.SCHEMA: "JSON schema…",
    OutputKind.GRAMMAR: "Grammar (GBNF)…",
}
_EXPLAINED = {
    OutputKind.TEXT: "The answer is free text",
    OutputKind.JSON: "The answer is a JSON object",
    OutputKind.SCHEMA: "The answer is JSON that your schema accepts",
    OutputKind.GRAMMAR: "The answer is a text of your grammar",
}


class FormatButton(QToolButton):
    """Shows an OutputFormat and lets the user choose another; a schema or a grammar is written in a dialog."""

    chosen = Signal(OutputFormat)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._format = OutputFormat()
        self._sources: dict[OutputKind, str] = {}  # what was written last, also when it is not in use
        self._menu = QMenu(self)
        group = QActionGroup(self._menu)
        self.actions_by_kind = {kind: self._action(kind, group) for kind in OutputKind}
        self.setObjectName("FormatButton")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(self._menu)
        self.show_format(OutputFormat())

    @property
    def format(self) -> OutputFormat:
        """The form that is chosen."""
        return self._format

    def show_format(self, output: OutputFormat) -> None:
        """Show another form."""
        self._format = output
        if output.source:
            self._sources[output.kind] = output.source
        self.setText(f"{words_of(output.kind)} ▾")
        self.setAccessibleName(f"Form of the answer: {words_of(output.kind)}")
        self.setToolTip(_EXPLAINED[output.kind])
        self.setProperty("lit", "false" if output.kind is OutputKind.TEXT else "true")
        self.style().unpolish(self)
        self.style().polish(self)
        self.actions_by_kind[output.kind].setChecked(True)

    def _action(self, kind: OutputKind, group: QActionGroup) -> QAction:
        action = text_action(self._menu, _ENTRIES[kind])
        action.setCheckable(True)
        action.triggered.connect(lambda: self._on_chosen(kind))
        group.addAction(action)
        return action

    def _on_chosen(self, kind: OutputKind) -> None:
        if kind in (OutputKind.TEXT, OutputKind.JSON):
            self._take(OutputFormat(kind))
            return
        from app.ui.chat.format_source_dialog import FormatSourceDialog

        self.actions_by_kind[self._format.kind].setChecked(True)  # until the dialog says otherwise
        dialog = FormatSourceDialog(kind, self._sources.get(kind, ""), self.window())
        dialog.format_chosen.connect(self._take)
        dialog.open()

    def _take(self, output: OutputFormat) -> None:
        self.show_format(output)
        self.chosen.emit(output)
