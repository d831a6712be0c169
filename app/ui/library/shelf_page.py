"""The page "On this computer": every model that is here, what can be done with it, and where models are looked for."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from app.core.library import ModelOrigin
from app.ui.file_choice import choose_folder
from app.ui.library.choice_button import ChoiceButton
from app.ui.library.folders_section import FoldersSection
from app.ui.library.shelf import Shelf
from app.ui.library.shelf_actions import ShelfActions
from app.ui.library.shelf_layout import ShelfLayout
from app.ui.library.shelf_list import ShelfListView
from app.ui.library.shelf_rows import ShelfListModel, ShelfOrder, arranged, rows_of
from app.ui.library.shelf_words import is_within, remove_words
from app.ui.library.state_panel import StatePanel
from app.ui.library.work_line import WorkLine
from app.ui.notice import Notice, NoticeBar, NoticeKind
from app.ui.questions import QuestionDialog
from app.ui.theme import Appearance

_EMPTY = (
    "No model is on this computer yet. Download one under Discover, add a .gguf file, or use those of another "
    "application."
)
_ONLY_INCLUDED = (
    "This is the model that comes with Inglenook; it is tiny, so expect mistakes. Download a larger one under "
    "Discover, drop a .gguf file onto the window, or use the models of another application."
)
_NOTHING_CALLED = "No model on this computer is called so."


class ShelfPage(QWidget):
    """It looks through the folders anew whenever it comes into view; what the index has is shown at once."""

    open_requested = Signal(Path)
    add_requested = Signal()

    def __init__(self, shelf: Shelf, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._appearance = appearance
        self._in_use: Path | None = None
        self._order = ShelfOrder.NAME
        self.notices = NoticeBar(appearance, self)
        self.field = QLineEdit(self)
        self.field.setObjectName("LibrarySearch")
        self.field.setPlaceholderText("Search on this computer")
        self.field.setAccessibleName("Search on this computer")
        self.field.setToolTip("Looks for a name, a precision, a licence, an application or a folder")
        self._icon = QAction(appearance.icon("search"), "", self.field)
        self.field.addAction(self._icon, QLineEdit.ActionPosition.LeadingPosition)
        self.sort_button = ChoiceButton("Sort by", self)
        orders = list(ShelfOrder)
        self._sorts = self.sort_button.add_choices(
            [order.capitalize() for order in orders], lambda number: self.sort_by(orders[number])
        )
        self._sorts[0].setChecked(True)
        self.work = WorkLine(self)
        self.actions_of_row = ShelfActions(self)
        self.rows = ShelfListModel(self)
        self.card = QFrame(self)
        self.card.setObjectName("ShelfCard")
        self.list = ShelfListView(self.rows, self.actions_of_row, appearance, self.card)
        inside = QVBoxLayout(self.card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.list)
        self.state = StatePanel(self)
        self.folders = FoldersSection(self)
        self.setObjectName("Page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._layout = ShelfLayout(self)
        self.add_button = self._layout.add_button
        self.others_button = self._layout.others_button
        self.sort_by(ShelfOrder.NAME)
        self._connect()

    @property
    def names(self) -> list[str]:
        """The models that are listed, from above."""
        return [row.model.name for row in self.rows.rows]

    def show_in_use(self, path: Path | None) -> None:
        """Mark the model in use; None when there is none."""
        self._in_use = path
        self._refresh()

    def sort_by(self, order: ShelfOrder) -> None:
        """Put the models in this order."""
        self._order = order
        self._sorts[list(ShelfOrder).index(order)].setChecked(True)
        self.sort_button.show_chosen(f"Sort by {order}")
        self._refresh()

    def choose(self, path: Path) -> None:
        """Make a model's row the current one, whatever is searched for."""
        if not self.rows.index_of(path).isValid():
            self.field.clear()
        self.list.choose(path)

    def clear_search(self) -> bool:
        """Empty the field that the keyboard is in; False when it is elsewhere, or the field is empty."""
        if not self.field.hasFocus() or not self.field.text():
            return False
        self.field.clear()
        return True

    def _refresh(self) -> None:
        models = self._shelf.models
        listed = arranged(models, self.field.text(), self._order)
        self.rows.show(rows_of(listed, models, self._shelf.verifier.news, self._in_use))
        self.folders.show_folders(self._shelf.folders)
        self._refresh_actions()
        self._fit_card()
        if not self._shelf.is_known:
            self.state.show_state("")
        elif not models:
            self.state.show_state(_EMPTY)
        elif not listed:
            self.state.show_state(_NOTHING_CALLED, "Show all models")
        else:
            only_included = all(model.origin is ModelOrigin.INCLUDED for model in models)
            self.state.show_state(_ONLY_INCLUDED if only_included else "")

    def _refresh_actions(self) -> None:
        row = self.list.current
        path = row.model.path if row is not None else Path()
        self.actions_of_row.show_row(
            row,
            verifying=self._shelf.verifier.is_verifying(path),
            in_folders=is_within(path, self._shelf.folders),
        )
        self.list.refresh_actions()

    def _fit_card(self) -> None:
        """No higher than its rows; the rest of the page is below it."""
        self.card.setVisible(bool(self.rows.rows))
        self.card.setMaximumHeight(self.list.contents_height + 2)

    def _on_current_changed(self) -> None:
        self._refresh_actions()
        self._fit_card()

    def _on_remove(self, path: Path) -> None:
        model = self._shelf.model(path)
        removal = self._shelf.removal(path)
        if model is not None and removal is not None:
            question = QuestionDialog(*remove_words(model, removal), self)
            question.act_button.clicked.connect(lambda: self._shelf.remove(model))
            question.open()

    def _on_forget(self, path: Path) -> None:
        model = self._shelf.model(path)
        if model is not None:
            self._shelf.remove(model, quietly=True)

    def _on_folder_failed(self, folder: Path) -> None:
        self.notices.show_notice(Notice(f"The folder {folder} could not be opened."))

    def _on_added(self, path: Path) -> None:
        model = self._shelf.model(path)
        if model is not None:
            self.choose(path)
            sentence = f"{model.name} is one of your models now."
            self.notices.show_notice(
                Notice(sentence, NoticeKind.NOTE, "Open it", lambda: self.open_requested.emit(path))
            )

    def _on_state_pressed(self) -> None:
        self.field.clear()
        self.field.setFocus()

    def _on_add_folder(self) -> None:
        choose_folder(self, "Look for models in a folder", lambda folder: self._shelf.add_folder(Path(folder)))

    def _connect(self) -> None:
        shelf, actions = self._shelf, self.actions_of_row
        shelf.changed.connect(self._refresh)
        shelf.verifier.changed.connect(self._refresh)
        shelf.work_changed.connect(self.work.show_work)
        shelf.told.connect(self.notices.show_notice)
        shelf.added.connect(self._on_added)
        self.work.stop_requested.connect(shelf.stop)
        self.field.textChanged.connect(self._refresh)
        self.list.current_changed.connect(self._on_current_changed)
        actions.open_requested.connect(self.open_requested)
        actions.default_requested.connect(shelf.choose_default)
        actions.verify_requested.connect(shelf.verifier.verify)
        actions.stop_requested.connect(shelf.verifier.stop)
        actions.add_folder_requested.connect(shelf.add_folder)
        actions.look_requested.connect(shelf.scan)
        actions.forget_requested.connect(self._on_forget)
        actions.remove_requested.connect(self._on_remove)
        actions.folder_failed.connect(self._on_folder_failed)
        self.state.pressed.connect(self._on_state_pressed)
        self.folders.add_button.clicked.connect(self._on_add_folder)
        self.folders.compare_button.clicked.connect(shelf.find_duplicates)
        self.folders.forget_requested.connect(shelf.forget_folder)
        self.add_button.clicked.connect(self.add_requested)
        self.others_button.clicked.connect(lambda: shelf.scan(tells_found=True))
        self._appearance.changed.connect(lambda: self._icon.setIcon(self._appearance.icon("search")))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._layout.fit(event.size())
        self._fit_card()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()
        self._shelf.scan()
