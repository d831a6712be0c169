"""Joins the gate with the window: its cards, its page, its switch, and the question when offline refuses a press."""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.core.cancel import CancelToken
from app.core.network import Connection, NetworkMode
from app.services.connections import NetworkService
from app.ui.asking import Asking
from app.ui.sidebar.network_card import NetworkCard
from app.ui.tasks import Lane, Tasks
from app.ui.theme import Appearance

if TYPE_CHECKING:
    from app.ui.network.dialog import NetworkDialog
    from app.ui.questions import QuestionDialog

_log = logging.getLogger(__name__)

_LOOK_MILLISECONDS = 500  # a look at a number or two: the gate, which is called in the middle of anything, cannot tell


class NetworkInWindow(QObject):
    """Without a `service` the cards only say what they always did.

    `mode_changed` tells that the user, or their first press, went online or offline, and is to be kept;
    `going_offline` comes before anything is broken off.
    """

    mode_changed = Signal(NetworkMode)
    going_offline = Signal()

    def __init__(
        self,
        service: NetworkService | None,
        tasks: Tasks,
        appearance: Appearance,
        cards: Sequence[NetworkCard],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._service = service
        self._tasks = tasks
        self._appearance = appearance
        self._cards = tuple(cards)
        self._window = window
        self._mode = service.mode if service is not None else NetworkMode.UNTIL_ASKED
        self._dialog: NetworkDialog | None = None
        self._question: QuestionDialog | None = None
        self._reading: Asking[list[Connection]] = Asking(tasks, Lane.SIDE)
        self._keeping: Asking[tuple[Connection, ...]] = Asking(tasks, Lane.SIDE)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look)
        for card in self._cards:
            card.pressed.connect(self.show_page)
            card.switch_requested.connect(self._on_switch_requested)
            card.set_usable(service is not None)
        if service is not None:
            self._show_mode()
            self._timer.start()

    def choose(self, mode: NetworkMode) -> None:
        """Go online or offline."""
        if self._service is not None and mode is not self._service.mode:
            if mode is NetworkMode.OFFLINE:
                self.going_offline.emit()
            self._service.choose(mode)
            self.look()

    def look(self) -> None:
        """Show what has changed since the last look, and have the log kept."""
        service = self._service
        if service is None:
            return
        if service.mode is not self._mode:
            self._mode = service.mode
            self._show_mode()
            self.mode_changed.emit(self._mode)
        if service.has_news and not self._keeping.is_running and not self._reading.is_running:
            self._keeping.ask(lambda _: service.keep(), self._on_kept, lambda error: _log.warning("%s", error.sentence))

    def show_page(self) -> None:
        """Show the switch and the log."""
        if self._service is None or self._dialog is not None:
            return
        from app.ui.network.dialog import NetworkDialog

        dialog = NetworkDialog(self._appearance, self._window)
        dialog.mode_chosen.connect(self.choose)
        dialog.clear_requested.connect(self._clear)
        dialog.finished.connect(self._on_page_closed)
        self._dialog = dialog
        self._show_mode()
        self._read()
        dialog.open()

    def _read(self, first: Callable[[], None] = lambda: None) -> None:
        service = self._service
        assert service is not None

        def work(_cancel: CancelToken) -> list[Connection]:
            first()
            return service.newest()

        self._reading.ask(work, self._on_read, lambda error: self._say(error.sentence))

    def _clear(self) -> None:
        service = self._service
        assert service is not None
        self._read(service.clear)

    def _on_read(self, connections: list[Connection]) -> None:
        if self._dialog is not None:
            self._dialog.show_connections(connections)
        self._offer_to_go_online()

    def _on_kept(self, _connections: tuple[Connection, ...]) -> None:
        self._offer_to_go_online()
        if self._dialog is not None:
            self._read()

    def _offer_to_go_online(self) -> None:
        """Something was pressed that offline refuses: ask once whether it is still meant."""
        service = self._service
        refused = service.take_refused_press() if service is not None else None
        if service is None or refused is None or self._question is not None or service.is_held:
            return
        from app.ui.questions import QuestionDialog

        question = QuestionDialog(
            "Offline is on.",
            f"{refused.press}, and nothing was sent to {refused.host}. Go online, then press it again.",
            "Go online",
            QApplication.activeModalWidget() or self._window,
        )
        question.cancel_button.setText("Stay offline")
        question.act_button.clicked.connect(lambda: self.choose(NetworkMode.ONLINE))
        question.finished.connect(self._on_answered)
        self._question = question
        question.open()

    def _on_answered(self) -> None:
        self._question = None

    def _show_mode(self) -> None:
        service = self._service
        assert service is not None
        for card in self._cards:
            card.show_mode(self._mode, is_held=service.is_held)
        if self._dialog is not None:
            self._dialog.show_mode(self._mode, is_held=service.is_held)

    def _say(self, sentence: str) -> None:
        if self._dialog is not None:
            self._dialog.count.setText(sentence)

    def _on_switch_requested(self) -> None:
        goes_online = self._mode is NetworkMode.OFFLINE
        self.choose(NetworkMode.ONLINE if goes_online else NetworkMode.OFFLINE)

    def _on_page_closed(self) -> None:
        self._dialog = None
        self._reading.stop()
