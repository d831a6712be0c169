"""Where the parts of the page "On this computer" stand: the list takes the room, the folders are below it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui.labels import text_label

if TYPE_CHECKING:
    from app.ui.library.shelf_page import ShelfPage

_TITLE = "On this computer"
_SUBTITLE = "Models are used where they lie. What belongs to another application is never changed or deleted."
_NARROW_BELOW = 860
_LOW_BELOW = 640
_MARGIN = 30
_NARROW_MARGIN = 16
_GAP = 15
_MOST_WIDTH = 1280


class ShelfLayout:
    """Arranges the parts of a page, and anew for every size."""

    def __init__(self, page: "ShelfPage") -> None:
        self._page = page
        self.add_button = QPushButton("Add a .gguf file…", page)
        self.add_button.setToolTip("Choose model files that are on this computer; they can be dropped here, too")
        self.others_button = QPushButton("Use models from Ollama, LM Studio…", page)
        self.others_button.setToolTip("Look for models of Ollama, LM Studio, Jan, GPT4All and the Hugging Face cache")
        self._whole = QWidget(page)
        self._inside = QVBoxLayout(self._whole)
        self._inside.setSpacing(_GAP)
        self._inside.addLayout(self._heading())
        self._inside.addLayout(self._filters())
        self._inside.addWidget(page.work)
        self._inside.addWidget(page.card, 100)
        self._inside.addWidget(page.state)
        self._inside.addStretch(1)
        self._inside.addWidget(page.folders)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(page.notices)
        column.addWidget(self._whole, 1)

    def fit(self, size: QSize) -> None:
        """Make the most of this size."""
        is_narrow = size.width() < _NARROW_BELOW
        side = _NARROW_MARGIN if is_narrow else max(_MARGIN, (size.width() - _MOST_WIDTH) // 2)
        self._inside.setContentsMargins(side, 22, side, 14)
        self._head.setDirection(QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(10 if is_narrow else 16)
        self._subtitle.setVisible(size.height() >= _LOW_BELOW)
        self._page.list.set_narrow(is_narrow)

    def _heading(self) -> QBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(0)
        self._subtitle = text_label(_SUBTITLE, "small", self._whole, wraps=True)
        self._subtitle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        words.addWidget(text_label(_TITLE, "title", self._whole))
        words.addWidget(self._subtitle)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        for button in (self.add_button, self.others_button):
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.addLayout(words, 1)
        self._head.addLayout(buttons)
        return self._head

    def _filters(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._page.field, 1)
        row.addWidget(self._page.sort_button)
        return row
