"""Joins temporary chats with the window: how one is begun, that it is gone once it was left, and how it is kept."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.cancel import CancelToken
from app.core.conversation import is_temporary
from app.core.errors import StorageError
from app.services.chat import ChatService
from app.storage.temporary_chats import TemporaryChats
from app.ui.chat.page import ChatPage
from app.ui.chat.replies import Replies
from app.ui.notice import Notice, NoticeKind
from app.ui.tasks import Emit, Lane, Tasks


class TemporaryInWindow(QObject):
    """A temporary chat lives while it is shown, or while an answer is written in it; nothing is asked when it goes.

    `changed`: there is one more, or one less. `chats_requested`: one is to be seen. Without `chats` none can be begun.
    """

    changed = Signal()
    chats_requested = Signal()

    def __init__(
        self,
        chats: TemporaryChats | None,
        chat: ChatService,
        tasks: Tasks,
        replies: Replies,
        page: ChatPage,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._chats = chats
        self._chat = chat
        self._tasks = tasks
        self._replies = replies
        self._page = page
        page.temporary.keep_requested.connect(self.keep)
        page.conversation_shown.connect(self._on_shown)
        page.conversations_changed.connect(self._refresh)
        for ended in (replies.reply_finished, replies.reply_returned, replies.reply_failed):
            ended.connect(self._sweep)

    def begin(self) -> None:
        """Show a new temporary chat; one that is shown and still empty will do."""
        self.chats_requested.emit()
        shown = self._page.shown_id
        if self._chats is None or (shown is not None and is_temporary(shown) and self._page.is_empty):
            self._page.composer.field.setFocus()
            return
        try:
            made = self._chats.begin()
        except StorageError as error:
            self._page.notices.show_notice(Notice(error.sentence))
        else:
            self.changed.emit()
            self._page.show_conversation(made.id)

    def keep(self) -> None:
        """Store the chat that is shown among the conversations, with what stands in the composer."""
        shown = self._page.shown_id
        if self._chats is None or shown is None or not self._can_keep(shown):
            return
        draft = self._page.composer.text
        try:
            kept = self._chats.keep(shown)
        except StorageError as error:
            self._page.notices.show_notice(Notice(error.sentence))
            return
        self._page.show_conversation(kept.id)
        self._forget(shown)
        self._page.composer.set_text(draft)
        self._page.notices.show_notice(Notice("This chat is kept now.", NoticeKind.NOTE))
        self.changed.emit()

    def _can_keep(self, conversation_id: int) -> bool:
        return not self._page.is_empty and self._replies.in_conversation(conversation_id) is None

    def _on_shown(self) -> None:
        self._refresh()
        self._sweep()

    def _refresh(self) -> None:
        shown = self._page.shown_id
        banner = self._page.temporary
        banner.setVisible(shown is not None and is_temporary(shown))
        banner.keep_button.setEnabled(shown is not None and self._can_keep(shown))

    def _sweep(self) -> None:
        """Drop what was left, unless an answer is being written there."""
        if self._chats is None:
            return
        left: list[int] = []
        try:
            left = [
                chat.id
                for chat in self._chats.store.list()
                if chat.id != self._page.shown_id and self._replies.in_conversation(chat.id) is None
            ]
            for id_ in left:
                self._chats.drop(id_)
                self._forget(id_)
        except StorageError as error:
            self._page.notices.show_notice(Notice(error.sentence))
        if left:
            self.changed.emit()

    def _forget(self, conversation_id: int) -> None:
        """What the page had of it goes, and what the model read of it."""
        chat = self._chat

        def work(_emit: Emit[None], _cancel: CancelToken) -> None:
            chat.forget(conversation_id)

        self._page.forget(conversation_id)
        self._tasks.run(Lane.ENGINE, work, lambda _: None, lambda _: None, lambda _: None)
