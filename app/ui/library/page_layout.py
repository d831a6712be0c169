"""Where the parts of the library's page stand: the list scrolls, and where room is short what is above it too."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.ui.labels import text_label

if TYPE_CHECKING:
    from app.ui.library.page import LibraryPage

_TITLE = "Discover models"
_SUBTITLE = "Ranked for this computer. Every number below is worked out for your hardware, and says how."
_NARROW_BELOW = 860
_LOW_BELOW = 640
_MARGIN = 30
_NARROW_MARGIN = 16
_GAP = 15
_MOST_WIDTH = 1280


class LibraryLayout:
    """Arranges the parts of a page, and anew for every size."""

    def __init__(self, page: "LibraryPage") -> None:
        self._page = page
        self.open_button = QPushButton("Open a .gguf file…", page)
        self.open_button.setToolTip("Choose a model file that is on this computer")
        self._top = QWidget(page)
        self._inside_top = _column(self._top)
        self._inside_top.addLayout(self._heading())
        self._inside_top.addWidget(page.machine)
        self._inside_top.addWidget(page.filters)
        self._body = QWidget()
        self._body.setObjectName("FormBody")
        self._inside_body = _column(self._body)
        for widget in (page.state, page.list, page.hidden_models, page.hub):
            self._inside_body.addWidget(widget)
        self._inside_body.addStretch(1)
        self.area = QScrollArea(page)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # invisible while all is in view
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self._body)
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(page.notices)
        self._column.addWidget(self._top)
        self._column.addWidget(self.area, 1)

    def fit(self, size: QSize) -> None:
        """Make the most of this size."""
        is_narrow = size.width() < _NARROW_BELOW
        self._pin(not is_narrow and size.height() >= _LOW_BELOW)
        side = _NARROW_MARGIN if is_narrow else max(_MARGIN, (size.width() - _MOST_WIDTH) // 2)
        is_pinned = self._top.parent() is self._page
        inner = side if is_pinned else 0
        bar = self.area.verticalScrollBar().sizeHint().width()
        self._inside_top.setContentsMargins(inner, 22, inner, _GAP if is_pinned else 0)
        self._inside_body.setContentsMargins(side, 0, side - bar, 22)
        for part in (self._page.machine, self._page.filters, self._page.list, self._page.hub):
            part.set_narrow(is_narrow)

    def _pin(self, pinned: bool) -> None:
        """Let the top stay where it is while the list scrolls, or scroll with it."""
        if pinned and self._top.parent() is not self._page:
            self._inside_body.removeWidget(self._top)
            self._column.insertWidget(1, self._top)
        elif not pinned and self._top.parent() is self._page:
            self._column.removeWidget(self._top)
            self._inside_body.insertWidget(0, self._top)

    def _heading(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(0)
        subtitle = text_label(_SUBTITLE, "small", self._top, wraps=True)
        subtitle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        words.addWidget(text_label(_TITLE, "title", self._top))
        words.addWidget(subtitle)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignTop)
        return row


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setSpacing(_GAP)
    return column
