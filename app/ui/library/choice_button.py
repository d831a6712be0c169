"""A button that shows what is chosen and opens a menu of the other choices."""

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.ui.text_action import text_action


class ChoiceButton(QPushButton):
    """`name` says what is chosen here, for whoever cannot see where the button stands."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.choices = QMenu(self)
        self.setMenu(self.choices)
        self.setProperty("kind", "menu")

    @property
    def checked_words(self) -> list[str]:
        """The entries that are in force."""
        return [action.text() for action in self.choices.actions() if action.isChecked()]

    def show_chosen(self, words: str) -> None:
        """Show what is chosen."""
        self.setText(f"{words} ▾")
        self.setAccessibleName(f"{self._name}: {words}")

    def add_choices(self, entries: Sequence[str], chosen: Callable[[int], None]) -> list[QAction]:
        """Add a group of entries of which one is in force; `chosen` is called with the number of the one chosen."""
        group = QActionGroup(self.choices)
        added = []
        for number, words in enumerate(entries):
            action = text_action(self.choices, words)
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, number=number: chosen(number))
            group.addAction(action)
            added.append(action)
        return added

    def choose(self, words: str) -> None:
        """Choose the entry that is called so, as a press would."""
        next(action for action in self.choices.actions() if action.text() == words).trigger()
