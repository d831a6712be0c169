"""The row above the list: a field to search in, and four switches of what is listed."""

from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui.library.ranking import ListedModel
from app.ui.theme import Appearance


@dataclass(frozen=True, slots=True)
class Filters:
    """What a listed model must be; `words` are looked for in what it is called."""

    words: str = ""
    fits: bool = True
    open_licence: bool = False
    tools: bool = False
    vision: bool = False

    def accepts(self, model: ListedModel, speed_floor: int) -> bool:
        """Whether the model is to be listed."""
        return self.accepts_but_for_fitting(model) and (not self.fits or model.fits(speed_floor))

    def accepts_but_for_fitting(self, model: ListedModel) -> bool:
        """The same, whether it fits or not."""
        return (
            model.is_called(self.words)
            and (not self.open_licence or model.has_open_licence())
            and (not self.tools or model.can("tools"))
            and (not self.vision or model.can("vision"))
        )


class ToggleButton(QPushButton):
    """A button that stays down; a tick tells so, and not the colour alone."""

    def __init__(self, words: str, explained: str, parent: QWidget | None = None) -> None:
        super().__init__(f"{words} ✓", parent)
        self._words = words
        self.setCheckable(True)
        self.setProperty("kind", "toggle")
        self.setToolTip(explained)
        self.setAccessibleName(words)
        self.ensurePolished()
        self.setMinimumWidth(self.sizeHint().width())  # so that nothing moves when it is pressed
        self.toggled.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.setText(f"{self._words} ✓" if self.isChecked() else self._words)


class FilterBar(QWidget):
    """Tells every change at once."""

    changed = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None, *, searches_hub: bool = False) -> None:
        super().__init__(parent)
        self._appearance = appearance
        words = "Search models, or paste a repository name" if searches_hub else "Search these models"
        self.field = QLineEdit(self)
        self.field.setObjectName("LibrarySearch")
        self.field.setPlaceholderText(words)
        self.field.setAccessibleName(words)
        self.field.setToolTip("Looks for a name, a maker, a licence or an ability among the models below")
        self._icon = QAction(appearance.icon("search"), "", self.field)
        self.field.addAction(self._icon, QLineEdit.ActionPosition.LeadingPosition)
        self._empty = QAction(appearance.icon("x"), "", self.field)
        self.field.addAction(self._empty, QLineEdit.ActionPosition.TrailingPosition)
        self._empty.setToolTip("Empty the search")
        self._empty.setVisible(False)
        self._empty.triggered.connect(self.field.clear)
        self.fits = ToggleButton("Fits my computer", "Only what fits, and is expected to be fast enough", self)
        self.open_licence = ToggleButton("Apache-2.0 / MIT", "Only what anybody may use for anything", self)
        self.tools = ToggleButton("Tools", "Only what is trained to call tools", self)
        self.vision = ToggleButton("Vision", "Only what understands pictures", self)
        self._switches = (self.fits, self.open_licence, self.tools, self.vision)
        self.fits.setChecked(True)
        self._lay_out()
        self.field.textChanged.connect(lambda text: self._empty.setVisible(bool(text)))
        self.field.textChanged.connect(self.changed)
        for switch in self._switches:
            switch.toggled.connect(self.changed)
        appearance.changed.connect(self._on_appearance_changed)

    @property
    def filters(self) -> Filters:
        """What is chosen."""
        return Filters(self.field.text(), *(switch.isChecked() for switch in self._switches))

    def clear(self) -> None:
        """Let everything through."""
        with QSignalBlocker(self):
            self.field.clear()
            for switch in self._switches:
                switch.setChecked(False)
        self.changed.emit()

    def set_narrow(self, narrow: bool) -> None:
        """Put most switches below the field instead of beside it."""
        beside, below = (1, 3) if narrow else (4, 0)
        for switch in self._switches:
            self._first.removeWidget(switch)
            self._second.removeWidget(switch)
        for number, switch in enumerate(self._switches[:beside], 1):
            self._first.insertWidget(number, switch)
        for number, switch in enumerate(self._switches[4 - below :] if below else ()):
            self._second.insertWidget(number, switch)
        self._box.setSpacing(8 if narrow else 0)

    def _lay_out(self) -> None:
        self._first, self._second = QHBoxLayout(), QHBoxLayout()
        self._first.addWidget(self.field, 1)
        self._second.addStretch()
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        for row in (self._first, self._second):
            row.setSpacing(8)
            self._box.addLayout(row)
        self.set_narrow(False)

    def _on_appearance_changed(self) -> None:
        self._icon.setIcon(self._appearance.icon("search"))
        self._empty.setIcon(self._appearance.icon("x"))
