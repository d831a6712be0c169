"""The page that a new user sees first; it asks nobody but this computer until Download is pressed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.core.download import DownloadRoom
from app.core.errors import InglenookError
from app.core.machine import Machine
from app.core.offer import OfferedModel
from app.core.plan import FilePlan
from app.services.first_run import Start, choose_starts
from app.services.plans import PlanRequest, PlanService
from app.ui.card_ground import MARGIN, CardGround
from app.ui.first_run.choosing import ChoosingView
from app.ui.first_run.licence import LicenceView
from app.ui.library.ranking import Ranker, Ranking
from app.ui.tasks import Tasks
from app.ui.theme import Appearance

_WIDTH = 760
_NARROW_BELOW = 700


class FirstRunPage(QScrollArea):
    """A card in the middle of the window. `left` tells that the user goes on to the chats, whatever they chose."""

    download_chosen = Signal(OfferedModel, FilePlan)
    left = Signal()
    open_requested = Signal()
    all_requested = Signal()
    page_requested = Signal(str)

    def __init__(
        self,
        plans: PlanService,
        tasks: Tasks,
        appearance: Appearance,
        included: str,
        request: PlanRequest | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._request = request or PlanRequest()
        self._machine: Machine | None = None
        self.ranker = Ranker(plans, tasks, self)
        self.choosing = ChoosingView(appearance, included)
        self.licence = LicenceView()
        self.setObjectName("FirstRun")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.steps = _Steps((self.choosing, self.licence))
        self._ground = CardGround(self.steps, appearance, _WIDTH)
        self.setWidget(self._ground)
        self._connect()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is awaited."""
        return not self.ranker.is_running

    @property
    def _room(self) -> int:
        return self.viewport().height() - 2 * MARGIN

    def refresh(self) -> None:
        """Look at the computer, and work out what to offer."""
        self.choosing.show_waiting()
        self.ranker.start(self._request)

    def show_room(self, room: DownloadRoom) -> None:
        """Show where models are kept, and what is free there."""
        self.choosing.show_room(room)

    def stop(self) -> None:
        """Await nothing more."""
        self.ranker.stop()

    def _on_machine_known(self, machine: Machine) -> None:
        self._machine = machine
        self.choosing.show_machine(machine)

    def _on_ranked(self, ranking: Ranking) -> None:
        offers = {model.plan.id: model.offer for model in ranking.models}
        plans = [model.plan for model in ranking.models]
        self._machine = ranking.machine
        self.choosing.show_machine(ranking.machine, plans[0].budgets if plans else ())
        self.choosing.show_starts(choose_starts(plans, offers.get, ranking.request.speed_floor))

    def _on_failed(self, error: InglenookError) -> None:
        self.choosing.show_failure(error.sentence)

    def _on_download_requested(self, start: Start) -> None:
        if self._machine is not None:
            self.licence.show_start(start, self._machine)
            self.steps.turn_to(self.licence, self._room)
            self.licence.accept_button.setFocus()

    def _on_back(self) -> None:
        self.steps.turn_to(self.choosing, self._room)
        self.choosing.act_button.setFocus()

    def _on_accepted(self, start: Start) -> None:
        self.download_chosen.emit(start.offer, start.file)
        self.left.emit()

    def _connect(self) -> None:
        self.ranker.machine_known.connect(self._on_machine_known)
        self.ranker.ranked.connect(self._on_ranked)
        self.ranker.failed.connect(self._on_failed)
        choosing, licence = self.choosing, self.licence
        choosing.retry_requested.connect(self.refresh)
        choosing.download_requested.connect(self._on_download_requested)
        choosing.start_now_requested.connect(self.left)
        choosing.open_requested.connect(self.open_requested)
        choosing.all_requested.connect(self.all_requested)
        licence.back_requested.connect(self._on_back)
        licence.start_now_requested.connect(self.left)
        licence.accepted.connect(self._on_accepted)
        licence.page_requested.connect(self.page_requested)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._machine is None and not self.ranker.is_running:
            self.refresh()
        self.choosing.included.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for step in (self.choosing, self.licence):
            step.set_narrow(event.size().width() < _NARROW_BELOW + 2 * MARGIN)
        self.steps.turn_to(self.steps.current, self._room)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.steps.current is self.choosing:
                self.choosing.act()
            else:
                self.licence.accept()
        else:
            super().keyPressEvent(event)


class _Steps(QWidget):
    """As high as the higher of the steps, so that nothing jumps between them; where that is too high, as the one."""

    def __init__(self, steps: Sequence[QWidget]) -> None:
        super().__init__()
        self._steps = steps
        self.current = steps[0]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for step in steps:
            column.addWidget(step)

    def turn_to(self, step: QWidget, room: int) -> None:
        """Show one of the steps; `room` is how high it may be without being scrolled."""
        self.current = step
        highest = max(other.sizeHint().height() for other in self._steps)
        for other in self._steps:
            other.setVisible(other is step)
            other.setMinimumHeight(highest if highest <= room else 0)
