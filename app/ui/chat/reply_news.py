"""What comes of messages under way: stored, answered, returned or failed, told to the page, the drafts, the notices."""

from PySide6.QtCore import QObject, Signal

from app.core.conversation import Message
from app.core.errors import ContextFullError, InglenookError, ModelChangedError, NoModelError
from app.ui.chat.draft_keeping import DraftKeeping
from app.ui.chat.header import ChatHeader
from app.ui.chat.live_reply import LiveReply
from app.ui.chat.model_state import ModelState
from app.ui.chat.replies import Replies
from app.ui.chat.shown_reply import ShownReply
from app.ui.notice import Notice, NoticeAction, NoticeBar, NoticeKind


class ReplyNews(QObject):
    """Its signals are about the conversation that is shown, but `changed`, which comes last of all and for any."""

    began = Signal(int)  # what was a new chat is this conversation now, or it is the same as before
    answered = Signal(Message)  # an answer has ended
    path_changed = Signal()  # what is stored has to be shown again
    changed = Signal()

    def __init__(
        self, replies: Replies, shown: ShownReply, drafts: DraftKeeping, header: ChatHeader, notices: NoticeBar
    ) -> None:
        super().__init__(shown)
        self._replies = replies
        self._shown = shown
        self._drafts = drafts
        self._header = header
        self._notices = notices
        replies.message_saved.connect(self._on_message_saved)
        replies.reply_finished.connect(self._on_reply_finished)
        replies.reply_returned.connect(self._on_reply_returned)
        replies.reply_failed.connect(self._on_reply_failed)
        replies.save_failed.connect(self._on_save_failed)
        replies.unsaved_kept.connect(self._on_unsaved_kept)

    def _give_back(self, live: LiveReply) -> None:
        """Return the text of a message that was not sent to where it was written, and the form it asked for."""
        self._drafts.give_back_format(live)
        if live is self._shown.live:
            self._shown.live = None
            self.path_changed.emit()
            self._drafts.show_again(live)
        else:
            self._drafts.give_back(live)

    def _end_shown(self, answer: Message | None) -> None:
        self._shown.live = None
        if answer is not None:
            self.answered.emit(answer)
        else:
            self.path_changed.emit()  # with the old answer, where the new one never began

    def _failure_notice(self, error: InglenookError) -> Notice:
        if isinstance(error, ContextFullError):
            return Notice(error.sentence, NoticeKind.ERROR, "Settings…", self._header.settings_requested.emit)
        if isinstance(error, NoModelError | ModelChangedError):
            included = NoticeAction("Use the included model", self._header.included_requested.emit)
            return Notice(
                error.sentence, NoticeKind.ERROR, "Open a model file…", self._header.open_requested.emit, (included,)
            )
        return Notice(error.sentence)

    def _on_message_saved(self, live: LiveReply) -> None:
        is_shown = live is self._shown.live
        if is_shown:
            if live.edited is not None:
                self.path_changed.emit()  # with the number of its version
            else:
                self._shown.mark_sent()
            if live.conversation_id is not None:
                self.began.emit(live.conversation_id)
        self._drafts.note_stored(live, is_shown=is_shown)
        self.changed.emit()

    def _on_reply_finished(self, live: LiveReply) -> None:
        if live is self._shown.live:
            self._end_shown(live.answer or live.continued)
        self.changed.emit()

    def _on_reply_returned(self, live: LiveReply) -> None:
        self._give_back(live)
        self.changed.emit()

    def _on_reply_failed(self, live: LiveReply, error: InglenookError) -> None:
        # When a model could not be loaded, a notice has said why; "no model is loaded" would only cover it up.
        if not (isinstance(error, NoModelError) and self._shown.status.state is ModelState.FAILED):
            self._notices.show_notice(self._failure_notice(error))
        if not live.is_saved:
            self._give_back(live)
        elif live is self._shown.live:
            self._end_shown(live.interrupted_answer())
        self.changed.emit()

    def _on_save_failed(self, error: InglenookError) -> None:
        self._notices.show_notice(Notice(error.sentence, NoticeKind.ERROR, "Try again", self._replies.retry_unsaved))

    def _on_unsaved_kept(self) -> None:
        self._notices.show_notice(Notice("The answer is saved now.", NoticeKind.NOTE))
