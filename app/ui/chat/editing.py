"""The message of the user's that is being edited in the composer, and the draft that waits meanwhile."""

from app.core.conversation import Message
from app.ui.chat.composer import ComposerView
from app.ui.chat.drafts import Drafts


class Editing:
    """Puts a message that was sent into the composer, and afterwards the draft that stood there before."""

    def __init__(self, composer: ComposerView, drafts: Drafts) -> None:
        self._composer = composer
        self._drafts = drafts
        self._message: Message | None = None

    @property
    def is_on(self) -> bool:
        """Whether a message is being edited."""
        return self._message is not None

    @property
    def changed(self) -> str:
        """The message as it was changed; empty while none is edited, or where nothing of it was changed."""
        text = self._composer.text
        return text if self._message is not None and text.strip() and text != self._message.text else ""

    def begin(self, message: Message, text: str) -> None:
        """Edit `message`, of which `text` is to become another version."""
        self.keep_as_draft()
        self._drafts.keep(message.conversation_id, self._composer.text)
        self._message = message
        self._composer.set_text(text)
        self._composer.set_is_editing(True)
        self._composer.field.setFocus()

    def end(self) -> Message | None:
        """Take the draft up again; the message that was edited, if there was one."""
        message, self._message = self._message, None
        if message is not None:
            self._composer.set_is_editing(False)
            self._composer.set_text(self._drafts.take(message.conversation_id))
        return message

    def keep_as_draft(self) -> None:
        """End, because something else comes first: what was changed in the message stays, before the draft."""
        changed = self.changed
        self.end()
        if changed:
            self._composer.give_back(changed)
