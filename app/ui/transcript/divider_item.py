"""The line where the model's memory begins, as one of the transcript's items."""

from PySide6.QtWidgets import QWidget

from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.items import StackedPart, TranscriptItem, WidgetPart
from app.ui.transcript.memory_divider import MemoryDivider


class DividerItem(TranscriptItem):
    """Lives as long as it stands in the conversation, so that a summary that was opened stays open."""

    def __init__(self, widget: MemoryDivider, look: Look) -> None:
        super().__init__(look)
        self.widget = widget
        self.name = widget.words
        self.part = WidgetPart(float(widget.sizeHint().height()), self._given, self._keep)
        self.stack = [StackedPart(self.part)]

    def take_height(self) -> None:
        """Be as high as the widget wants to be at this width."""
        self.part.height = float(self.widget.height_at(round(self.width)))
        self.restack()

    def set_look(self, look: Look) -> None:
        """See TranscriptItem."""
        self.widget.set_tokens(look.tokens)
        super().set_look(look)

    def arrange(self) -> None:
        """See TranscriptItem."""
        self.take_height()

    def _keep(self, _widget: QWidget) -> None:
        """It lives as long as the item."""

    def _given(self, _parent: QWidget) -> QWidget:
        return self.widget
