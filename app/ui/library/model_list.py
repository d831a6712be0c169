"""The cards of the models, one below the other, and which precision of which is chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.plan import FilePlan, ModelPlan, Remedy
from app.ui.downloads.acts import DownloadAct
from app.ui.downloads.runner import FileDownload
from app.ui.library.model_card import ModelCard
from app.ui.library.ranking import ListedModel
from app.ui.library.words import headline
from app.ui.theme import Appearance

_AT_ONCE = 8
_BATCH = 4


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """One file of one model."""

    model_id: str
    file_name: str


class ModelCards(QWidget):
    """Opened and folded cards by their models' ids, and what is asked of the files on them."""

    link_requested = Signal(ChosenFile)
    acted = Signal(ChosenFile, DownloadAct)
    remedy_requested = Signal(Remedy)
    card_requested = Signal(str)  # what the makers say of the model of this id

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._is_narrow = False
        self.offers_cards = False  # whether what the makers say can be asked for
        self.cards: dict[str, ModelCard] = {}
        self.find_download: Callable[[str, str], FileDownload] = lambda _repository, _file: FileDownload()

    def choose(self, chosen: ChosenFile) -> None:
        """Mark a file's row, and no other."""
        for model_id, card in self.cards.items():
            card.show_chosen(chosen.file_name if model_id == chosen.model_id else "")

    def show_downloads(self) -> None:
        """Show anew what is on the list of the models' files."""
        for card in self.cards.values():
            self._show_downloads(card)

    def show_downloads_of(self, repository: str) -> None:
        """The same for the models of one repository."""
        for card in self.cards.values():
            offer = card.listed.offer if card.listed is not None else None
            if offer is not None and offer.repository == repository:
                self._show_downloads(card)

    def set_narrow(self, narrow: bool) -> None:
        """Make the most of little width."""
        if narrow != self._is_narrow:
            self._is_narrow = narrow
            for card in self.cards.values():
                card.set_narrow(narrow)

    def _make_card(self, model_id: str) -> ModelCard:
        card = ModelCard(self._appearance, self)
        card.offers_card = self.offers_cards
        card.set_narrow(self._is_narrow)
        card.row_chosen.connect(lambda name: self.choose(ChosenFile(model_id, name)))
        card.link_requested.connect(lambda name: self.link_requested.emit(ChosenFile(model_id, name)))
        card.acted.connect(lambda name, act: self.acted.emit(ChosenFile(model_id, name), act))
        card.remedy_requested.connect(self.remedy_requested)
        card.card_requested.connect(lambda: self.card_requested.emit(model_id))
        self.cards[model_id] = card
        return card

    def _show_downloads(self, card: ModelCard) -> None:
        listed = card.listed
        if listed is None or listed.offer is None:
            return
        names = [one.file.name for one in listed.plan.files]
        found = {name: self.find_download(listed.offer.repository, name) for name in names}
        card.show_downloads({name: one for name, one in found.items() if one})


class ModelList(ModelCards):
    """What is in view is made at once and the rest in between; a card stays the same however the order changes."""

    looked_at = Signal()  # another file is chosen, or below the pointer

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent)
        self._listed: tuple[ListedModel, ...] = ()
        self._best_id = ""
        self._chosen: ChosenFile | None = None
        self._hovered: ChosenFile | None = None
        self._has_opened = False
        self._placed = 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(15)
        self._rest = QTimer(self)
        self._rest.timeout.connect(lambda: self._place(_BATCH))

    @property
    def is_whole(self) -> bool:
        """Whether every card is made."""
        return self._placed == len(self._listed)

    @property
    def names(self) -> list[str]:
        """The models that are listed, from above."""
        return [listed.plan.name for listed in self._listed]

    @property
    def has_chosen(self) -> bool:
        """Whether a row of these is marked."""
        return self._chosen is not None and bool(self._chosen.model_id)

    @property
    def hovered_file(self) -> tuple[ModelPlan, FilePlan] | None:
        """The file below the pointer."""
        return self._find(self._hovered) if self._hovered else None

    @property
    def shown_file(self) -> tuple[ModelPlan, FilePlan] | None:
        """The file below the pointer, else the chosen one, else that of the first model."""
        for place in (self._hovered, self._chosen):
            found = self._find(place) if place else None
            if found is not None:
                return found
        for listed in self._listed:
            file = headline(listed.plan)
            if file is not None:
                return listed.plan, file
        return None

    def show_models(self, listed: Sequence[ListedModel], best_id: str) -> None:
        """List these models in this order; `best_id` names the one that is best for this computer."""
        self._listed = tuple(listed)
        self._best_id = best_id
        self._hovered = None
        self._placed = 0
        wanted = {one.plan.id for one in listed}
        for model_id, card in self.cards.items():
            if model_id not in wanted:
                card.hide()
        self._place(_AT_ONCE)
        if not self._has_opened and self._listed and self._listed[0].plan.id == best_id:
            self._has_opened = True
            self._open_best()
        self.looked_at.emit()

    def choose(self, chosen: ChosenFile) -> None:
        """Mark a file's row, and no other."""
        self._chosen = chosen
        super().choose(chosen)
        self.looked_at.emit()

    def _open_best(self) -> None:
        best = self._listed[0].plan
        file = headline(best)
        if file is not None:
            self.cards[best.id].set_open(True)
            self.choose(ChosenFile(best.id, file.file.name))

    def _place(self, most: int) -> None:
        """Put the next few cards where they belong."""
        for listed in self._listed[self._placed : self._placed + most]:
            card = self.cards.get(listed.plan.id) or self._make_card(listed.plan.id)
            card.show_model(listed, is_best=listed.plan.id == self._best_id)
            self._show_downloads(card)
            if self._column.indexOf(card) != self._placed:
                self._column.insertWidget(self._placed, card)
            card.show()
            self._placed += 1
        if self.is_whole:
            self._rest.stop()
        else:
            self._rest.start(0)

    def _make_card(self, model_id: str) -> ModelCard:
        card = super()._make_card(model_id)
        card.row_hovered.connect(lambda name: self._on_hovered(ChosenFile(model_id, name) if name else None))
        return card

    def _find(self, place: ChosenFile) -> tuple[ModelPlan, FilePlan] | None:
        for listed in self._listed:
            if listed.plan.id == place.model_id:
                for file in listed.plan.files:
                    if file.file.name == place.file_name:
                        return listed.plan, file
        return None

    def _on_hovered(self, hovered: ChosenFile | None) -> None:
        self._hovered = hovered
        self.looked_at.emit()
