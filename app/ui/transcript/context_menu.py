"""The menu of the page: what can be done with what is selected, with a link, and with the conversation."""

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.ui.text_action import text_action
from app.ui.transcript.copy_text import copy_text


class PageMenu(QMenu):
    """Offers what applies where it was opened; actions are connected by who opens it."""

    def __init__(self, link: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.link = link
        self.copy_action = self._add("Copy", QKeySequence.StandardKey.Copy)
        self.all_action = self._add("Select all", QKeySequence.StandardKey.SelectAll)
        self.addSeparator()
        self.open_action = text_action(self, "Open the link…") if link else None
        if link:
            text_action(self, "Copy the link's address").triggered.connect(self._on_address_wanted)
            self.addSeparator()
        self.find_action = self._add("Find…", QKeySequence.StandardKey.Find)
        self.reader_action = text_action(self, "Read this message in a window…")

    def _on_address_wanted(self) -> None:
        copy_text(self.link)

    def _add(self, words: str, key: QKeySequence.StandardKey) -> QAction:
        action = text_action(self, words)
        action.setShortcut(QKeySequence(key))
        action.setShortcutVisibleInContextMenu(True)
        return action
