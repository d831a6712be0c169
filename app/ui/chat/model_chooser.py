"""The installed models in the header's menu: the last used first, and the way to all of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QMenu

from app.core.library import InstalledModel, ModelOrigin

MOST = 8
_NAME_WIDTH = 300


class ModelChooser(QObject):
    """Stands above the menu's first entry. The included model has an entry of its own there."""

    chosen = Signal(Path)
    all_requested = Signal()

    def __init__(self, menu: QMenu, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._menu = menu
        self._before = menu.actions()[0]
        self.entries: list[QAction] = []
        self.all_action = QAction("All models…", self)
        self.all_action.triggered.connect(self.all_requested)
        menu.insertAction(self._before, self.all_action)
        menu.insertSeparator(self._before)
        menu.setToolTipsVisible(True)

    def show_models(self, models: Sequence[InstalledModel], in_use: Path | None) -> None:
        """Offer these models, and tick the one in use."""
        for action in self.entries:
            self._menu.removeAction(action)
            action.deleteLater()
        self.entries = [self._entry(model, is_in_use=model.path == in_use) for model in recent(models)]
        self._menu.insertActions(self.all_action, self.entries)

    def _entry(self, model: InstalledModel, *, is_in_use: bool) -> QAction:
        metrics = QFontMetrics(self._menu.font())
        name = metrics.elidedText(model.name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH)
        words = f"{name} · {model.quantization}" if model.quantization else name
        action = QAction(words.replace("&", "&&"), self)
        action.setCheckable(True)
        action.setChecked(is_in_use)
        action.setToolTip(str(model.path))
        action.triggered.connect(lambda: self._on_chosen(action, model.path, is_in_use=is_in_use))
        return action

    def _on_chosen(self, action: QAction, path: Path, *, is_in_use: bool) -> None:
        action.setChecked(is_in_use)  # the tick follows when the model is loaded
        if not is_in_use:
            self.chosen.emit(path)


def recent(models: Sequence[InstalledModel]) -> list[InstalledModel]:
    """The models that can be loaded, the last used first and then by name, each content once, at most MOST."""
    there = [model for model in models if not model.is_missing and not model.problem]
    paths = {model.path for model in there}
    usable = [m for m in there if m.same_as not in paths and m.origin is not ModelOrigin.INCLUDED]
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(usable, key=lambda model: model.last_used or never, reverse=True)[:MOST]
