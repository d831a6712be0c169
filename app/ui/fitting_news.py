"""Tells after each load what came of its plan: in the header's tooltip, and in a notice when it makes for slowness."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.core.fitting import Fitting, fitting_words
from app.core.model import LoadedModel
from app.services.models import ModelService
from app.ui.chat.header import ChatHeader
from app.ui.model_loader import ModelLoader
from app.ui.notice import Notice, NoticeBar, NoticeKind


class FittingNews(QObject):
    """Says it once for each load; `open_loading` opens the load dialog."""

    def __init__(
        self,
        models: ModelService,
        loader: ModelLoader,
        header: ChatHeader,
        notices: NoticeBar,
        open_loading: Callable[[], None],
    ) -> None:
        super().__init__(loader)
        self._models = models
        self._header = header
        self._notices = notices
        self._open_loading = open_loading
        self._told: Fitting | None = None
        loader.loaded.connect(self._on_loaded)
        loader.unloaded.connect(self._on_unloaded)

    def _on_loaded(self, _model: LoadedModel) -> None:
        fitting = self._models.fitting
        self._header.show_memory(fitting_words(fitting) if fitting is not None else "")
        if fitting is not None and fitting is not self._told and fitting.warnings:
            words = " ".join(fitting.warnings)
            self._notices.show_notice(Notice(words, NoticeKind.NOTE, "Loading…", self._open_loading))
        self._told = fitting

    def _on_unloaded(self) -> None:
        self._header.show_memory("")
