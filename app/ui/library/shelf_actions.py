"""What can be done with a model on this computer: as buttons in its row, and as the row's context menu."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from app.core.library import ModelOrigin
from app.ui.library.shelf_rows import ShelfRow
from app.ui.library.shelf_words import is_of_another_application
from app.ui.opening import open_outside

OpenUrl = Callable[[QUrl], bool]
_BESIDE_MORE = 2  # buttons that stay where room is short


class ShelfActions(QObject):
    """Actions about one row at a time; `row` is None when there is none."""

    open_requested = Signal(Path)
    default_requested = Signal(Path)
    verify_requested = Signal(Path)
    stop_requested = Signal(Path)
    folder_failed = Signal(Path)
    add_folder_requested = Signal(Path)
    look_requested = Signal()
    forget_requested = Signal(Path)
    remove_requested = Signal(Path)

    def __init__(self, parent: QObject | None = None, open_url: OpenUrl = open_outside) -> None:
        super().__init__(parent)
        self._open_url = open_url
        self.row: ShelfRow | None = None
        self.open = self._action("Open", "Load this model and chat with it (Enter)", self.open_requested.emit)
        self.look = self._action(
            "Look again", "See whether the file is there again", lambda _: self.look_requested.emit()
        )
        self.forget = self._action("Forget", "Take it off the list", self.forget_requested.emit)
        self.default = self._action(
            "Make default", "Load this model whenever Inglenook starts", self.default_requested.emit
        )
        self.verify = self._action("Verify", "Work out the file's checksum, and compare it", self.verify_requested.emit)
        self.stop = self._action("Stop verifying", "Give up working out the checksum", self.stop_requested.emit)
        self.folder = self._action("Show in folder", "Open the folder of the file", self._show_folder)
        self.add_folder = self._action(
            "Add to folders",
            "Look for models in the folder of this file, too",
            lambda path: self.add_folder_requested.emit(path.parent),
        )
        self.remove = self._action("Remove…", "", self.remove_requested.emit)

    @property
    def all(self) -> list[QAction]:
        """In the order in which they are offered; some are hidden."""
        first = [self.open, self.look, self.forget, self.default, self.verify, self.stop]
        return [*first, self.folder, self.add_folder, self.remove]

    def show_row(self, row: ShelfRow | None, *, verifying: bool, in_folders: bool) -> None:
        """Offer what suits this row."""
        self.row = row
        if row is None:
            return
        model, there = row.model, not row.model.is_missing
        is_usable = there and not model.problem
        for action, is_offered in (
            (self.open, is_usable),
            (self.look, not there),
            (self.forget, not there),
            (self.default, is_usable),
            (self.verify, there and not verifying),
            (self.stop, verifying),
            (self.folder, there),
            (self.add_folder, there and model.origin is ModelOrigin.ADDED and not in_folders),
            (self.remove, there and model.origin is not ModelOrigin.INCLUDED),
        ):
            action.setVisible(is_offered)
        self.open.setEnabled(row.can_open)
        self.default.setEnabled(not model.is_default)
        is_held = row.is_in_use and model.origin.is_ours
        self.remove.setEnabled(not is_held)
        trash = "It is in use: open another model first" if is_held else "Move it to the trash of this computer"
        others = is_of_another_application(model)
        self.remove.setToolTip("Take it off the list; the file stays where it is" if others else trash)
        self.remove.setText("Take off the list…" if others else "Remove…")

    def fill(self, menu: QMenu) -> None:
        """Put them into a menu."""
        for action in self.all:
            menu.addAction(action)

    def _action(self, words: str, explained: str, act: Callable[[Path], None]) -> QAction:
        action = QAction(words, self)
        action.setToolTip(explained)
        action.triggered.connect(lambda: self._do(act))
        return action

    def _do(self, act: Callable[[Path], None]) -> None:
        if self.row is not None:
            act(self.row.model.path)

    def _show_folder(self, path: Path) -> None:
        if not self._open_url(QUrl.fromLocalFile(str(path.parent))):
            self.folder_failed.emit(path.parent)


class ActionButton(QPushButton):
    """A small button for an action: its words, its name for a screen reader, and whether it is offered, follow it."""

    def __init__(self, action: QAction, actions: ShelfActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._action = action
        self._actions = actions
        self.setProperty("kind", "compact-go" if action is actions.open else "compact")
        self.clicked.connect(action.trigger)
        action.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Follow the action."""
        row = self._actions.row
        self.setText(self._action.text())
        self.setToolTip(self._action.toolTip())
        self.setEnabled(self._action.isEnabled())
        self.setAccessibleName(f"{self._action.text()}: {row.model.name}" if row else self._action.text())
        self.setVisible(self._action.isVisible())


class ShelfActionBar(QWidget):
    """The buttons; where room is short the first of them, and a menu with all."""

    def __init__(self, actions: ShelfActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self.buttons = {action: ActionButton(action, actions, self) for action in actions.all}
        self.more = QPushButton("More ▾", self)
        self.more.setProperty("kind", "compact")
        self.more.setToolTip("What else can be done with this model")
        self._menu = QMenu(self.more)
        actions.fill(self._menu)
        self.more.setMenu(self._menu)
        self._is_narrow = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addWidget(self.more)
        row.addStretch()
        self.set_narrow(False)

    def set_narrow(self, narrow: bool) -> None:
        """Make the most of little width."""
        self._is_narrow = narrow
        self.refresh()

    def refresh(self) -> None:
        """Follow the actions."""
        shown = 0
        for button in self.buttons.values():
            button.refresh()
            shown += 0 if button.isHidden() else 1
            if self._is_narrow and shown > _BESIDE_MORE:
                button.hide()
        row = self._actions.row
        self.more.setAccessibleName(f"More: {row.model.name}" if row else "More")
        self.more.setVisible(self._is_narrow and shown > _BESIDE_MORE)
