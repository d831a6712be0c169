"""The first step: what this computer is, and the ways to start."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.download import DownloadRoom
from app.core.machine import Machine
from app.core.memory import MemoryBudget
from app.core.quantities import file_size
from app.services.first_run import Start, Starts
from app.ui.first_run.fact_card import FactCard
from app.ui.first_run.start_card import StartCard
from app.ui.first_run.words import bandwidth_card, device_card, disk_card
from app.ui.icon_view import IconView
from app.ui.labels import text_label
from app.ui.library.state_panel import StatePanel
from app.ui.library.words import size_words, speed_words
from app.ui.theme import Appearance

_TITLE = "A quiet place to think with a model"
_PROMISE = "Everything runs on this computer. The network is used only when you press Download."
_WAITING = "Looking at this computer, and working out what fits…"
_NOTHING_FITS = (
    "No other model of the catalogue is known to run on this computer with the memory and disk that are free."
)
_MARK = 28


class ChoosingView(QWidget):
    """`download_requested` carries the chosen model; the others say what else the user wants."""

    download_requested = Signal(Start)
    start_now_requested = Signal()
    open_requested = Signal()
    all_requested = Signal()
    retry_requested = Signal()

    def __init__(self, appearance: Appearance, included: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._machine: Machine | None = None
        self._room: DownloadRoom | None = None
        self._has_chosen = False  # the user has, so that the choice is not changed under their hands
        self._starts: dict[StartCard, Start] = {}
        self.facts = tuple(FactCard(self) for _ in range(3))
        self.state = StatePanel(self)
        self.state.pressed.connect(self.retry_requested)
        self.recommended = StartCard(appearance, self)
        self.faster = StartCard(appearance, self)
        self.included = StartCard(appearance, self)
        self.included.show_start(
            "Start now, without a download",
            "",
            f"{included}, included",
            "A tiny model to try the application with; expect mistakes",
            "0 GB",
            "instant",
        )
        self.cards = (self.recommended, self.faster, self.included)
        self._group = QButtonGroup(self)
        for card in self.cards:
            self._group.addButton(card)
            card.clicked.connect(self._on_clicked)
            card.toggled.connect(self._show_act)
        self.open_button = _button(
            "Use a model I already have…", "Models of other applications, or a .gguf file on this computer", "ghost"
        )
        self.all_button = _button("See all models", "Every model of the catalogue, ranked for this computer")
        self.act_button = _button("", "", "go")
        self.open_button.clicked.connect(self.open_requested)
        self.all_button.clicked.connect(self.all_requested)
        self.act_button.clicked.connect(self.act)
        self._mark = IconView(_MARK, self)
        self._lay_out()
        self.included.setChecked(True)
        self.show_waiting()
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @property
    def chosen(self) -> Start | None:
        """The model that is to be downloaded; None for the included one."""
        return next((start for card, start in self._starts.items() if card.isChecked()), None)

    def show_waiting(self) -> None:
        """Say that the computer is being looked at; one can start meanwhile."""
        for card in (self.recommended, self.faster):
            card.hide()
        for fact, caption in zip(self.facts, ("This computer", "Memory bandwidth", "Free disk"), strict=True):
            if not fact.caption.text():
                fact.caption.setText(caption)
                fact.title.show_text("…")
        self.state.show_state(_WAITING)

    def show_machine(self, machine: Machine, budgets: tuple[MemoryBudget, ...] = ()) -> None:
        """Show what the computer is and, as soon as that is known, how much of it a model may take."""
        self._machine = machine
        words = (device_card(machine, budgets), bandwidth_card(machine), disk_card(machine, self._room))
        for fact, shown in zip(self.facts, words, strict=True):
            fact.show_words(shown)

    def show_room(self, room: DownloadRoom) -> None:
        """Show where models are kept, and what is free there."""
        self._room = room
        if self._machine is not None:
            self.facts[-1].show_words(disk_card(self._machine, room))

    def show_starts(self, starts: Starts) -> None:
        """Offer these; the recommended one is chosen unless the user has chosen another meanwhile."""
        self._starts = {}
        for card, start, tag in (
            (self.recommended, starts.recommended, "recommended"),
            (self.faster, starts.faster, "faster"),
        ):
            card.setVisible(start is not None)
            if start is not None:
                self._starts[card] = start
                file = start.file
                card.show_start(
                    start.offer.name,
                    file.file.quantization,
                    tag,
                    start.reason,
                    size_words(file),
                    _speed(start),
                    file.reason,
                )
        self.state.show_state("" if starts.recommended else _NOTHING_FITS)
        if starts.recommended is not None and not self._has_chosen:
            self.recommended.setChecked(True)
            if self.included.hasFocus():
                self.recommended.setFocus()
        elif not any(card.isChecked() and not card.isHidden() for card in self.cards):
            self.included.setChecked(True)
        self._show_act()

    def show_failure(self, sentence: str) -> None:
        """Say why nothing can be recommended."""
        self.state.show_state(sentence, "Try again")

    def act(self) -> None:
        """Do what the last button says."""
        chosen = self.chosen
        if chosen is None:
            self.start_now_requested.emit()
        else:
            self.download_requested.emit(chosen)

    def set_narrow(self, narrow: bool) -> None:
        """Take less room between the parts."""
        self._column.setContentsMargins(*((24, 24, 24, 20) if narrow else (40, 33, 40, 26)))

    def _on_clicked(self) -> None:
        self._has_chosen = True

    def _show_act(self) -> None:
        chosen = self.chosen
        if chosen is None:
            self.act_button.setText("Start now")
            self.act_button.setToolTip("Begin to chat with the included model (Esc)")
        else:
            self.act_button.setText(f"Download {file_size(chosen.file.file.size_bytes)}")
            self.act_button.setToolTip("The licence is shown first; nothing is downloaded before that")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._mark)
        head.addWidget(text_label(_TITLE, "title", self, wraps=True), 1)
        facts = QHBoxLayout()
        facts.setSpacing(10)
        for fact in self.facts:
            facts.addWidget(fact, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.open_button)
        buttons.addStretch()
        buttons.addWidget(self.all_button)
        buttons.addWidget(self.act_button)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self._column.addSpacing(5)
        self._column.addWidget(text_label(_PROMISE, "quiet", self, wraps=True))
        self._column.addSpacing(20)
        self._column.addLayout(facts)
        self._column.addSpacing(20)
        self._column.addWidget(text_label("Choose how to start", "heading", self))
        self._column.addSpacing(9)
        self._column.addWidget(self.state)
        cards = QVBoxLayout()
        cards.setSpacing(9)
        for card in self.cards:
            cards.addWidget(card)
        self._column.addLayout(cards)
        self._column.addSpacing(22)
        self._column.addStretch()
        self._column.addLayout(buttons)
        self.set_narrow(False)

    def _on_appearance_changed(self) -> None:
        self._mark.show_icon(self._appearance.icon("brand", self._appearance.tokens.text, _MARK))


def _speed(start: Start) -> str:
    return speed_words(start.file.writing) if start.file.writing else "speed not known"


def _button(words: str, explained: str, kind: str = "") -> QPushButton:
    button = QPushButton(words)
    button.setToolTip(explained)
    if kind:
        button.setProperty("kind", kind)
    return button
