"""The model card: what the makers say of a model, fetched by a press and rendered like a message."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.errors import InglenookError
from app.core.hub_reference import page_of
from app.services.hub_search import HubSearchService, ModelCardText
from app.ui.asking import Asking
from app.ui.elided_label import ElidedLabel
from app.ui.labels import hairline, text_label
from app.ui.library.state_panel import StatePanel
from app.ui.tasks import Lane, Tasks
from app.ui.theme import Appearance
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.column import BlockColumn
from app.ui.transcript.items import StackedPart, TranscriptItem
from app.ui.transcript.reading_view import ReadingView
from app.ui.transcript.slow_reader import SlowReader

_NO_CARD = "The makers have written nothing about it there."
_SIZE = (760, 640)
_MOST_CHARACTERS = 400_000


class CardItem(TranscriptItem):
    """A text in Markdown, without anything below it."""

    def __init__(self, text: str, look: Look) -> None:
        super().__init__(look)
        self.name = "Model card"
        self.text = text
        self._column = BlockColumn(look)
        self._reader: SlowReader | None = SlowReader(text)
        self.stack = [StackedPart(self._column)]

    @property
    def letters(self) -> int:
        """See TranscriptItem."""
        return len(self.text)

    @property
    def is_filled(self) -> bool:
        """See TranscriptItem."""
        return self._reader is None

    def fill(self, until: float | None = None) -> None:
        """See TranscriptItem."""
        reader = self._reader
        if reader is None:
            return
        first = reader.read(until)
        if not reader.is_behind:
            first = min(first, reader.finish())
            self._reader = None
        self._column.set_blocks(reader.blocks, first)
        self.restack()


class CardView(ReadingView):
    """Shows one model card from its top. Addresses in it count from the repository's `page`."""

    def __init__(self, appearance: Appearance, page: str, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent)
        self.setObjectName("Transcript")
        self.setAccessibleName("Model card")
        self._page = page

    def show_text(self, text: str) -> None:
        """Show a card in Markdown."""
        self.set_items([CardItem(text, self.look)])
        self.stay()
        self.scroll_to(0)
        self.settle()

    def open_link(self, address: str) -> None:
        """See PageView; a file of the repository is shown on the hub's own pages."""
        base = self._page if address.startswith("#") else f"{self._page}/blob/main/"
        super().open_link(QUrl(base).resolved(QUrl(address)).toString())


class ModelCardDialog(QDialog):
    """ask() fetches the card of `repository`; until then nothing is asked."""

    def __init__(
        self,
        hub: HubSearchService,
        tasks: Tasks,
        appearance: Appearance,
        repository: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._hub = hub
        self._repository = repository
        self._revision = ""
        self._asking: Asking[ModelCardText] = Asking(tasks, Lane.NETWORK)
        self.setWindowTitle(f"Model card of {repository}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self.view = CardView(appearance, page_of(repository), self)
        self.view.hide()
        self.state = StatePanel(self)
        self.state.pressed.connect(self._ask_again)
        self.close_button = QPushButton("Close", self)
        self.close_button.clicked.connect(self.accept)
        self.page_button = QPushButton("Open its page…", self)
        self.page_button.setToolTip("Its address is shown before a browser opens it")
        self.page_button.clicked.connect(lambda: self.view.open_link(page_of(repository)))
        self.finished.connect(self._asking.stop)
        self._lay_out()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is awaited."""
        return not self._asking.is_running

    def ask(self, revision: str = "") -> None:
        """Fetch the card as it was at `revision`, else the newest."""
        self._revision = revision
        self._ask_again()

    def _ask_again(self) -> None:
        hub, repository, revision = self._hub, self._repository, self._revision
        self.state.show_state(f"Asking {hub.name}…")
        self._asking.ask(lambda cancel: hub.model_card(repository, cancel, revision), self._on_card, self._on_failed)

    def _on_card(self, card: ModelCardText) -> None:
        text = card.text.strip()[:_MOST_CHARACTERS]
        self.state.show_state("" if text else _NO_CARD)
        self.view.setVisible(bool(text))
        self._space.setVisible(not text)
        if text:
            self.view.show_text(text)
            self.view.setFocus()

    def _on_failed(self, error: InglenookError) -> None:
        self.state.show_state(error.sentence, "Try again")

    def _lay_out(self) -> None:
        title = ElidedLabel(self, Qt.TextElideMode.ElideMiddle)
        title.setProperty("kind", "title")
        title.show_text(self._repository)
        head = QVBoxLayout()
        head.setContentsMargins(24, 20, 24, 12)
        head.setSpacing(2)
        head.addWidget(title)
        head.addWidget(text_label("What its makers say. Inglenook has not checked it.", "small", self))
        buttons = QHBoxLayout()
        buttons.setContentsMargins(24, 12, 24, 18)
        buttons.addWidget(self.page_button)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        self._space = QWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline(self))
        column.addWidget(self.state)
        column.addWidget(self._space, 1)
        column.addWidget(self.view, 1)
        column.addWidget(hairline(self))
        column.addLayout(buttons)
