"""The page "Discover models": the computer, the models that are ranked for it, and what is listed of them."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.core.errors import InglenookError
from app.core.hub_reference import page_of
from app.core.machine import Machine
from app.core.plan import FilePlan, ModelPlan, Remedy, RemedyKind
from app.core.wording import counted
from app.services.hub_search import HubSearchService
from app.services.plans import PlanRequest, PlanService
from app.ui.downloads.desk import DownloadDesk
from app.ui.library.card_dialog import ModelCardDialog
from app.ui.library.downloading import PageDownloads
from app.ui.library.filters import FilterBar
from app.ui.library.hub_results import HubResults
from app.ui.library.machine_card import MachineCard
from app.ui.library.model_list import ChosenFile, ModelCards, ModelList
from app.ui.library.page_layout import LibraryLayout
from app.ui.library.ranking import Ranker, Ranking
from app.ui.library.state_panel import StatePanel
from app.ui.notice import Notice, NoticeBar, NoticeKind
from app.ui.tasks import Tasks
from app.ui.theme import Appearance
from app.ui.transcript.copy_text import copy_text

_WAITING = "Looking at this computer, and working out what fits…"
_NO_MODELS = "The catalogue has no models. Open a .gguf file that is on this computer."
_NOTHING_FITS = "No model fits this computer and is expected to write at least {} tokens per second."
_NOTHING_LEFT = "No model is like that."
_LINK_COPIED = "The link is copied. A browser can fetch the file; open it here afterwards."
_OPEN = "Open a .gguf file…"


class LibraryPage(QWidget):
    """It plans anew whenever it comes into view, because memory is taken and given back in the meantime."""

    open_requested = Signal()
    speed_floor_chosen = Signal(int)
    page_requested = Signal(str)  # an address, which is to be shown before it is opened
    token_requested = Signal()

    def __init__(
        self,
        plans: PlanService,
        tasks: Tasks,
        appearance: Appearance,
        desk: DownloadDesk,
        parent: QWidget | None = None,
        hub: HubSearchService | None = None,
    ) -> None:
        super().__init__(parent)
        self._hub = hub
        self._tasks = tasks
        self._appearance = appearance
        self._request = PlanRequest()
        self._ranking: Ranking | None = None
        self._found_file: tuple[ModelPlan, FilePlan] | None = None  # the chosen one, where the hub has found it
        self.ranker = Ranker(plans, tasks, self)
        self.notices = NoticeBar(appearance, self)
        self.machine = MachineCard(appearance, self)
        self.filters = FilterBar(appearance, self, searches_hub=hub is not None)
        self.list = ModelList(appearance, self)
        self.list.offers_cards = hub is not None
        self.hub = HubResults(hub, tasks, appearance, self)
        self.downloads = PageDownloads((self.list, self.hub), desk, self)
        self.state = StatePanel(self)
        self.hidden_models = StatePanel(self)
        self.setObjectName("Page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._layout = LibraryLayout(self)
        self.open_button = self._layout.open_button
        self.machine.hide()
        self.filters.hide()
        self._connect()

    @property
    def request(self) -> PlanRequest:
        """What is planned for."""
        return self._request

    @property
    def is_settled(self) -> bool:
        """Whether nothing is awaited and everything is laid out."""
        return not self.ranker.is_running and self.list.is_whole and self.hub.is_settled

    def set_speed_floor(self, tokens_per_second: int) -> None:
        """How fast the advised precision is to be at least."""
        self._ask(replace(self._request, speed_floor=tokens_per_second))

    def clear_search(self) -> bool:
        """Empty the field that the keyboard is in; False when it is elsewhere, or the field is empty."""
        if not self.filters.field.hasFocus() or not self.filters.field.text():
            return False
        self.filters.field.clear()
        return True

    def refresh(self) -> None:
        """Plan anew; what is shown stays until then."""
        if self._ranking is None:
            self.state.show_state(_WAITING)
        self.ranker.start(self._request)

    def _ask(self, request: PlanRequest) -> None:
        if request != self._request:
            self._request = request
            self.machine.choices.show_request(request)
            self.hub.show_request(request)
            if self.isVisible():
                self.refresh()

    def _refresh_list(self) -> None:
        if self._ranking is None:
            return
        chosen, floor = self.filters.filters, self._ranking.request.speed_floor
        models = self._ranking.models
        self.hub.show_filters(chosen, models[0].plan.budgets if models else ())
        others = [model for model in models if chosen.accepts_but_for_fitting(model)]
        listed = [model for model in others if chosen.accepts(model, floor)]
        best = models[0] if models and models[0].plan.best is not None else None
        self.list.show_models(listed, best.plan.id if best else "")
        hidden = len(others) - len(listed)
        self.state.show_state(*self._empty_state(len(others), floor) if not listed else ("",))
        self.hidden_models.show_state(_hidden_words(hidden, floor) if listed and hidden else "", "Show them")

    def _empty_state(self, others: int, floor: int) -> tuple[str, ...]:
        if self._ranking is None or not self._ranking.models:
            return (_NO_MODELS,)
        if others:
            return _NOTHING_FITS.format(floor), "Show what does not fit"
        return _NOTHING_LEFT, "Show all models"

    def _on_ranked(self, ranking: Ranking) -> None:
        self._ranking = ranking
        budgets = ranking.models[0].plan.budgets if ranking.models else ()
        self.machine.show_machine(ranking.machine, budgets)
        self.machine.show()
        self.filters.setVisible(bool(ranking.models))
        self._refresh_list()

    def _on_looked_at(self) -> None:
        if self.list.has_chosen or not self.hub.cards:
            self._found_file = None
            self.hub.mark_none()
        shown = self.list.hovered_file or self._found_file or self.list.shown_file
        self.machine.show_file(*shown or (None, None))

    def _on_found_looked_at(self, model: ModelPlan, file: FilePlan) -> None:
        self._found_file = model, file
        self.list.choose(ChosenFile("", ""))  # one row is marked on the whole page

    def _on_failed(self, error: InglenookError) -> None:
        if self._ranking is None:
            self.state.show_state(error.sentence, "Try again")
        else:
            self.notices.show_notice(Notice(error.sentence, NoticeKind.ERROR, "Try again", self.refresh))

    def _on_state_pressed(self) -> None:
        if self._ranking is None:
            self.refresh()
        elif any(self.filters.filters.accepts_but_for_fitting(model) for model in self._ranking.models):
            self.filters.fits.setChecked(False)
        else:
            self.filters.clear()

    def _on_show_hidden(self) -> None:
        self.filters.fits.setChecked(False)
        self.filters.fits.setFocus()

    def _on_remedy_requested(self, remedy: Remedy) -> None:
        if remedy.kind is RemedyKind.QUANTIZED_CACHE:
            self._ask(replace(self._request, kv_cache_type=remedy.kv_cache_type))
        elif remedy.kind is RemedyKind.SHORTER_CONTEXT and remedy.context_length > 0:
            self._ask(replace(self._request, context_length=remedy.context_length))

    def _on_search_entered(self) -> None:
        """The network is for a press of the button, which is the next one then."""
        if self.hub.ask_button.isVisible():
            self.hub.ask_button.setFocus()
            self._layout.area.ensureWidgetVisible(self.hub.ask_button)

    def _on_card_requested(self, models: ModelCards, model_id: str) -> None:
        """Ask the hub for the model card, and show it."""
        listed = models.cards[model_id].listed if model_id in models.cards else None
        offer = listed.offer if listed is not None else None
        if self._hub is not None:
            repository, revision = (offer.repository, offer.revision) if offer else (model_id, "")
            dialog = ModelCardDialog(self._hub, self._tasks, self._appearance, repository, self.window())
            dialog.ask(revision)
            dialog.open()

    def _on_link_requested(self, models: ModelCards, chosen: ChosenFile) -> None:
        listed = models.cards[chosen.model_id].listed
        if listed is not None and listed.offer is not None:
            copy_text(page_of(listed.offer.repository))
            self.notices.show_notice(Notice(_LINK_COPIED, NoticeKind.NOTE, _OPEN, self.open_requested.emit))

    def _connect(self) -> None:
        self.ranker.machine_known.connect(self._on_machine_known)
        self.ranker.ranked.connect(self._on_ranked)
        self.ranker.failed.connect(self._on_failed)
        self.filters.changed.connect(self._refresh_list)
        self.machine.choices.requested.connect(self._ask)
        self.machine.choices.speed_floor_chosen.connect(self.speed_floor_chosen)
        self.list.looked_at.connect(self._on_looked_at)
        for models in (self.list, self.hub):
            models.link_requested.connect(partial(self._on_link_requested, models))
            models.card_requested.connect(partial(self._on_card_requested, models))
            models.remedy_requested.connect(self._on_remedy_requested)
        self.hub.looked_at.connect(self._on_found_looked_at)
        self.hub.page_requested.connect(self.page_requested)
        self.hub.token_requested.connect(self.token_requested)
        self.downloads.token_requested.connect(self.token_requested)
        self.filters.field.returnPressed.connect(self._on_search_entered)
        self.downloads.noticed.connect(self.notices.show_notice)
        self.state.pressed.connect(self._on_state_pressed)
        self.hidden_models.pressed.connect(self._on_show_hidden)
        self.open_button.clicked.connect(self.open_requested)

    def _on_machine_known(self, machine: Machine) -> None:
        if self._ranking is None:
            self.machine.show_machine(machine)
            self.machine.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._layout.fit(event.size())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()


def _hidden_words(count: int, floor: int) -> str:
    verb = "does" if count == 1 else "do"
    return f"{counted(count, 'more model')} {verb} not fit this computer, or would write less than {floor} tokens/s."
