"""One editor for each kind of declared value: it shows a value, and says which one stands in it now."""

from enum import Enum
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from app.core.declared import Declaration
from app.core.errors import InvalidParameterError
from app.ui.choices import words_of
from app.ui.parameters.escapes import lines_from, texts_in
from app.ui.parameters.fields import DECIMALS, LARGEST, CheckBox, ChoiceBox, LinesEdit, NumberBox

_LINES_HEIGHT = 74


class Editor(QWidget):
    """Where one value is chosen. `field` is what the keyboard goes to."""

    changed = Signal()

    def __init__(self, declaration: Declaration, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.declaration = declaration
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(5)
        self._outcome = QLabel(self)
        self._outcome.setProperty("kind", "small")
        self._outcome.hide()
        self.column.addWidget(self._outcome)

    def value(self) -> Any:
        """The value as it stands; raises InvalidParameterError when it is none."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        """Put a value in place of the one before."""
        raise NotImplementedError

    def show_outcome(self, outcome: Any) -> None:
        """Say what the value turned out to be, where that was left open."""
        if outcome != self.value():
            self._outcome.setText(f"now {in_words(outcome)}")
            self._outcome.show()

    def hold(self, field: QWidget) -> None:
        """Take a field in: it gets the name and the help of the value, and the keyboard's focus."""
        field.setAccessibleName(self.declaration.title)
        field.setAccessibleDescription(self.declaration.help)
        self.column.insertWidget(self.column.count() - 1, field)
        if self.focusProxy() is None:
            self.setFocusProxy(field)


class NumberEditor(Editor):
    """A number. One that nobody touched is returned exactly as it was given, whatever the field rounds it to."""

    def __init__(self, declaration: Declaration, is_whole: bool, parent: QWidget | None = None) -> None:
        super().__init__(declaration, parent)
        self._is_whole = is_whole
        self._given: float | None = None
        self.box = number_box(declaration, is_whole)
        self.hold(self.box)
        self.box.valueChanged.connect(self._on_value_changed)

    def value(self) -> float:
        """An int or a float, as declared."""
        if self._given is not None:
            return self._given
        return round(self.box.value()) if self._is_whole else self.box.value()

    def show_value(self, value: float) -> None:
        """Show a number."""
        self.box.setValue(value)
        self._given = value

    def _on_value_changed(self) -> None:
        self._given = None
        self.changed.emit()


class OptionalNumberEditor(Editor):
    """A whole number, or None: a check box says in words what None means."""

    def __init__(self, declaration: Declaration, parent: QWidget | None = None) -> None:
        super().__init__(declaration, parent)
        self.unset = CheckBox(declaration.unset[:1].upper() + declaration.unset[1:], self)
        self.box = number_box(declaration, is_whole=True)
        self.hold(self.unset)
        self.hold(self.box)
        self.unset.setAccessibleName(f"{declaration.title}: {declaration.unset}")
        self.unset.toggled.connect(self._on_toggled)
        self.box.valueChanged.connect(self.changed)

    def value(self) -> int | None:
        """None while the check box is on."""
        return None if self.unset.isChecked() else round(self.box.value())

    def show_value(self, value: int | None) -> None:
        """Show a number, or that there is none."""
        self.unset.setChecked(value is None)
        self.box.setVisible(value is not None)
        if value is not None:
            self.box.setValue(value)

    def show_outcome(self, outcome: int | None) -> None:
        """Say what it is; a number that was left open begins there when it is chosen."""
        super().show_outcome(outcome)
        if outcome is not None and self.value() is None:
            self.box.setValue(outcome)

    def _on_toggled(self, is_unset: bool) -> None:
        self.box.setVisible(not is_unset)
        self.changed.emit()


class ChoiceEditor(Editor):
    """One value of an enum, by its words."""

    def __init__(self, declaration: Declaration, kind: type[Enum], parent: QWidget | None = None) -> None:
        super().__init__(declaration, parent)
        self._choices = list(kind)
        self.box = ChoiceBox(self)
        self.box.addItems([words_of(choice) for choice in self._choices])
        self.hold(self.box)
        self.box.currentIndexChanged.connect(self.changed)

    def value(self) -> Enum:
        """The chosen one."""
        return self._choices[self.box.currentIndex()]

    def show_value(self, value: Enum) -> None:
        """Choose another."""
        self.box.setCurrentIndex(self._choices.index(value))


class SwitchEditor(Editor):
    """Yes or no."""

    def __init__(self, declaration: Declaration, parent: QWidget | None = None) -> None:
        super().__init__(declaration, parent)
        self.box = CheckBox("", self)
        self.hold(self.box)
        self.box.toggled.connect(self.changed)

    def value(self) -> bool:
        """Whether it is on."""
        return self.box.isChecked()

    def show_value(self, value: bool) -> None:
        """Turn it on or off."""
        self.box.setChecked(value)


class TextEditor(Editor):
    """One line of text."""

    def __init__(self, declaration: Declaration, parent: QWidget | None = None) -> None:
        super().__init__(declaration, parent)
        self.line = QLineEdit(self)
        self.hold(self.line)
        self.line.textChanged.connect(self.changed)

    def value(self) -> str:
        """The text without what surrounds it."""
        return self.line.text().strip()

    def show_value(self, value: str) -> None:
        """Show a text."""
        self.line.setText(value)


class NumberListEditor(Editor):
    """Numbers with commas between them."""

    def __init__(self, declaration: Declaration, parent: QWidget | None = None) -> None:
        super().__init__(declaration, parent)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("3, 1")
        self.hold(self.line)
        self.line.textChanged.connect(self.changed)

    def value(self) -> tuple[float, ...]:
        """The numbers; raises InvalidParameterError for what is none."""
        try:
            return tuple(float(part) for part in self.line.text().split(",") if part.strip())
        except ValueError as error:
            raise InvalidParameterError(
                f"{self.declaration.title} must be numbers with commas between them, but it is “{self.line.text()}”."
            ) from error

    def show_value(self, value: tuple[float, ...]) -> None:
        """Show other numbers."""
        self.line.setText(", ".join(f"{number:g}" for number in value))


class TextListEditor(Editor):
    """Texts, one a line; a line break within one is written as a backslash and an n."""

    def __init__(self, declaration: Declaration, parent: QWidget | None = None) -> None:
        super().__init__(declaration, parent)
        self.lines = LinesEdit(self)
        self.lines.setFixedHeight(_LINES_HEIGHT)
        self.lines.setPlaceholderText("One a line; \\n is a line break")
        self.lines.setToolTip("One text a line. \\n is a line break, \\t a tab, \\\\ a backslash.")
        self.hold(self.lines)
        self.lines.textChanged.connect(self.changed)

    def value(self) -> tuple[str, ...]:
        """The texts of the lines that are not empty."""
        return texts_in(self.lines.toPlainText())

    def show_value(self, value: tuple[str, ...]) -> None:
        """Show other texts."""
        self.lines.setPlainText(lines_from(value))


def in_words(outcome: Any) -> str:
    """A value as one reads it in a line of text."""
    if isinstance(outcome, Enum):
        return words_of(outcome).lower()
    return f"{outcome:,}" if isinstance(outcome, int | float) else str(outcome)


def number_box(declaration: Declaration, is_whole: bool) -> NumberBox:
    """A field that takes what the declaration's bounds hold."""
    bounds, decimals = declaration.bounds, 0 if is_whole else DECIMALS
    least = 1.0 if is_whole else 10.0**-DECIMALS
    minimum = -LARGEST if bounds is None or bounds.minimum is None else bounds.minimum
    maximum = LARGEST if bounds is None or bounds.maximum is None else bounds.maximum
    if bounds is not None:
        minimum += least if bounds.open_minimum else 0
        maximum -= least if bounds.open_maximum else 0
    return NumberBox(minimum, maximum, decimals)
