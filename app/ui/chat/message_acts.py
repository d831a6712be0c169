"""What is pressed at a message that is shown: write on, another answer, edit, another version, delete, branch."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.conversation import Message, Role
from app.ui.chat.editing import Editing
from app.ui.chat.live_reply import LiveReply
from app.ui.chat.message_changes import MessageChanges
from app.ui.chat.options import ReplyOptions
from app.ui.chat.replies import Replies

if TYPE_CHECKING:
    from app.ui.transcript.view import TranscriptView


class MessageActs(QObject):
    """`path_to` finds the shown messages down to one; where it finds none, nothing happens. `options` are the page's.

    The signals carry what is under way from then on.
    """

    written_on = Signal(LiveReply, int)  # the second: the answer's id
    version_begun = Signal(LiveReply)

    def __init__(
        self,
        path_to: Callable[[int], list[Message]],
        options: Callable[[], ReplyOptions],
        replies: Replies,
        editing: Editing,
        changes: MessageChanges,
    ) -> None:
        super().__init__(changes)
        self._path_to = path_to
        self._options = options
        self._replies = replies
        self._editing = editing
        self._changes = changes

    def connect_to(self, transcript: "TranscriptView") -> None:
        """Do what is pressed there."""
        transcript.continue_requested.connect(self.write_on)
        transcript.retry_requested.connect(self.retry)
        transcript.edit_requested.connect(self.edit)
        transcript.version_requested.connect(self.show_version)
        transcript.delete_requested.connect(self.delete)
        transcript.branch_requested.connect(self._changes.branch)

    def write_on(self, message_id: int) -> None:
        """Let the model write on at the end of an answer."""
        path = self._path_to(message_id)
        if path:
            self._editing.keep_as_draft()
            answer = self._replies.unsaved.get(message_id, path[-1])
            self.written_on.emit(self._replies.write_on(answer, self._options()), message_id)

    def retry(self, message_id: int) -> None:
        """Let the model write another version of an answer, or the answer to a last question."""
        path = self._path_to(message_id)
        answered = path.pop() if path and path[-1].role is Role.ASSISTANT else None
        if path and path[-1].role is Role.USER:
            self._editing.keep_as_draft()
            self.version_begun.emit(self._replies.retry(path[-1], answered, self._options()))

    def edit(self, message_id: int) -> None:
        """Put a message of the user's into the composer, to be sent as another version of it."""
        path = self._path_to(message_id)
        if path and path[-1].role is Role.USER:
            self._editing.begin(path[-1], path[-1].text)

    def show_version(self, message_id: int, step: int) -> None:
        """Show the version of a message that is `step` places after it, and what follows it."""
        if self._path_to(message_id):
            self._changes.show_version(message_id, step)

    def delete(self, message_id: int) -> None:
        """Ask, and then delete a message with all that follows it."""
        if self._path_to(message_id):
            self._changes.delete(message_id)
