"""Shows what a download takes, from whom and under which licence, before it begins."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.download import DownloadRoom
from app.core.quantities import file_size
from app.ui.downloads.acts import AddRequest
from app.ui.labels import text_label
from app.ui.library.words import OPEN_LICENCES, licence_words

_WIDTH = 480
_LOOKING = "looking…"
_NOT_KNOWN = "not known"


class DownloadDialog(QDialog):
    """`page` is the address of the repository's page, which has its licence; `gated`: it asks for an account.

    `sees`: the model understands pictures, with a projector that is a file of its own.
    """

    page_requested = Signal(str)

    def __init__(
        self,
        request: AddRequest,
        licence: str,
        page: str,
        parent: QWidget | None = None,
        *,
        gated: bool = False,
        sees: bool = False,
    ) -> None:
        super().__init__(parent)
        self._request = request
        self.setWindowTitle("Download a model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(_WIDTH)
        self.licence = _value(licence_words(licence) or _NOT_KNOWN)
        self.folder = _value(_LOOKING)
        self.free = _value(_LOOKING)
        self.remark = text_label(_remark(licence, page, gated=gated), "warning", self, wraps=True)
        self.remark.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.projector_box = QCheckBox("Its projector too, which lets it see pictures", self)
        self.projector_box.setToolTip("A further file (mmproj). Inglenook does not show pictures to models yet.")
        self.projector_box.setVisible(sees)
        self.page_button = QPushButton("Open its page…", self)
        self.page_button.setProperty("kind", "ghost")
        self.page_button.setToolTip("Shows the address of the page, and opens it in your browser if you like")
        self.page_button.clicked.connect(lambda: self.page_requested.emit(page))
        self.go_button = QPushButton("Download", self)
        self.go_button.setProperty("kind", "go")
        self.go_button.setDefault(True)
        self.go_button.clicked.connect(self.accept)
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.clicked.connect(self.reject)
        self._lay_out()
        self.go_button.setFocus()
        self.remark.setVisible(bool(self.remark.text()))
        self.page_button.setVisible(bool(self.remark.text() and page))

    @property
    def request(self) -> AddRequest:
        """What is to be fetched, as it was chosen."""
        return replace(self._request, with_projector=self.projector_box.isChecked())

    def show_room(self, room: DownloadRoom) -> None:
        """Show where it goes, and what will be free there."""
        self.folder.setText(_breakable(str(room.folder)))
        if room.free_bytes is None:
            self.free.setText(_NOT_KNOWN)
            return
        left = room.free_bytes - self._request.file.size_bytes
        has_room = left > 0
        self.free.setText(file_size(left) if has_room else f"too little: {file_size(-left)} more are needed")
        self.free.setProperty("kind", "" if has_room else "problem")
        self.free.style().polish(self.free)
        self.go_button.setEnabled(has_room)

    def _lay_out(self) -> None:
        file = self._request.file
        size = f"{'' if file.exact else '≈ '}{file_size(file.size_bytes)}"
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(1, 1)
        facts = (
            ("Precision", _value(file.quantization or _NOT_KNOWN)),
            ("Size", _value(size)),
            ("Licence", self.licence),
            ("From", _value(_breakable(self._request.repository))),
            ("Goes to", self.folder),
            ("Free afterwards", self.free),
        )
        for line, (title, value) in enumerate(facts):
            grid.addWidget(text_label(title, "quiet"), line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, line, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.page_button)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.go_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 18)
        column.setSpacing(14)
        column.addWidget(text_label(f"Download {self._request.name}?", "heading", wraps=True))
        column.addLayout(grid)
        column.addWidget(self.projector_box)
        column.addWidget(self.remark)
        column.addSpacing(4)
        column.addLayout(buttons)


def _value(words: str) -> QLabel:
    label = text_label(words, wraps=True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _breakable(path: str) -> str:
    """The same with places where a line may end behind each separator, which are not seen."""
    return "".join(f"{sign}\u200b" if sign in "/\\" else sign for sign in path)


def _remark(licence: str, page: str, *, gated: bool) -> str:
    where = f" It is linked on the model's page: {_breakable(page)}" if page else ""
    sentences = []
    if not licence:
        sentences.append(f"Its licence is not known here. Read it before you use the model.{where}")
    elif licence.lower() not in OPEN_LICENCES:
        sentences.append(f"This licence has conditions. Read it before you use the model.{where}")
    if gated:
        sentences.append("The hub gives it only to accounts that agreed to its terms on that page.")
    return " ".join(sentences)
