"""The end of the answer that is being written: a caret breathes there, and its sentences are read out."""

from PySide6.QtCore import QObject, QRect, QRectF
from PySide6.QtGui import QPainter

from app.ui.transcript.announcer import SentenceAnnouncer
from app.ui.transcript.caret import BreathingCaret
from app.ui.transcript.page_view import PageView
from app.ui.transcript.reply_turn import ReplyTurn


class AnswerEnd(QObject):
    """Belongs to one view, in which at most one answer is being written."""

    def __init__(self, view: PageView) -> None:
        super().__init__(view)
        self._view = view
        self._turn: ReplyTurn | None = None
        self._painted = QRect()
        self._announcer = SentenceAnnouncer(view)
        self.caret = BreathingCaret(self)
        self.caret.changed.connect(self._on_caret_changed)

    @property
    def painted(self) -> QRect:
        """The pixels of the viewport that the caret was last painted on."""
        return self._painted

    def show_in(self, turn: ReplyTurn | None) -> None:
        """Be at this answer's end; None when nothing is written."""
        view, before = self._view, self._turn
        self._turn = view.shown_items.written = turn
        if before is not None and before is not turn:
            self._announcer.stop()
            if before in view.stack.items:
                view.accessible.end_writing(view.stack.index_of(before))
        if turn is None:
            self.caret.stop()
        elif turn is not before:
            self.caret.start()
            self._announcer.begin(lambda: turn.blocks, turn.blocks)

    def read_rest(self) -> None:
        """Read out what is left of the answer: it is whole."""
        self._announcer.end()

    def move_by(self, pixels: int) -> None:
        """The page has moved downwards, with what is painted on it."""
        self._painted.translate(0, pixels)

    def paint(self, painter: QPainter) -> None:
        """Paint the caret where it is in view."""
        area = self._area()
        if area is not None:
            self.caret.paint(painter, area, self._view.look.tokens.accent)
            self._painted = _around(area)

    def _area(self) -> QRectF | None:
        view, turn = self._view, self._turn
        area = turn.caret_area() if turn is not None and turn in view.stack.items else None
        if turn is None or area is None:
            return None
        return area.translated(view.column.left(), view.stack.top_of(view.stack.index_of(turn)) - view.top)

    def _on_caret_changed(self) -> None:
        area = self._area()
        if area is not None:
            self._view.viewport().update(_around(area))


def _around(area: QRectF) -> QRect:
    """The pixels that painting an area may touch."""
    return area.toAlignedRect().adjusted(-1, -1, 1, 1)
