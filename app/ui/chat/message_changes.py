"""What is done to stored messages without the model: another version shown, one deleted, a conversation branched."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.conversation import Conversation
from app.core.errors import StorageError
from app.storage.conversations import ConversationStore


class MessageChanges(QObject):
    """Changes the conversations; asks before anything is lost."""

    path_changed = Signal()
    branched = Signal(Conversation)
    failed = Signal(StorageError)

    def __init__(self, conversations: ConversationStore, parent: QWidget) -> None:
        super().__init__(parent)
        self._conversations = conversations
        self._window = parent

    def show_version(self, message_id: int, step: int) -> None:
        """Show the version of a message that is `step` places after it; nothing happens when there is none."""
        try:
            versions = self._conversations.versions(message_id)
            place = versions.index(message_id) + step
            if not 0 <= place < len(versions):
                return
            self._conversations.show_version(versions[place])
        except StorageError as error:
            self.failed.emit(error)
        else:
            self.path_changed.emit()

    def branch(self, message_id: int) -> None:
        """Begin a conversation with what leads to a message."""
        try:
            conversation = self._conversations.branch(message_id)
        except StorageError as error:
            self.failed.emit(error)
        else:
            self.branched.emit(conversation)

    def delete(self, message_id: int) -> None:
        """Ask, and then delete a message with all that follows it."""
        try:
            below = self._conversations.count_below(message_id)
        except StorageError as error:
            self.failed.emit(error)
            return
        from app.ui.questions import delete_message_question

        question = delete_message_question(below, self._window)
        question.act_button.clicked.connect(lambda: self._delete(message_id))
        question.open()

    def _delete(self, message_id: int) -> None:
        try:
            self._conversations.delete_message(message_id)
        except StorageError as error:
            self.failed.emit(error)
        else:
            self.path_changed.emit()
