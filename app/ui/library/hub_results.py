"""Below the catalogue's models: what the hub has. It is asked by a press, and by nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.core.errors import InglenookError
from app.core.hub_reference import parse_reference
from app.core.hub_search import FoundRepository, HubSearch, SearchPage
from app.core.plan import FilePlan, MemoryBudget, ModelPlan, Remedy
from app.services.hub_search import FoundModel, HubSearchService, most_parameters
from app.services.plans import PlanRequest
from app.ui.asking import Asking
from app.ui.labels import text_label
from app.ui.library.filters import Filters
from app.ui.library.found_card import FoundCard
from app.ui.library.model_card import ModelCard
from app.ui.library.ranking import ListedModel
from app.ui.library.state_panel import StatePanel
from app.ui.library.words import OPEN_LICENCES
from app.ui.tasks import Lane, Tasks
from app.ui.theme import Appearance


@dataclass
class _Entry:
    """One repository in the list: its card, and what was found when it was looked up."""

    reference: str
    card: FoundCard | ModelCard
    look_up: Asking[tuple[FoundModel, ModelPlan]]
    planning: Asking[ModelPlan]
    found: FoundModel | None = None
    chosen: str = field(default="")


class HubResults(QWidget):
    """Without a `hub` it stays hidden. A repository's precisions are those of ModelCard, with its signals."""

    looked_at = Signal(ModelPlan, FilePlan)
    link_requested = Signal(ListedModel, FilePlan)
    remedy_requested = Signal(Remedy)
    card_requested = Signal(str)
    page_requested = Signal(str)
    token_requested = Signal()

    def __init__(
        self, hub: HubSearchService | None, tasks: Tasks, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._hub = hub
        self._tasks = tasks
        self._appearance = appearance
        self._request = PlanRequest()
        self._filters = Filters()
        self._budgets: tuple[MemoryBudget, ...] = ()
        self._query = HubSearch()
        self._is_narrow = False
        self._searching: Asking[SearchPage] = Asking(tasks, Lane.NETWORK)
        self._entries: dict[str, _Entry] = {}
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
        return not self._searching.is_running and not any(
            entry.look_up.is_running or entry.planning.is_running for entry in self._entries.values()
        )

    @property
    def cards(self) -> dict[str, FoundCard | ModelCard]:
        """What is listed, by what it is called at the hub."""
        return {name: entry.card for name, entry in self._entries.items()}

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
        if words:
            is_named = parse_reference(words) is not None
            self.ask_button.setText(f"{f'Look up {words} at' if is_named else 'Search'} {self._hub.name}" if is_named
                                    else f"Search {self._hub.name} for “{words}”")
        self.ask_button.setVisible(bool(words))
        self.setVisible(bool(words))

    def show_request(self, request: PlanRequest) -> None:
        """Plan anew what was looked up; nobody is asked for that."""
        if request != self._request:
            self._request = request
            for entry in self._entries.values():
                if entry.found is not None:
                    self._plan_anew(entry, entry.found)

    def ask(self) -> None:
        """Search the hub, or look up what is named."""
        words = self._filters.words.strip()
        self.ask_button.hide()
        if parse_reference(words) is not None:
            entry = self._add(words, FoundRepository(words))
            if isinstance(entry.card, FoundCard):
                entry.card.show_named(words)
            self._look_up(entry)
        else:
            self._query = self._search_for(words)
            self._search(self._query)

    def mark_chosen(self, model_id: str, file_name: str) -> None:
        """Mark the row of a file and no other; empty for none."""
        for name, entry in self._entries.items():
            if isinstance(entry.card, ModelCard):
                entry.card.show_chosen(file_name if name == model_id else "")

    def set_narrow(self, narrow: bool) -> None:
        """Make the most of little width."""
        self._is_narrow = narrow
        for entry in self._entries.values():
            entry.card.set_narrow(narrow)

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
        assert self._hub is not None
        for found in page.found:
            if found.id not in self._entries:
                self._add(found.id, found)
        self._query = replace(self._query, after=page.next)
        self.heading.setText(f"At {self._hub.name}")
        self.heading.setVisible(bool(self._entries))
        nothing = f"{self._hub.name} has no model with GGUF files that is like that."
        if page.next and not page.found:
            nothing = "None of these is like that, but there are more."
        self.state.show_state("" if page.found or (self._entries and not page.next) else nothing)
        self.more_button.setVisible(bool(page.next))

    def _on_more(self) -> None:
        self._search(self._query)

    def _on_state_pressed(self) -> None:
        if self._searching.is_running:
            self._searching.stop()
            self.state.show_state("Stopped.", "Try again")
        else:
            self._search(self._query)

    def _add(self, reference: str, found: FoundRepository) -> _Entry:
        card = FoundCard(self._appearance, self)
        card.show_found(found)
        card.set_narrow(self._is_narrow)
        entry = _Entry(reference, card, Asking(self._tasks, Lane.NETWORK), Asking(self._tasks, Lane.SIDE))
        card.look_up_requested.connect(lambda: self._look_up(entry))
        card.stop_requested.connect(lambda: self._stop(entry))
        card.card_requested.connect(lambda: self.card_requested.emit(found.id))
        card.page_requested.connect(self.page_requested)
        card.token_requested.connect(self.token_requested)
        self._entries[found.id] = entry
        self._list.addWidget(card)
        return entry

    def _look_up(self, entry: _Entry) -> None:
        hub, card, request = self._hub, entry.card, self._request
        if hub is None or not isinstance(card, FoundCard):
            return
        card.show_busy()
        entry.look_up.ask(
            lambda cancel: _looked_up(hub, entry.reference, request, cancel),
            lambda answer: self._on_looked_up(entry, *answer),
            card.show_failure,
        )

    def _stop(self, entry: _Entry) -> None:
        entry.look_up.stop()
        if isinstance(entry.card, FoundCard):
            entry.card.show_idle()

    def _on_looked_up(self, entry: _Entry, found: FoundModel, plan: ModelPlan) -> None:
        entry.found = found
        before, card = entry.card, ModelCard(self._appearance, self)
        card.set_narrow(self._is_narrow)
        card.show_model(ListedModel(plan, found.offer), is_best=False)
        card.row_chosen.connect(lambda name: self._on_row_chosen(entry, name))
        card.link_requested.connect(lambda name: self._on_link_requested(entry, name))
        card.remedy_requested.connect(self.remedy_requested)
        card.card_requested.connect(self.card_requested)
        self._list.replaceWidget(before, card)
        entry.card = card
        before.hide()
        before.deleteLater()
        card.set_open(True)
        card.show()
        card.button.setFocus()
        if plan.best is not None:
            self._on_row_chosen(entry, plan.best.file.name)

    def _plan_anew(self, entry: _Entry, found: FoundModel) -> None:
        hub, request = self._hub, self._request
        assert hub is not None

        def show(plan: ModelPlan) -> None:
            if isinstance(entry.card, ModelCard):
                entry.card.show_model(ListedModel(plan, found.offer), is_best=False)

        entry.planning.ask(lambda _: hub.plan(found, request), show, self._on_not_planned)

    def _on_not_planned(self, error: InglenookError) -> None:
        self.state.show_state(error.sentence)

    def _on_row_chosen(self, entry: _Entry, name: str) -> None:
        self._with_file(entry, name, lambda listed, file: self.looked_at.emit(listed.plan, file))
        self.mark_chosen(next(key for key, one in self._entries.items() if one is entry), name)

    def _on_link_requested(self, entry: _Entry, name: str) -> None:
        self._with_file(entry, name, self.link_requested.emit)

    def _with_file(self, entry: _Entry, name: str, act: Callable[[ListedModel, FilePlan], None]) -> None:
        listed = entry.card.listed if isinstance(entry.card, ModelCard) else None
        file = next((one for one in listed.plan.files if one.file.name == name), None) if listed else None
        if listed is not None and file is not None:
            act(listed, file)

    def _show_nothing(self) -> None:
        self._searching.stop()
        for entry in self._entries.values():
            entry.look_up.stop()
            entry.planning.stop()
            self._list.removeWidget(entry.card)
            entry.card.hide()
            entry.card.deleteLater()
        self._entries = {}
        self.state.show_state("")
        for widget in (self, self.heading, self.ask_button, self.more_button):
            widget.hide()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(15)
        self._list = QVBoxLayout()
        self._list.setSpacing(15)
        column.addWidget(self.ask_button)
        column.addWidget(self.heading)
        column.addLayout(self._list)
        column.addWidget(self.state)
        column.addWidget(self.more_button)
