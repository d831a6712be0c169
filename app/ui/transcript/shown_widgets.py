"""The real widgets over the painted page: made where they come into view, and given back where they leave it."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, QTimer, QUrl, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.transcript.blocks.painted import PaintedBlock
from app.ui.transcript.column import BlockColumn
from app.ui.transcript.items import TranscriptItem, WidgetPart
from app.ui.transcript.stack import ItemStack

_ORDERING_MILLISECONDS = 100

Source = WidgetPart | PaintedBlock


@dataclass(frozen=True, slots=True)
class _Wanted:
    source: Source
    area: QRect


class ShownWidgets(QObject):
    """Buttons and the like, by the part or block that they belong to; `parent` is the viewport that they stand on."""

    block_changed = Signal(PaintedBlock)  # a painter whose tools have changed it
    link_activated = Signal(QUrl)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._widgets: dict[Source, QWidget] = {}
        self._shown: list[Source] = []  # from the top
        self._ordering = QTimer(self)  # the order is needed when Tab is pressed, not while the page scrolls
        self._ordering.setSingleShot(True)
        self._ordering.setInterval(_ORDERING_MILLISECONDS)
        self._ordering.timeout.connect(self.order)
        self._without: set[PaintedBlock] = set()  # blocks in view that have no tools

    def widget_of(self, source: Source) -> QWidget | None:
        """The widget of a part or block while it is in view."""
        return self._widgets.get(source)

    def clear(self) -> None:
        """Give all back."""
        for source in list(self._widgets):
            self.drop(source)
        self._without.clear()

    def drop(self, source: Source) -> None:
        """Give one back; it is made anew when it is in view."""
        widget = self._widgets.pop(source, None)
        if widget is not None:
            widget.hide()
            if isinstance(source, WidgetPart) and source.give_back is not None:
                source.give_back(widget)
            else:
                widget.deleteLater()

    def arrange(self, stack: ItemStack, top: int, height: int, column: QRectF) -> None:
        """Put the widgets of what is in view where they belong, from the top; one that has the focus stays alive."""
        wanted = list(_wanted(stack, top, height, column))
        sources = {one.source for one in wanted}
        focus = QApplication.focusWidget()
        for source, widget in list(self._widgets.items()):
            if source not in sources:
                if focus is not None and (widget is focus or widget.isAncestorOf(focus)):
                    widget.move(widget.x(), -widget.height() - 10_000)
                else:
                    self.drop(source)
        self._without = {source for source in self._without if source in sources}
        for one in wanted:
            widget_now = self._widgets.get(one.source) or self._made(one.source)
            if widget_now is None:
                continue
            if widget_now.geometry() != one.area:
                widget_now.setGeometry(one.area)
            if widget_now.isHidden():
                widget_now.show()
                self._ordering.start()
        self._shown = [one.source for one in wanted]

    def order(self) -> None:
        """Let Tab go through the buttons in view from top to bottom, right after the page itself."""
        if not self._ordering.isActive():
            return
        self._ordering.stop()
        page = self._parent.parentWidget()
        assert page is not None
        before: QWidget = page
        for source in self._shown:
            widget = self._widgets.get(source)
            for control in widget.findChildren(QWidget) if widget is not None else ():
                if control.focusPolicy() & Qt.FocusPolicy.TabFocus:
                    QWidget.setTabOrder(before, control)
                    before = control

    def _made(self, source: Source) -> QWidget | None:
        if isinstance(source, WidgetPart):
            widget: QWidget | None = source.make(self._parent)
        elif source in self._without:
            return None
        else:
            widget = source.make_tools(self._parent)
        if widget is None:
            assert isinstance(source, PaintedBlock)
            self._without.add(source)
            return None
        from app.ui.transcript.blocks.block_tools import BlockTools  # late, as the painters are
        from app.ui.transcript.blocks.image_block import ImageTools

        if isinstance(widget, BlockTools):
            widget.block_changed.connect(lambda: self.block_changed.emit(source))
        elif isinstance(widget, ImageTools):
            widget.link_activated.connect(self.link_activated)
        self._widgets[source] = widget
        return widget


def _wanted(stack: ItemStack, top: int, height: int, column: QRectF) -> Iterator[_Wanted]:
    for index, item in stack.visible(top, top + height):
        y = stack.top_of(index) - top
        yield from _tools_of(item, y, height, column.left())
        for stacked, part in item.widgets_between(-y, height - y):
            left = column.left() + stacked.indent
            area = QRectF(left, y + stacked.top, column.width() - stacked.indent + part.overhang, part.height)
            yield _Wanted(part, area.toRect())


def _tools_of(item: TranscriptItem, y: float, height: int, left: float) -> Iterator[_Wanted]:
    for stacked in item.stack:
        column = stacked.part
        if not isinstance(column, BlockColumn):
            continue
        for number in column.visible(-y - stacked.top, height - y - stacked.top):
            painter = column.painter_of(number)
            area = painter.tools_rect()
            if not area.isEmpty():
                corner = column.area_of(number).topLeft() + QPointF(left + stacked.indent, y + stacked.top)
                yield _Wanted(painter, area.translated(corner).toRect())
