"""The sidebar as a whole: brand, New chat, the conversations, and the footer."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.core.conversation import Conversation
from app.ui.sidebar.brand import BrandRow
from app.ui.sidebar.conversations import ConversationListModel
from app.ui.sidebar.footer import SidebarFooter
from app.ui.sidebar.list_view import ConversationListView
from app.ui.theme import Appearance

SIDEBAR_WIDTH = 248
TEMPORARY_CHAT_KEYS = "Ctrl+Shift+N"


class SidebarView(QFrame):
    """Shows what it is given and says what the user wants; it stores nothing."""

    new_chat_requested = Signal()
    temporary_chat_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.model = ConversationListModel(self)
        self.list = ConversationListView(self.model, appearance, self)
        self.footer = SidebarFooter(appearance, self)
        self.setObjectName("Sidebar")
        self.setFixedWidth(SIDEBAR_WIDTH)
        self._new_chat = _new_chat_button(self)
        self._new_chat.clicked.connect(self.new_chat_requested)
        self.temporary_button = _temporary_button(self)
        self.temporary_button.clicked.connect(self.temporary_chat_requested)
        self.lock_button = QToolButton(self)
        self.lock_button.setToolTip("Lock now; what is written and not sent is kept (Ctrl+L)")
        self.lock_button.setAccessibleName("Lock now")
        self.lock_button.hide()
        self._shown: int | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 14, 12, 14)
        column.setSpacing(0)
        brand = QHBoxLayout()
        brand.addWidget(BrandRow(appearance, self), 1)
        brand.addWidget(self.lock_button)
        column.addLayout(brand)
        column.addSpacing(12)
        begin = QHBoxLayout()
        begin.setSpacing(6)
        begin.addWidget(self._new_chat, 1)
        begin.addWidget(self.temporary_button)
        column.addLayout(begin)
        column.addWidget(self.list, 1)
        column.addWidget(self.footer)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @property
    def new_chat_button(self) -> QPushButton:
        """The button that begins a new chat."""
        return self._new_chat

    def show_conversations(self, conversations: Sequence[Conversation]) -> None:
        """Show the list, and keep the mark where it was."""
        self.model.show(conversations)
        self.list.select(self._shown)

    def select(self, conversation_id: int | None) -> None:
        """Mark the conversation that is shown; None for a new chat."""
        self._shown = conversation_id
        self.list.select(conversation_id)

    def _on_appearance_changed(self) -> None:
        tokens = self._appearance.tokens
        self._new_chat.setIcon(self._appearance.icon("plus", tokens.text))
        self.temporary_button.setIcon(self._appearance.icon("message-circle-dashed", tokens.text_2))
        self.lock_button.setIcon(self._appearance.icon("lock", tokens.text_2))
        self.list.viewport().update()


def _new_chat_button(parent: QWidget) -> QPushButton:
    keys = QKeySequence(QKeySequence.StandardKey.New)
    button = QPushButton("New chat", parent)
    button.setObjectName("NewChat")
    button.setToolTip("Begin a new conversation")
    button.setAccessibleName("New chat")
    hint = QLabel(keys.toString(QKeySequence.SequenceFormat.NativeText).replace("+", " "), button)
    hint.setObjectName("NewChatKeys")
    inside = QHBoxLayout(button)
    inside.setContentsMargins(10, 0, 10, 0)
    inside.addStretch()
    inside.addWidget(hint, alignment=Qt.AlignmentFlag.AlignVCenter)
    return button


def _temporary_button(parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setObjectName("TemporaryChat")
    button.setFixedSize(36, 36)
    button.setToolTip(f"New temporary chat: in memory only, gone when you leave it ({TEMPORARY_CHAT_KEYS})")
    button.setAccessibleName("New temporary chat")
    return button
