"""Keeps what is written and not sent with its conversation, wherever one goes from there, and gives it back."""

from PySide6.QtCore import QObject, Signal

from app.core.conversation import Draft
from app.core.errors import StorageError
from app.core.generation import OutputFormat
from app.storage.drafts import DraftStore
from app.ui.chat.composer import ComposerView
from app.ui.chat.draft_saving import DraftSaving
from app.ui.chat.drafts import Drafts, joined
from app.ui.chat.editing import Editing
from app.ui.chat.live_reply import LiveReply
from app.ui.chat.replies import Replies
from app.ui.notice import Notice
from app.ui.tasks import Tasks


class DraftKeeping(QObject):
    """The text of the shown conversation stands in the composer, those of the others are in memory; None is a new chat.

    With keep_on_disk() they outlive the window too. A message that was sent is among them until it is stored: it may
    have to wait for a model, and not all models load. `noticed` carries what went wrong with the disk.
    """

    noticed = Signal(Notice)

    def __init__(self, composer: ComposerView, replies: Replies, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._composer = composer
        self._replies = replies
        self._drafts = Drafts()
        self.editing = Editing(composer, self._drafts)
        self._saving: DraftSaving | None = None
        self._shown: int | None = None
        composer.field.textChanged.connect(self._on_text_changed)
        composer.format_button.chosen.connect(self._keep_format)

    def keep_on_disk(self, store: DraftStore, tasks: Tasks) -> None:
        """Save every change from now on, and show what was saved before; to be called before anything is shown."""
        self._saving = DraftSaving(store, tasks, self._unsent, self)
        self._saving.failed.connect(self._on_save_failed)

    def finish(self) -> None:
        """Save what is not saved yet, once the lanes have ended."""
        if self._saving is not None:
            self._saving.finish()

    def leave(self) -> None:
        """Another conversation is about to be shown."""
        self.editing.keep_as_draft()
        self._drafts.keep(self._shown, self._composer.text)

    def enter(self, conversation_id: int | None) -> None:
        """Put into the composer what belongs to the conversation that is shown from now on."""
        self._shown = conversation_id
        self._read(conversation_id)
        self._composer.set_text(self._drafts.take(conversation_id))
        self._composer.format_button.show_format(self._drafts.format_of(conversation_id))

    def become(self, conversation_id: int) -> None:
        """The new chat that is shown is this conversation now."""
        self._shown = conversation_id
        self._read(conversation_id)
        self._keep_format(self._composer.output)

    def forget(self, conversation_id: int) -> None:
        """The conversation was deleted."""
        if conversation_id == self._shown:
            self.editing.end()
        self._drafts.forget(conversation_id)
        if self._saving is not None:
            self._saving.forget(conversation_id)

    def begin_chat(self) -> None:
        """The new chat was sent its first message: the form goes with it, not with the next new one."""
        self._drafts.forget(None)

    def note_stored(self, live: LiveReply, *, is_shown: bool) -> None:
        """A message is stored now, perhaps as the first of a conversation: it is no draft any more."""
        if not is_shown and live.conversation_id is not None:
            self._drafts.give_back_format(live.conversation_id, live.options.output)
        if self._saving is not None:
            self._saving.note_change(None)
            self._saving.note_change(live.conversation_id)
            self._saving.save()

    def show_again(self, live: LiveReply) -> None:
        """Return to the composer what was sent from the conversation that is shown, and was not stored."""
        if live.edited is not None:
            self.editing.begin(live.edited, live.text)
        else:
            self._composer.give_back(live.text)

    def give_back(self, live: LiveReply) -> None:
        """Return a text that was not stored to the conversation in which it was written; it may be shown."""
        if live.conversation_id == self._shown:
            self._composer.give_back(live.text)
        else:
            self._drafts.give_back(live.conversation_id, live.text)

    def give_back_format(self, live: LiveReply) -> None:
        """Return the form that a message asked for, unless another was chosen since."""
        self._drafts.give_back_format(live.conversation_id, live.options.output)

    def _read(self, conversation_id: int | None) -> None:
        """Add what was stored before this window was opened, the first time that it is needed."""
        if self._saving is None:
            return
        try:
            draft = self._saving.read(conversation_id)
        except StorageError as error:
            self.noticed.emit(Notice(f"What you had written here and not sent cannot be read. {error.sentence}"))
            return
        if draft is not None and draft.text:
            self._drafts.give_back(conversation_id, draft.text)
        if draft is not None and draft.output != OutputFormat():
            self._drafts.give_back_format(conversation_id, draft.output)

    def _unsent(self, conversation_id: int | None) -> Draft:
        """All that would be lost of a conversation if the window were gone now, as it would be read back."""
        waiting = [
            live
            for live in self._replies.live
            if live.conversation_id == conversation_id and live.text and not live.is_on_disk
        ]
        text = self._drafts.text_of(conversation_id)
        if conversation_id == self._shown:
            text = joined(self.editing.changed, text) if self.editing.is_on else self._composer.text
        for live in reversed(waiting):
            text = joined(live.text, text)
        asked_for = waiting[0].options.output if waiting else OutputFormat()
        return Draft(text if text.strip() else "", self._drafts.format_of(conversation_id, asked_for))

    def _keep_format(self, output: OutputFormat) -> None:
        self._drafts.keep_format(self._shown, output)
        self._on_text_changed()

    def _on_text_changed(self) -> None:
        if self._saving is not None:
            self._saving.note_change(self._shown)

    def _on_save_failed(self, error: StorageError) -> None:
        self.noticed.emit(Notice(f"What you are writing is in this window only, and not saved. {error.sentence}"))
