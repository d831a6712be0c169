"""Actions of menus, made so that each is surely the one that was made."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu


def text_action(menu: QMenu, words: str) -> QAction:
    """An action made here, not by the menu: PySide may take one of Qt's own for another at its place that is gone."""
    action = QAction(words, menu)
    menu.addAction(action)
    return action
