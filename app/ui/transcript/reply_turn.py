"""The model's turn: what it thought folded away, its answer as Markdown on the page, remarks and actions below."""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from app.core.conversation import Message
from app.core.generation import OutputKind
from app.services.structured import fault_note
from app.ui.fonts import LINE_PIXELS
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.caret import caret_area
from app.ui.transcript.column import BlockColumn, Marks
from app.ui.transcript.figures import ending_in_words, figures_line, thought_in_words
from app.ui.transcript.fold_heading import INDENT
from app.ui.transcript.items import NO_MARKS, Feet, StackedPart, TranscriptItem, WidgetPart
from app.ui.transcript.json_text import json_in_lines
from app.ui.transcript.markdown.content import Block, Code, reading_text
from app.ui.transcript.message_actions import ACTIONS_HEIGHT, foot_size
from app.ui.transcript.remark import Remark
from app.ui.transcript.slow_reader import SlowReader, end_of_turn
from app.ui.transcript.user_turn import plain_blocks

THINKING = "Thinking…"
_FOLD_HEIGHT = 26
_GAP = 9
_FOOT_GAP = 7
_LEAST = 50
_ESTIMATED_PER_LETTER = 0.42  # pixels of height of a whole answer, until it is known

Make = Callable[["ReplyTurn", QWidget], QWidget]


class ReplyTurn(TranscriptItem):
    """One answer; begins empty and is either written on or shown as a whole."""

    def __init__(self, look: Look, make_fold: Make, feet: Feet) -> None:
        super().__init__(look)
        self.name = "Answer"
        self.message: Message | None = None
        self.text = ""
        self.reasoning = ""
        self.heading = ""  # of the reasoning; empty while there is none
        self.is_open = False  # whether the reasoning is unfolded
        self.is_written = False
        self.notes: list[str] = []
        self.fault = ""
        self.foot = WidgetPart(ACTIONS_HEIGHT, lambda parent: feet.make(self, parent), feet.give_back)
        self.fold = WidgetPart(_FOLD_HEIGHT, lambda parent: make_fold(self, parent))
        self._thoughts = BlockColumn(look.quieter(), is_plain=True)
        self._answer = BlockColumn(look)
        self._reader: SlowReader | None = None
        self._is_filled = True
        self._known_height = 0.0  # of the whole, from when its blocks were there
        self._has_new_thoughts = False
        self._build()

    @property
    def is_filled(self) -> bool:
        """See TranscriptItem."""
        return self._is_filled

    @property
    def letters(self) -> int:
        """See TranscriptItem."""
        return len(self.text)

    @property
    def blocks(self) -> list[Block]:
        """The answer's blocks, as far as they are parsed."""
        return self._answer.blocks

    @property
    def figures(self) -> str:
        """The line of figures below the answer."""
        return figures_line(self.message) if self.message is not None else ""

    @property
    def label(self) -> str:
        """The word about how the answer ended; empty when it came to its own end."""
        return ending_in_words(self.message) if self.message is not None else ""

    @property
    def shown_reasoning(self) -> str:
        """What the model thought, as far as it is on screen."""
        return self.reasoning if self.is_open else ""

    def append_text(self, text: str) -> None:
        """Write on; flush() shows it."""
        self.text += text
        if self._reader is None:
            self._reader = SlowReader()
        self._reader.add(text)
        self.is_written = True

    def append_reasoning(self, text: str) -> None:
        """Write on in what the model thinks before its answer; flush_reasoning() shows it. Blanks are no thought."""
        if not self.reasoning and not (text := text.lstrip()):
            return
        self.reasoning += text
        self.is_written = True
        self.heading = THINKING
        self._has_new_thoughts = True

    def end_reasoning(self, seconds: float) -> None:
        """The answer begins; thinking has taken this long."""
        self.flush_reasoning()
        if self.heading == THINKING:
            self.heading = thought_in_words(seconds)

    def add_note(self, sentence: str) -> None:
        """Tell something about how the answer came about."""
        self.notes.append(sentence)
        self._build()

    def flush_reasoning(self) -> bool:
        """Show what was thought since; whether that changes what is on screen."""
        if not self._has_new_thoughts:
            return False
        self._has_new_thoughts = False
        if all(stacked.part is not self.fold for stacked in self.stack):
            self._show_thoughts()
            self._build()
            return True
        if self.is_open:
            self._thoughts.set_blocks(plain_blocks(self.reasoning), max(0, len(self._thoughts) - 1))
            self.restack()
        return self.is_open

    def forget_notes(self) -> None:
        """Tell nothing about how the answer came about."""
        if self.notes:
            self.notes = []
            self._build()

    @property
    def is_behind(self) -> bool:
        """Whether flush() has something to show."""
        return self._reader is not None and self._reader.is_behind

    def flush(self) -> int | None:
        """Show what was written since, as far as a turn has time: the first block that changes, None without any."""
        if self._reader is None or not self._reader.is_behind:
            return None
        first = self._reader.read(end_of_turn())
        self._answer.set_blocks(self._reader.blocks, first)
        self.restack()
        return first

    def changed_top(self, first: int) -> float:
        """From which height on a flush() from `first` on, and laying out after it, changed what is painted."""
        return self._answer_top + self._answer.changed_top(first)

    def caret_area(self) -> QRectF | None:
        """Where the caret stands in the item while the answer is written; None when it is not in view."""
        if not self.is_written or self.message is not None:
            return None
        if not len(self._answer):
            line = self.look.pixels(LINE_PIXELS)
            return caret_area(QRectF(0, self._answer_top, 1, line), self.look.zoom, self.width)
        last = len(self._answer) - 1
        if not self._answer.is_laid_out(last):
            return None
        area = self._answer.area_of(last)
        painter = self._answer.painter_of(last)
        end = painter.rect_at(len(reading_text(painter.block)))
        return caret_area(end.translated(area.left(), area.top() + self._answer_top), self.look.zoom, self.width)

    def write_on(self) -> None:
        """Turn back into an answer that is being written, at the end of what there is."""
        self.message = None
        self.fault = ""
        self.is_written = True
        self._reader = SlowReader(self.text)
        self._answer.set_blocks([])
        self._is_filled = True
        self._build()

    def show_message(self, message: Message) -> None:
        """Show the answer as it ended (or as far as another window has written it)."""
        goes_on = self._is_filled and self._reader is not None and message.text == self.text
        self.message, self.text = message, message.text
        self.name = f"Answer of {message.model_name}" if message.model_name else "Answer"
        self.is_written = False
        self.reasoning = message.reasoning.strip()
        if self.reasoning:
            seconds = message.statistics.reasoning_seconds if message.statistics else None
            self.heading = thought_in_words(seconds or None)
        else:
            self.heading = ""
        self.fault = fault_note(message)
        self._is_filled = False
        if goes_on and not _is_fixed_form(message):
            self.fill(end_of_turn())
        else:
            self._reader = None
            self._answer.set_blocks([])
        self._show_thoughts()
        self._build()

    def toggle(self) -> None:
        """Fold or unfold what the model thought."""
        self.is_open = not self.is_open
        self._show_thoughts()
        self._build()

    def fill(self, until: float | None = None) -> None:
        """See TranscriptItem."""
        if self._is_filled or (until is not None and self._reader is not None and time.monotonic() > until):
            return
        if self.message is not None and self.text and _is_fixed_form(self.message):
            self._take_whole(_fixed_form(self.message))
            return
        if self._reader is None:
            self._reader = SlowReader(self.text)
        first = self._reader.read(until)
        if self._reader.is_behind:
            self._answer.set_blocks(self._reader.blocks, first)
            self.restack()
        else:
            self._take_whole(self._reader.blocks, min(first, self._reader.finish()))

    def _take_whole(self, blocks: Sequence[Block], first: int = 0) -> None:
        self._is_filled = True
        self._reader = None
        self._answer.set_blocks(blocks, first)
        self.restack()

    def is_settled(self, top: float, bottom: float) -> bool:
        """See TranscriptItem."""
        return self._is_filled and super().is_settled(top, bottom)

    def empty(self) -> None:
        """See TranscriptItem."""
        if self.message is not None and not self.is_written:
            if self._is_filled:
                self._known_height = self.height
            self._is_filled = False
            self._reader = None
            self._answer.set_blocks([])

    def set_look(self, look: Look) -> None:
        """See TranscriptItem."""
        self._known_height *= look.zoom / self.look.zoom
        super().set_look(look)
        self._thoughts.set_look(look.quieter())
        self._build()

    def estimate(self, width: float) -> None:
        """See TranscriptItem."""
        if self._is_filled:
            self.set_width(width)
        else:
            self.height = self._estimated_height

    def restack(self) -> None:
        """See TranscriptItem; while the blocks are not there, a height is estimated."""
        super().restack()
        if not self._is_filled:
            estimated = 0.0 if len(self._answer) else self._estimated_height
            self.height = max(self.height, self._known_height or estimated)

    @property
    def _estimated_height(self) -> float:
        return self.look.pixels(_LEAST) + len(self.text) * _ESTIMATED_PER_LETTER * self.look.zoom

    def paint(self, painter: QPainter, visible: QRectF, marks: Marks = NO_MARKS) -> None:
        """See TranscriptItem."""
        if self.heading:
            bottom = self.fold.height + (self._thoughts.height if self.is_open else 0)
            painter.fillRect(QRectF(0, 0, self.look.pixels(2), bottom), QColor(self.look.tokens.line))
        super().paint(painter, visible, marks)

    @property
    def _answer_top(self) -> float:
        return next(stacked.top for stacked in self.stack if stacked.part is self._answer)

    def _show_thoughts(self) -> None:
        self._thoughts.set_blocks(plain_blocks(self.reasoning) if self.is_open else [])

    def _build(self) -> None:
        self.fold.height = float(self.look.pixels(_FOLD_HEIGHT))
        self.foot.height, self.foot.overhang = foot_size(self.look)
        stack = []
        if self.heading:
            stack.append(StackedPart(self.fold))
            if self.is_open:
                stack.append(StackedPart(self._thoughts, indent=self.look.pixels(INDENT)))
        stack.append(StackedPart(self._answer, gap=self.look.pixels(_GAP)))
        if self.fault:
            stack.append(StackedPart(Remark(self.fault, self.look, problem=True), gap=self.look.pixels(_FOOT_GAP)))
        stack += [StackedPart(Remark(note, self.look), gap=self.look.pixels(4)) for note in self.notes]
        stack.append(
            StackedPart(self.foot, gap=self.look.pixels(_FOOT_GAP))
        )  # kept free from the beginning: nothing jumps at the end
        self.stack = stack
        if self.width:
            self.arrange()


def _is_fixed_form(message: Message) -> bool:
    return message.provenance is not None and message.provenance.output.kind is not OutputKind.TEXT


def _fixed_form(message: Message) -> list[Block]:
    """An answer in a fixed form, which is no Markdown: every character is shown."""
    assert message.provenance is not None
    is_json = message.provenance.output.kind is not OutputKind.GRAMMAR
    return [Code("json", json_in_lines(message.text)) if is_json else Code("", message.text)]
