"""Joins the list of conversations with the window: what it lists, and what is renamed and deleted in it."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from app.core.errors import StorageError
from app.storage.conversations import ConversationStore
from app.ui.chat.page import ChatPage
from app.ui.chat.replies import Replies
from app.ui.notice import Notice
from app.ui.sidebar.view import SidebarView


class SidebarInWindow(QObject):
    """`window` is what its questions open in front of."""

    def __init__(
        self, conversations: ConversationStore, replies: Replies, sidebar: SidebarView, page: ChatPage, window: QWidget
    ) -> None:
        super().__init__(window)
        self._conversations = conversations
        self._replies = replies
        self._sidebar = sidebar
        self._page = page
        self._window = window
        page.conversation_shown.connect(self._on_conversation_shown)
        page.conversations_changed.connect(self.refresh)
        sidebar.list.chosen.connect(page.show_conversation)
        sidebar.list.delete_requested.connect(self._on_delete_requested)
        sidebar.model.renamed.connect(self._on_renamed)

    def refresh(self) -> None:
        """List the conversations that are stored, and mark those in which something is being written."""
        try:
            self._sidebar.show_conversations(self._conversations.list())
        except StorageError as error:
            self._page.notices.show_notice(Notice(error.sentence))
        ids = {live.conversation_id for live in self._replies.live}
        self._sidebar.list.busy = frozenset(i for i in ids if i is not None)

    def _delete(self, conversation_id: int) -> None:
        if self._replies.in_conversation(conversation_id) is not None:
            return
        try:
            self._conversations.delete(conversation_id)
        except StorageError as error:
            self._page.notices.show_notice(Notice(error.sentence))
        else:
            self._page.forget(conversation_id)
        self.refresh()

    def _on_conversation_shown(self) -> None:
        self._sidebar.select(self._page.shown_id)

    def _on_renamed(self, conversation_id: int, title: str) -> None:
        try:
            self._conversations.rename(conversation_id, title)
        except StorageError as error:
            self._page.notices.show_notice(Notice(error.sentence))
        # Not at once: the list's editor is still open while its text is handed over.
        QTimer.singleShot(0, self, self.refresh)

    def _on_delete_requested(self, conversation_id: int) -> None:
        from app.ui.questions import delete_question

        index = self._sidebar.model.index_of(conversation_id)
        conversation = self._sidebar.model.conversation(index)
        if conversation is not None and conversation.is_temporary:
            self._page.show_new_chat()  # which leaves it, and so it is gone
        elif conversation is not None:
            question = delete_question(conversation.title, self._window)
            question.act_button.clicked.connect(lambda: self._delete(conversation_id))
            question.open()
