"""Where the reader and the keyboard are, for when the messages of the shown conversation are shown anew."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.ui.transcript.items import Spot, TranscriptItem
from app.ui.transcript.stack import Anchor


@dataclass(frozen=True, slots=True)
class FocusedButton:
    """The words of the button that the keyboard is at, below the turn with this number."""

    row: int
    words: str


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """What the reader sees first: below the turn number `row` its foot stands at `foot` in the view."""

    anchor: Anchor
    row: int
    foot: float

    def among(self, items: Sequence[TranscriptItem]) -> Anchor | None:
        """The place in these items; None where it is gone.

        Of a turn that has another version now, its foot stays: the button that turned it is there.
        """
        if self.anchor.item in items:
            return self.anchor
        if not 0 <= self.row < len(items):
            return None
        item = items[self.row]
        return Anchor(item, Spot(len(item.stack) - 1, 0), self.foot)


def kept_place(anchor: Anchor, rows: Sequence[TranscriptItem], y: float) -> KeptPlace:
    """The place of an anchor whose item begins at `y` in the view."""
    item = anchor.item
    row = next((number for number, turn in enumerate(rows) if turn is item), -1)
    return KeptPlace(anchor, row, y + item.stack[-1].top)
