"""What was written and not sent, for each conversation."""


def joined(returned: str, written_since: str) -> str:
    """A text that comes back unsent, before whatever was written since."""
    return f"{returned}\n\n{written_since}" if written_since.strip() else returned


class Drafts:
    """Texts by conversation id; None is the new chat's."""

    def __init__(self) -> None:
        self._texts: dict[int | None, str] = {}

    def keep(self, conversation_id: int | None, text: str) -> None:
        """Remember what stands in the composer."""
        self._texts[conversation_id] = text

    def take(self, conversation_id: int | None) -> str:
        """What was kept, which is then forgotten; empty when there is nothing."""
        return self._texts.pop(conversation_id, "")

    def give_back(self, conversation_id: int | None, text: str) -> None:
        """Keep a text that was not sent, before a draft that is already there."""
        self._texts[conversation_id] = joined(text, self._texts.get(conversation_id, ""))
