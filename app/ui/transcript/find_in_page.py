"""Finding on the page: the bar, what is found, and the way from one place to the next."""

from typing import cast

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from app.ui.transcript.find_bar import FindBar
from app.ui.transcript.finding import Finding
from app.ui.transcript.page_view import PageView
from app.ui.transcript.places import Place

_MARGIN = 12
_START = Place(0, 0, 0)


class FindInPage(QObject):
    """The bar stands at the top right of the view, over the page."""

    def __init__(self, view: PageView) -> None:
        super().__init__(view)
        self._view = view
        self._came_from: QWidget | None = None
        self.finding = Finding(view.page, self)
        self.bar = FindBar(view.appearance, view)
        self.bar.query_changed.connect(self._on_query_changed)
        self.bar.next_requested.connect(self._on_next)
        self.bar.previous_requested.connect(self._on_previous)
        self.bar.closed.connect(self._on_closed)
        self.finding.changed.connect(self._on_found)
        self.finding.first_found.connect(self._on_first_found)

    def open(self, words: str) -> None:
        """Open the bar; `words`, if there are any, are what to find."""
        focus = QApplication.focusWidget()
        if focus is not None and not self.bar.isAncestorOf(focus):
            self._came_from = focus
        self.stand()
        self._view.installEventFilter(self)
        self.bar.open(words)
        self.bar.raise_()

    def stand(self) -> None:
        """Take the place at the top right, as wide as the view is now."""
        self.bar.adjustSize()
        self.bar.move(self._view.viewport().width() - self.bar.width() - _MARGIN, _MARGIN)

    def _show(self, place: Place | None) -> None:
        if place is None:
            return
        view, below = self._view, self.bar.geometry().bottom()
        view.stay()
        view.page.painter_at(place).reveal((self.finding.current_end or place).character)
        view.reveal(place, below)
        if view.page.rect_of(place).top() < below:  # at the page's beginning, which cannot be scrolled down
            view.set_room_above(below)
            view.reveal(place, below)

    def _on_query_changed(self, query: str) -> None:
        start = self._view.page.place_at(QPointF(self._view.column.left(), 1))
        self.finding.look_for(query, start or _START)

    def _on_found(self) -> None:
        finding = self.finding
        if finding.query and (finding.count or not finding.is_looking):
            self.bar.show_count(finding.number, finding.count, is_more=finding.is_cut)
            self.stand()
        view = self._view
        view.stack.release(view.top, view.top + view.viewport().height())  # what was read only to look through it
        view.viewport().update()

    def _on_first_found(self) -> None:
        self._show(self.finding.current)

    def _on_next(self) -> None:
        self._show(self.finding.step(1))

    def _on_previous(self) -> None:
        self._show(self.finding.step(-1))

    def _on_closed(self) -> None:
        self._view.removeEventFilter(self)
        self.finding.look_for("", _START)
        self._view.set_room_above(0)
        back = self._came_from
        is_there = back is not None and isValid(back) and back.isVisible() and back.isEnabled()
        (back if back is not None and is_there else self._view).setFocus(Qt.FocusReason.OtherFocusReason)
        self._came_from = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Esc closes the bar rather than doing what it does in the rest of the window.
        if event.type() is QEvent.Type.ShortcutOverride and cast(QKeyEvent, event).key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().eventFilter(watched, event)
