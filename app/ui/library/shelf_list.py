"""The list of models on this computer: painted rows, of which the current one has buttons."""

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QWidget

from app.ui.library.shelf_actions import ShelfActionBar, ShelfActions
from app.ui.library.shelf_painting import ShelfRowDelegate
from app.ui.library.shelf_rows import Index, ShelfListModel, ShelfRow
from app.ui.theme import Appearance

_OPENING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ShelfListView(QListView):
    """Two hundred rows cost no more than the ones in view. Enter and a double click open, Del asks to remove."""

    current_changed = Signal()

    def __init__(
        self, rows: ShelfListModel, actions: ShelfActions, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rows = rows
        self._actions = actions
        self._delegate = ShelfRowDelegate(appearance, self)
        self._wanted: Path | None = None  # the current row, over a reset of the rows
        self.setObjectName("ShelfList")
        self.setAccessibleName("Models on this computer")
        self.bar = ShelfActionBar(actions, self.viewport())
        self.bar.hide()
        self.setModel(rows)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.verticalScrollBar().setSingleStep(24)
        self.doubleClicked.connect(self._on_double_clicked)
        rows.modelReset.connect(self._on_reset)
        rows.dataChanged.connect(self._on_data_changed)
        appearance.changed.connect(self.viewport().update)

    @property
    def current(self) -> ShelfRow | None:
        """The row that has the buttons."""
        return self._rows.row_at(self.currentIndex())

    @property
    def contents_height(self) -> int:
        """How high all rows are together."""
        rect = self.visualRect(self._rows.index(self._rows.rowCount() - 1)) if self._rows.rowCount() else None
        return 0 if rect is None else rect.bottom() + 1 + self.verticalOffset()

    def choose(self, path: Path) -> None:
        """Make a model's row the current one."""
        self._wanted = path
        index = self._rows.index_of(path)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def refresh_actions(self) -> None:
        """Follow what suits the current row now."""
        self.bar.refresh()
        self._place_bar()

    def set_narrow(self, narrow: bool) -> None:
        """Make the most of little width."""
        if narrow != self._delegate.is_narrow:
            self._delegate.is_narrow = narrow
            self.bar.set_narrow(narrow)
            self._lay_out_anew()

    def menu_at(self, position: QPoint) -> QMenu | None:
        """The context menu of the row under `position`; None where there is no row."""
        index = self.indexAt(position)
        if not index.isValid():
            return None
        self.setCurrentIndex(index)
        menu = QMenu(self)
        self._actions.fill(menu)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _lay_out_anew(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.executeDelayedItemsLayout()
        self._place_bar()
        self.viewport().update()

    def _place_bar(self) -> None:
        index = self.currentIndex()
        if self._rows.row_at(index) is None:
            self.bar.hide()
            return
        self.bar.setGeometry(self._delegate.actions_rect(self.visualRect(index)))
        self.bar.show()

    def _on_double_clicked(self, index: QModelIndex) -> None:
        row = self._rows.row_at(index)
        if row is not None and row.can_open:
            self._actions.open.trigger()

    def _on_reset(self) -> None:
        index = self._rows.index_of(self._wanted) if self._wanted is not None else QModelIndex()
        if not index.isValid() and self._rows.rowCount():
            index = self._rows.index(0)
        self._delegate.opened = None
        self.setCurrentIndex(index)
        if not index.isValid():
            self.current_changed.emit()
        self._lay_out_anew()

    def _on_data_changed(self) -> None:
        self._lay_out_anew()
        self.current_changed.emit()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        row = self._rows.row_at(current)
        self._wanted = row.model.path if row is not None else self._wanted
        self._delegate.opened = QPersistentModelIndex(current) if current.isValid() else None
        self.current_changed.emit()
        self._lay_out_anew()
        self.scrollTo(current)

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._place_bar()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._place_bar()

    def resizeEvent(self, event: QResizeEvent) -> None:
        current = self.currentIndex()
        was_in_view = QRect(QPoint(), event.oldSize()).intersects(self.visualRect(current))
        self._delegate.width = self.viewport().width()
        super().resizeEvent(event)
        self._place_bar()
        if was_in_view:
            self.scrollTo(current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current
        if event.key() in _OPENING and row is not None:
            if row.can_open:
                self._actions.open.trigger()
        elif event.key() == Qt.Key.Key_Delete and row is not None:
            if self._actions.remove.isVisible() and self._actions.remove.isEnabled():
                self._actions.remove.trigger()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_keys = event.reason() is QContextMenuEvent.Reason.Keyboard
        place = self.visualRect(self.currentIndex()).center() if by_keys else event.pos()
        menu = self.menu_at(place)
        if menu is not None:
            menu.popup(self.viewport().mapToGlobal(place))
