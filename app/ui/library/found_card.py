"""A repository that the hub has found: what the hub says of it, until its files are looked at."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.errors import InglenookError
from app.core.hub_search import FoundRepository
from app.ui.elided_label import ElidedLabel
from app.ui.labels import text_label
from app.ui.library.hub_words import asks_for_token, found_facts, page_in
from app.ui.library.tile import LetterTile
from app.ui.theme import Appearance

_READING = "Reading the list of files, and the beginning of one…"


class FoundCard(QFrame):
    """The first button asks the hub; while it is asked, it stops that."""

    look_up_requested = Signal()
    stop_requested = Signal()
    card_requested = Signal()
    page_requested = Signal(str)
    token_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_busy = False
        self._page = ""
        self.setObjectName("ModelCard")
        self.tile = LetterTile(appearance, self)
        self.name = ElidedLabel(self, Qt.TextElideMode.ElideMiddle)
        self.name.setProperty("kind", "heading")
        self.facts = text_label("", "small", self, wraps=True)
        self.button = QPushButton(self)
        self.card_button = _button("model card ▾", "Ask the hub for what the makers say of it", self, "ghost")
        self.problem = text_label("", "problem", self, wraps=True)
        self.page_button = _button("Open its page…", "Its address is shown before a browser opens it", self)
        self.token_button = _button("Hub token…", "Give the token of your account at the hub", self)
        self.button.clicked.connect(self._on_clicked)
        self.card_button.clicked.connect(self.card_requested)
        self.page_button.clicked.connect(lambda: self.page_requested.emit(self._page))
        self.token_button.clicked.connect(self.token_requested)
        self._lay_out()
        self.show_idle()

    def show_found(self, found: FoundRepository) -> None:
        """Show what the hub says of a repository."""
        owner, _, name = found.id.partition("/")
        self.tile.show_letter(name or owner, "plain")
        self.name.show_text(found.id)
        self.facts.setText(found_facts(found))
        self.button.setAccessibleName(f"Precisions of {found.id}")
        self.card_button.setAccessibleName(f"Model card of {found.id}")

    def show_named(self, words: str) -> None:
        """Show what somebody has pasted; nothing is known of it yet."""
        self.tile.show_letter(words.rsplit("/", 1)[-1], "plain")
        self.name.show_text(words)
        self.card_button.hide()
        self.button.setAccessibleName(f"Precisions of {words}")

    def show_busy(self) -> None:
        """Say that the hub is being asked."""
        self._is_busy = True
        self._show_problem(_READING, "small")
        self.button.setText("Stop")
        self.button.setToolTip("Do not ask any more")

    def show_idle(self) -> None:
        """Offer to ask the hub."""
        self._is_busy = False
        self._show_problem("", "problem")
        self.button.setText("Show precisions")
        self.button.setToolTip("Ask the hub for the files, and work out how they run on this computer")

    def show_failure(self, error: InglenookError) -> None:
        """Say what went wrong, and offer what may help."""
        self.show_idle()
        self._show_problem(error.sentence, "problem")
        self._page = page_in(error)
        self.button.setText("Try again")
        self.page_button.setVisible(bool(self._page))
        self.token_button.setVisible(asks_for_token(error))

    def set_narrow(self, narrow: bool) -> None:
        """Put the buttons below the words instead of beside them."""
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def _show_problem(self, words: str, kind: str) -> None:
        self.problem.setProperty("kind", kind)
        self.problem.style().polish(self.problem)
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        self.page_button.hide()
        self.token_button.hide()

    def _on_clicked(self) -> None:
        if self._is_busy:
            self.stop_requested.emit()
        else:
            self.look_up_requested.emit()

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(0)
        for label in (self.name, self.facts, self.problem):
            names.addWidget(label)
        helps = QHBoxLayout()
        helps.setSpacing(8)
        helps.setContentsMargins(0, 4, 0, 0)
        helps.addWidget(self.page_button)
        helps.addWidget(self.token_button)
        helps.addStretch()
        names.addLayout(helps)
        words = QHBoxLayout()
        words.setSpacing(12)
        words.addWidget(self.tile, 0, Qt.AlignmentFlag.AlignTop)
        words.addLayout(names, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(self.card_button)
        buttons.addWidget(self.button)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(17, 13, 17, 13)
        self._row.setSpacing(12)
        self._row.addLayout(words, 1)
        self._row.addLayout(buttons)


def _button(words: str, explained: str, parent: QWidget, kind: str = "") -> QPushButton:
    button = QPushButton(words, parent)
    button.setToolTip(explained)
    if kind:
        button.setProperty("kind", kind)
    return button
