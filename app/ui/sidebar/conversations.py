"""The list's rows as Qt's model: captions, and conversations that can be chosen and renamed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.core.conversation import Conversation
from app.ui.sidebar.groups import grouped

Index = QModelIndex | QPersistentModelIndex
CONVERSATION_ROLE = Qt.ItemDataRole.UserRole
_TOP = QModelIndex()


class ConversationListModel(QAbstractListModel):
    """Captions and conversations; `renamed` carries a conversation's id and the title that the user typed."""

    renamed = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[str | Conversation] = []

    def show(self, conversations: Sequence[Conversation]) -> None:
        """Replace every row; an unchanged list is left alone, so that an open editor stays open."""
        rows = grouped(conversations, datetime.now(UTC).astimezone().date())
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def conversation(self, index: Index) -> Conversation | None:
        """The conversation in a row; None for a caption."""
        row = self._rows[index.row()] if index.isValid() else None
        return row if isinstance(row, Conversation) else None

    def index_of(self, conversation_id: int | None) -> QModelIndex:
        """The row of a conversation; an invalid index when it has none."""
        for number, row in enumerate(self._rows):
            if isinstance(row, Conversation) and row.id == conversation_id:
                return self.index(number)
        return QModelIndex()

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == CONVERSATION_ROLE:
            return row if isinstance(row, Conversation) else None
        title = row.title if isinstance(row, Conversation) else row
        shown = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.AccessibleTextRole)
        return title if role in shown else None

    def setData(self, index: Index, value: Any, _role: int = Qt.ItemDataRole.EditRole) -> bool:
        conversation = self.conversation(index)
        title = " ".join(str(value).split())
        if conversation is None or not title or title == conversation.title:
            return False
        self.renamed.emit(conversation.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        conversation = self.conversation(index)
        if conversation is None:
            return Qt.ItemFlag.NoItemFlags
        if conversation.is_temporary:  # it has no title of its own
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
