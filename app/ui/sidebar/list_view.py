"""The list of conversations: choose, rename (F2) and delete (Del), also from each row's context menu."""

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QWidget

from app.core.conversation import Conversation
from app.ui.sidebar.conversations import ConversationListModel
from app.ui.sidebar.row import ConversationRowDelegate
from app.ui.theme import Appearance


class ConversationListView(QListView):
    """Rows of an item model, so that three hundred conversations cost no more than the ones in view."""

    chosen = Signal(int)
    delete_requested = Signal(int)

    def __init__(self, model: ConversationListModel, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = model
        self.busy: frozenset[int] = frozenset()  # conversations in which an answer is under way
        self.setObjectName("ConversationList")
        self.setAccessibleName("Conversations")
        self.setModel(model)
        self.setItemDelegate(ConversationRowDelegate(appearance, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.rename_action = self._action("Rename…", QKeySequence(Qt.Key.Key_F2), self._on_rename)
        self.delete_action = self._action("Delete…", QKeySequence(QKeySequence.StandardKey.Delete), self._on_delete)
        self.clicked.connect(self._on_activated)
        self.activated.connect(self._on_activated)

    def select(self, conversation_id: int | None) -> None:
        """Mark the conversation that is shown; None marks none."""
        index = self._rows.index_of(conversation_id)
        if index.isValid():
            self.setCurrentIndex(index)
        else:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())

    def menu_at(self, position: QPoint) -> QMenu | None:
        """The context menu of the row under `position`; None where there is no conversation."""
        index = self.indexAt(position)
        conversation = self._rows.conversation(index)
        if conversation is None:
            return None
        self.selectionModel().setCurrentIndex(index, self.selectionModel().SelectionFlag.NoUpdate)
        busy = conversation.id in self.busy
        self.delete_action.setEnabled(not busy)
        act = "Close" if conversation.is_temporary else "Delete"
        more = "" if conversation.is_temporary else "…"
        self.delete_action.setText(f"{act} (an answer is being written)" if busy else act + more)
        menu = QMenu(self)
        if not conversation.is_temporary:
            menu.addAction(self.rename_action)
        menu.addAction(self.delete_action)
        menu.aboutToHide.connect(self._on_menu_hidden)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _action(self, text: str, keys: QKeySequence, slot: object) -> QAction:
        action = QAction(text, self)
        action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(slot)
        self.addAction(action)
        return action

    def _current(self) -> Conversation | None:
        return self._rows.conversation(self.currentIndex())

    def _on_menu_hidden(self) -> None:
        self.delete_action.setEnabled(True)

    def _on_activated(self, index: QModelIndex) -> None:
        conversation = self._rows.conversation(index)
        if conversation is not None:
            self.chosen.emit(conversation.id)

    def _on_rename(self) -> None:
        conversation = self._current()
        if conversation is not None and not conversation.is_temporary:
            self.edit(self.currentIndex())

    def _on_delete(self) -> None:
        conversation = self._current()
        if conversation is not None and conversation.id not in self.busy:
            self.delete_requested.emit(conversation.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu_at(event.pos())
        if menu is not None:
            menu.popup(event.globalPos())
