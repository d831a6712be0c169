"""Below the catalogue's models: what the hub has. It is asked by a press, and by nothing else."""

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.core.cancel import CancelToken
from app.core.hub_reference import parse_reference
from app.core.hub_search import FoundRepository, HubSearch, SearchPage
from app.core.memory import MemoryBudget
from app.core.plan import FilePlan, ModelPlan
from app.services.hub_search import FoundModel, HubSearchService, most_parameters
from app.services.plans import PlanRequest
from app.ui.asking import Asking
from app.ui.labels import text_label
from app.ui.library.filters import Filters
from app.ui.library.found_card import FoundCard
from app.ui.library.model_list import ChosenFile, ModelCards
from app.ui.library.ranking import ListedModel
from app.ui.library.state_panel import StatePanel
from app.ui.library.words import OPEN_LICENCES
from app.ui.tasks import Lane, Tasks
from app.ui.theme import Appearance


@dataclass(frozen=True, slots=True)
class _LookedUp:
    model: FoundModel
    plan: ModelPlan
    request: PlanRequest  # what it was planned for


@dataclass
class _Found:
    """One repository in the list: its card, and what came of looking it up."""

    reference: str
    card: FoundCard
    look_up: Asking[_LookedUp]
    planning: Asking[ModelPlan]
    model: FoundModel | None = None


class HubResults(ModelCards):
    """Without a `hub` it stays hidden. What was looked up becomes one of the `cards`; the others are `found_cards`."""

    looked_at = Signal(ModelPlan, FilePlan)
    page_requested = Signal(str)
    token_requested = Signal()

    def __init__(
        self, hub: HubSearchService | None, tasks: Tasks, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, parent)
        self._hub = hub
        self._tasks = tasks
        self.offers_cards = True
        self._request = PlanRequest()
        self._filters = Filters()
        self._budgets: tuple[MemoryBudget, ...] = ()
        self._query = HubSearch()
        self._searching: Asking[SearchPage] = Asking(tasks, Lane.NETWORK)
        self._found: dict[str, _Found] = {}
        self.heading = text_label("", "caption", self)
        self.heading.setIndent(0)
        self.ask_button = QPushButton(self)
        self.ask_button.setToolTip("From here on the network is used")
        self.state = StatePanel(self)
        self.more_button = QPushButton("More results", self)
        self.more_button.setToolTip("Ask the hub for the next ones")
        self.ask_button.clicked.connect(self.ask)
        self.state.pressed.connect(self._on_state_pressed)
        self.more_button.clicked.connect(self._on_more)
        self._lay_out()
        self._show_nothing()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is awaited."""
        askings = [asking for one in self._found.values() for asking in (one.look_up, one.planning)]
        return not any(asking.is_running for asking in (self._searching, *askings))

    @property
    def found_cards(self) -> dict[str, FoundCard]:
        """What was found and not looked up, by what it is called at the hub."""
        return {name: one.card for name, one in self._found.items() if one.model is None}

    def show_filters(self, filters: Filters, budgets: tuple[MemoryBudget, ...]) -> None:
        """Offer to look for what the catalogue is searched for; what was found for other words goes."""
        if (filters, budgets) == (self._filters, self._budgets):
            return
        only_memory_changed = filters == self._filters
        self._filters, self._budgets = filters, budgets
        if only_memory_changed or self._hub is None:
            return
        self._show_nothing()
        words = filters.words.strip()
        is_named = parse_reference(words) is not None
        self.ask_button.setText(
            f"Look up {words} at {self._hub.name}" if is_named else f"Search {self._hub.name} for “{words}”"
        )
        self.ask_button.setVisible(bool(words))
        self.setVisible(bool(words))

    def show_request(self, request: PlanRequest) -> None:
        """Plan anew what was looked up; nobody is asked for that."""
        if request != self._request:
            self._request = request
            for name, one in self._found.items():
                if one.model is not None:
                    self._plan_anew(name, one, one.model)

    def ask(self) -> None:
        """Search the hub, or look up what is named."""
        words = self._filters.words.strip()
        self.ask_button.hide()
        if parse_reference(words) is not None:
            one = self._add(words, FoundRepository(words))
            one.card.show_named(words)
            self._look_up(words, one)
        else:
            self._query = self._search_for(words)
            self._search(self._query)

    def choose(self, chosen: ChosenFile) -> None:
        """Mark a file's row, and tell which it is."""
        super().choose(chosen)
        card = self.cards.get(chosen.model_id)
        plan = card.listed.plan if card is not None and card.listed is not None else None
        file = next((one for one in plan.files if one.file.name == chosen.file_name), None) if plan else None
        if plan is not None and file is not None:
            self.looked_at.emit(plan, file)

    def mark_none(self) -> None:
        """No row of these is the one whose memory is shown."""
        super().choose(ChosenFile("", ""))

    def set_narrow(self, narrow: bool) -> None:
        """Make the most of little width."""
        super().set_narrow(narrow)
        for one in self._found.values():
            one.card.set_narrow(narrow)

    def _search_for(self, words: str) -> HubSearch:
        filters = self._filters
        most = most_parameters(self._budgets) if filters.fits else None
        abilities = [name for name, asked in (("tools", filters.tools), ("vision", filters.vision)) if asked]
        return HubSearch(
            text=words,
            licenses=tuple(sorted(OPEN_LICENCES)) if filters.open_licence else (),
            abilities=tuple(abilities),
            parameters=(0, most) if most else None,
        )

    def _search(self, query: HubSearch) -> None:
        hub = self._hub
        if hub is None:
            return
        self.more_button.hide()
        self.state.show_state(f"Asking {hub.name}…", "Stop")
        self._searching.ask(
            lambda cancel: hub.search(query, cancel),
            self._on_found,
            lambda error: self.state.show_state(error.sentence, "Try again"),
        )

    def _on_found(self, page: SearchPage) -> None:
        new = [found for found in page.found if found.id not in self._found]
        for found in new:
            self._add(found.id, found)
        self._query = replace(self._query, after=page.next)
        self.heading.setVisible(bool(self._found))
        self.state.show_state("" if new or (self._found and not page.next) else self._nothing(page))
        self.more_button.setVisible(bool(page.next))

    def _nothing(self, page: SearchPage) -> str:
        if page.next:
            return "Nothing of this part is like that, but there is more."
        return f"{self._hub.name if self._hub else 'The hub'} has no GGUF model that is like that."

    def _on_more(self) -> None:
        self._search(self._query)

    def _on_state_pressed(self) -> None:
        if self._searching.is_running:
            self._searching.stop()
            self.state.show_state("Stopped.", "Try again")
        else:
            self._search(self._query)

    def _add(self, reference: str, found: FoundRepository) -> _Found:
        card = FoundCard(self._appearance, self)
        card.show_found(found)
        card.set_narrow(self._is_narrow)
        one = _Found(reference, card, Asking(self._tasks, Lane.NETWORK), Asking(self._tasks, Lane.SIDE))
        card.look_up_requested.connect(lambda: self._look_up(found.id, one))
        card.stop_requested.connect(lambda: self._stop(one))
        card.card_requested.connect(lambda: self.card_requested.emit(found.id))
        card.page_requested.connect(self.page_requested)
        card.token_requested.connect(self.token_requested)
        self._found[found.id] = one
        self._list.addWidget(card)
        return one

    def _look_up(self, name: str, one: _Found) -> None:
        hub, request = self._hub, self._request
        if hub is None:
            return

        def work(cancel: CancelToken) -> _LookedUp:
            found = hub.look_up(one.reference, cancel)
            return _LookedUp(found, hub.plan(found, request), request)

        one.card.show_busy()
        one.look_up.ask(work, lambda answer: self._on_looked_up(name, one, answer), one.card.show_failure)

    def _stop(self, one: _Found) -> None:
        one.look_up.stop()
        one.card.show_idle()

    def _on_looked_up(self, name: str, one: _Found, answer: _LookedUp) -> None:
        one.model = answer.model
        card = self._make_card(name)
        card.show_model(ListedModel(answer.plan, answer.model.offer), is_best=False)
        self._show_downloads(card)
        self._list.replaceWidget(one.card, card)
        one.card.hide()
        card.show()
        card.set_open(True)
        card.button.setFocus()
        best = answer.plan.best
        if best is not None:
            self.choose(ChosenFile(name, best.file.name))
        if answer.request != self._request:
            self._plan_anew(name, one, answer.model)

    def _plan_anew(self, name: str, one: _Found, model: FoundModel) -> None:
        hub, request = self._hub, self._request
        assert hub is not None
        one.planning.ask(
            lambda _: hub.plan(model, request),
            lambda plan: self.cards[name].show_model(ListedModel(plan, model.offer), is_best=False),
            lambda error: self.state.show_state(error.sentence),
        )

    def _show_nothing(self) -> None:
        self._searching.stop()
        for one in self._found.values():
            one.look_up.stop()
            one.planning.stop()
        for card in (*(one.card for one in self._found.values()), *self.cards.values()):
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._found = {}
        self.cards.clear()
        self.state.show_state("")
        for widget in (self, self.heading, self.ask_button, self.more_button):
            widget.hide()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(15)
        self._list = QVBoxLayout()
        self._list.setSpacing(15)
        if self._hub is not None:
            self.heading.setText(f"At {self._hub.name}")
        column.addWidget(self.ask_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.heading)
        column.addLayout(self._list)
        column.addWidget(self.state)
        column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignHCenter)
