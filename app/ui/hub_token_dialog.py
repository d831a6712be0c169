"""The dialog of the hub's token: set it, try it at the hub, forget it; it says where the token is kept."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.services.hub_search import HubSearchService
from app.storage.hub_token import HubTokenStore, TokenPlace, checked_token
from app.ui.asking import Asking
from app.ui.labels import text_label
from app.ui.tasks import Lane, Tasks

_EXPLANATION = (
    "Some models are given only to people who have agreed to their terms at {hub}. A token of your account there shows "
    "that you have. It is sent to {hub} and to nobody else, and all other models need none."
)
_NO_KEYCHAIN = (
    "This system has no keychain that Inglenook can use. The token can be kept in memory until Inglenook ends; it is "
    "never written to a file."
)
_WIDTH = 560
_ASKING_KEYCHAIN = "Asking the system's keychain…"
_PLACES = {
    TokenPlace.NOWHERE: "No token is kept.",
    TokenPlace.THIS_RUN: "A token is kept in memory. It is forgotten when Inglenook ends.",
}


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where the token is, and what the keychain is called (empty for none)."""

    place: TokenPlace
    keychain: str
    said: str = ""


class HubTokenDialog(QDialog):
    """Keychain and hub are asked beside the window: both may take their time. `page_requested` has an address."""

    page_requested = Signal(str)

    def __init__(
        self, tokens: HubTokenStore, hub: HubSearchService | None, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._hub = hub
        self._keychain = ""
        self._keeping: Asking[_Kept] = Asking(tasks, Lane.SIDE)
        self._testing: Asking[str] = Asking(tasks, Lane.NETWORK)
        self._name = hub.name if hub is not None else "the hub"
        self.setWindowTitle("Hub token")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(_WIDTH)
        self.place = text_label("", "strong", self, wraps=True)
        self.remark = text_label(_NO_KEYCHAIN, "warning", self, wraps=True)
        self.field = QLineEdit(self)
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText("hf_…")
        self.field.setAccessibleName("Hub token")
        self.said = text_label("", "small", self, wraps=True)
        self.make_button = self._button("Make a token…", "Shows the address of the page where tokens are made", "ghost")
        self.test_button = self._button(f"Test at {self._name}", "Ask the hub whose token it is; this uses the network")
        self.forget_button = self._button("Forget", "Take the token out of the keychain, and forget it")
        self.keep_button = self._button("Keep", "Keep the token", "go")
        self.close_button = self._button("Close", "")
        self.keep_button.setDefault(True)
        self._lay_out()
        self._connect()
        self._ask(self._kept, _ASKING_KEYCHAIN)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is awaited."""
        return not self._keeping.is_running and not self._testing.is_running

    def keep(self) -> None:
        """Keep what stands in the field: in the keychain, else for this run."""
        token = self.field.text()
        keep = self._tokens.keep if self._keychain else self._tokens.keep_for_this_run

        def work(_cancel: CancelToken) -> _Kept:
            keep(token)
            return self._kept(_cancel, "It is kept.")

        self._ask(work, _ASKING_KEYCHAIN if self._keychain else "")

    def forget(self) -> None:
        """Forget the token everywhere."""

        def work(_cancel: CancelToken) -> _Kept:
            self._tokens.forget()
            return self._kept(_cancel, "It is forgotten.")

        self._ask(work, _ASKING_KEYCHAIN)

    def test(self) -> None:
        """Ask the hub whose token it is: the one in the field, else the one that is kept."""
        hub, typed = self._hub, self.field.text()
        if hub is None:
            return

        def work(cancel: CancelToken) -> str:
            return hub.account(checked_token(typed or self._tokens.get()), cancel)

        self.test_button.setEnabled(False)
        self._say(f"Asking {hub.name}…")
        self._testing.ask(work, self._on_tested, self._on_test_failed)

    def _kept(self, _cancel: CancelToken, said: str = "") -> _Kept:
        keychain = self._tokens.keychain()
        return _Kept(self._tokens.place(), keychain, said)

    def _ask(self, work: Callable[[CancelToken], _Kept], waiting: str) -> None:
        for button in (self.keep_button, self.forget_button):
            button.setEnabled(False)
        self._say(waiting)
        self._keeping.ask(work, self._on_kept, self._on_failed)

    def _on_kept(self, kept: _Kept) -> None:
        self._keychain = kept.keychain
        self.place.setText(_PLACES.get(kept.place) or f"A token is kept in the system's keychain ({kept.keychain}).")
        self.remark.setVisible(not kept.keychain)
        self.keep_button.setText("Keep" if kept.keychain else "Keep for this run")
        self.keep_button.setEnabled(True)
        self.forget_button.setEnabled(kept.place is not TokenPlace.NOWHERE)
        if kept.said:
            self.field.clear()
        self._say(kept.said)

    def _on_failed(self, error: InglenookError) -> None:
        self.keep_button.setEnabled(True)
        self.forget_button.setEnabled(True)
        self._say(error.sentence, is_problem=True)

    def _on_tested(self, account: str) -> None:
        self.test_button.setEnabled(True)
        self._say(f"{self._name} accepts it: it is the token of {account}.")

    def _on_test_failed(self, error: InglenookError) -> None:
        self.test_button.setEnabled(True)
        self._say(error.sentence, is_problem=True)

    def _say(self, words: str, *, is_problem: bool = False) -> None:
        self.said.setProperty("kind", "problem" if is_problem else "small")
        self.said.style().polish(self.said)
        self.said.setText(words)
        self._fit()

    def _fit(self) -> None:
        """Be as high as the words need at this width, and never lower than before."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.heightForWidth(self.width())))

    def _on_finished(self) -> None:
        self.field.clear()
        self._keeping.stop()
        self._testing.stop()

    def _connect(self) -> None:
        self.make_button.clicked.connect(lambda: self.page_requested.emit(f"https://{self._name}/settings/tokens"))
        self.test_button.clicked.connect(self.test)
        self.forget_button.clicked.connect(self.forget)
        self.keep_button.clicked.connect(self.keep)
        self.close_button.clicked.connect(self.reject)
        self.finished.connect(self._on_finished)

    def _button(self, words: str, explained: str, kind: str = "") -> QPushButton:
        button = QPushButton(words, self)
        button.setToolTip(explained)
        button.setAutoDefault(False)
        if kind:
            button.setProperty("kind", kind)
        return button

    def _lay_out(self) -> None:
        self.test_button.setVisible(self._hub is not None)
        self.make_button.setVisible(self._hub is not None)
        self.remark.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 18)
        column.setSpacing(12)
        column.addWidget(text_label("Hub token", "title", self))
        column.addWidget(text_label(_EXPLANATION.format(hub=self._name), "quiet", self, wraps=True))
        column.addWidget(self.place)
        column.addWidget(self.remark)
        row = QHBoxLayout()
        row.addWidget(self.field, 1)
        row.addWidget(self.test_button)
        column.addLayout(row)
        column.addWidget(self.said)
        column.addSpacing(4)
        buttons = QHBoxLayout()
        for button in (self.make_button, self.forget_button):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.keep_button)
        column.addLayout(buttons)
