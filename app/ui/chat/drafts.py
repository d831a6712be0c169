"""What was written and not sent, and the form in which answers are asked for, for each conversation."""

from app.core.generation import OutputFormat


def joined(returned: str, written_since: str) -> str:
    """A text that comes back unsent, before whatever was written since."""
    return "\n\n".join(part for part in (returned, written_since) if part.strip())


class Drafts:
    """Texts and formats by conversation id, as long as the window lives; None is the new chat's."""

    def __init__(self) -> None:
        self._texts: dict[int | None, str] = {}
        self._formats: dict[int | None, OutputFormat] = {}

    def keep(self, conversation_id: int | None, text: str) -> None:
        """Remember what stands in the composer."""
        self._texts[conversation_id] = text

    def take(self, conversation_id: int | None) -> str:
        """What was kept, which is then forgotten; empty when there is nothing."""
        return self._texts.pop(conversation_id, "")

    def give_back(self, conversation_id: int | None, text: str) -> None:
        """Keep a text that was not sent, before a draft that is already there."""
        self._texts[conversation_id] = joined(text, self._texts.get(conversation_id, ""))

    def text_of(self, conversation_id: int | None) -> str:
        """What was kept, which stays; empty when there is nothing."""
        return self._texts.get(conversation_id, "")

    def format_of(self, conversation_id: int | None, otherwise: OutputFormat = OutputFormat()) -> OutputFormat:
        """The form that was chosen, which stays chosen; `otherwise` when none was."""
        return self._formats.get(conversation_id, otherwise)

    def keep_format(self, conversation_id: int | None, output: OutputFormat) -> None:
        """Remember the form that is chosen now."""
        self._formats[conversation_id] = output

    def give_back_format(self, conversation_id: int | None, output: OutputFormat) -> None:
        """Keep the form that a message asked for, unless another was chosen since."""
        self._formats.setdefault(conversation_id, output)

    def forget(self, conversation_id: int | None) -> None:
        """Nothing of a conversation is needed any more."""
        self._texts.pop(conversation_id, None)
        self._formats.pop(conversation_id, None)
