"""A form made from the declarations of a dataclass: a row for each value, in groups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, get_type_hints

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.core.declared import Declaration, declarations
from app.core.generation import TokenBias
from app.ui.labels import hairline, text_label
from app.ui.parameters.editors import (
    ChoiceEditor,
    Editor,
    NumberEditor,
    NumberListEditor,
    OptionalNumberEditor,
    SwitchEditor,
    TextEditor,
    TextListEditor,
)
from app.ui.parameters.logit_bias import LogitBiasEditor

FIELD_WIDTH = 260

EditorMaker = Callable[[Declaration], Editor]


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """A heading, the names of the values below it, and a quiet note between them, if there is one."""

    title: str
    names: tuple[str, ...]
    note: str = ""


class ParameterForm(QWidget):
    """The declared values of `kind` that the groups name; `editors` are for values that want one of their own."""

    changed = Signal()

    def __init__(
        self,
        kind: type,
        groups: Sequence[ParameterGroup],
        parent: QWidget | None = None,
        editors: Mapping[str, EditorMaker] | None = None,
    ) -> None:
        super().__init__(parent)
        hints = get_type_hints(kind)
        declared = {declaration.name: declaration for declaration in declarations(kind)}
        self._makers = editors or {}
        self._editors: dict[str, Editor] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for group in groups:
            column.addWidget(FormSection(group.title, self))
            if group.note:
                column.addWidget(text_label(group.note, "small", self, wraps=True))
                column.addSpacing(4)
            rows = QGridLayout()
            rows.setHorizontalSpacing(24)
            rows.setVerticalSpacing(9)
            rows.setColumnStretch(0, 1)
            rows.setColumnMinimumWidth(1, FIELD_WIDTH)
            column.addLayout(rows)
            for name in group.names:
                self._add_row(rows, declared[name], hints[name])

    def focus_first(self) -> None:
        """Put the keyboard into the first field."""
        next(iter(self._editors.values())).setFocus(Qt.FocusReason.OtherFocusReason)

    def editor(self, name: str) -> Editor:
        """The editor of a value."""
        return self._editors[name]

    def show_values(self, values: Any, outcome: Any = None) -> None:
        """Show the values of an object of the form's kind; `outcome` holds them as they turned out."""
        for name, editor in self._editors.items():
            editor.show_value(getattr(values, name))
            if outcome is not None:
                editor.show_outcome(getattr(outcome, name))

    def values(self) -> Mapping[str, Any]:
        """What stands in the form, by the values' names; raises InvalidParameterError."""
        return {name: editor.value() for name, editor in self._editors.items()}

    def _add_row(self, rows: QGridLayout, declaration: Declaration, hint: Any) -> None:
        make = self._makers.get(declaration.name)
        editor = make(declaration) if make else editor_for(declaration, hint)
        editor.setFixedWidth(FIELD_WIDTH)
        editor.changed.connect(self.changed)
        self._editors[declaration.name] = editor
        if rows.rowCount() > 1:
            rows.addWidget(hairline(self), rows.rowCount(), 0, 1, 2)
        number = rows.rowCount()
        rows.addWidget(_caption(declaration, editor), number, 0, Qt.AlignmentFlag.AlignTop)
        rows.addWidget(editor, number, 1, Qt.AlignmentFlag.AlignTop)


class FormSection(QLabel):
    """The heading above a group."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setProperty("kind", "section")
        self.setIndent(0)


def editor_for(declaration: Declaration, hint: Any) -> Editor:
    """The editor of a value whose annotation is `hint`; raises TypeError for a kind that no editor is for."""
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ChoiceEditor(declaration, hint)
    if hint == int | None:
        return OptionalNumberEditor(declaration)
    if hint in (int, float):
        return NumberEditor(declaration, is_whole=hint is int)
    others: dict[Any, type[Editor]] = {
        bool: SwitchEditor,
        str: TextEditor,
        tuple[str, ...]: TextListEditor,
        tuple[float, ...]: NumberListEditor,
        tuple[TokenBias, ...]: LogitBiasEditor,
    }
    if hint not in others:
        raise TypeError(f"no editor is for {declaration.name}: {hint}")
    return others[hint](declaration)


def explained(title: str, help_text: str, parent: QWidget | None = None) -> QWidget:
    """A title and, below it, a quiet line of help."""
    words = QWidget(parent)
    column = QVBoxLayout(words)
    column.setContentsMargins(0, 3, 0, 0)
    column.setSpacing(1)
    for text, kind in ((title, ""), (help_text, "small")):
        if not text:
            continue
        column.addWidget(text_label(text, kind, words, wraps=True))
    words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    return words


def _caption(declaration: Declaration, editor: Editor) -> QWidget:
    words = explained(declaration.title, declaration.help)
    bounds = f"\n{declaration.title} must be {declaration.bounds.words}." if declaration.bounds else ""
    for widget in (words, editor):
        widget.setToolTip(declaration.help + bounds)
    title, field = words.findChild(QLabel), editor.focusProxy()
    if title is not None and field is not None:
        title.setBuddy(field)  # on Linux a choice's name is what is chosen: its label says of what
    return words
