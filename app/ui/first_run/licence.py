"""The second step: what would be downloaded, from where, and under which licence."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.hub_reference import page_of
from app.core.machine import Machine
from app.core.quantities import file_size, gigabytes
from app.services.first_run import Start
from app.ui.labels import text_label
from app.ui.library.words import OPEN_LICENCES, licence_words, size_words

_OPEN = "Anybody may use it, for any purpose."
_OTHER = "It has terms of its own. They are on the model's page; please read them before you accept."
_UNKNOWN = "Its licence is not known here. The model's page says what it may be used for."
_MEANWHILE = "The download goes on in the background. Meanwhile you can chat with the included model."


class LicenceView(QWidget):
    """`accepted` carries what is to be downloaded."""

    accepted = Signal(Start)
    back_requested = Signal()
    start_now_requested = Signal()
    page_requested = Signal(str)  # the address, which is to be shown before it is opened

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start: Start | None = None
        self.model = text_label("", "strong", self, wraps=True)
        self.size_label = text_label("", "", self)
        self.page = text_label("", "", self, wraps=True)
        self.page.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.licence = text_label("", "strong", self, wraps=True)
        self.terms = text_label("", "small", self, wraps=True)
        self.warning = text_label("", "warning", self, wraps=True)
        self.page_button = QPushButton("Open the model's page…", self)
        self.page_button.setToolTip("Its address is shown before a browser opens it")
        self.page_button.clicked.connect(lambda: self.page_requested.emit(self.page.text()))
        self.back_button = QPushButton("Back", self)
        self.back_button.setProperty("kind", "ghost")
        self.back_button.setToolTip("Choose again")
        self.back_button.clicked.connect(self.back_requested)
        self.start_now_button = QPushButton("Start now, without a download", self)
        self.start_now_button.setToolTip("Begin to chat with the included model (Esc)")
        self.start_now_button.clicked.connect(self.start_now_requested)
        self.accept_button = QPushButton(self)
        self.accept_button.setProperty("kind", "go")
        self.accept_button.setToolTip("From here on the network is used")
        self.accept_button.clicked.connect(self.accept)
        self._lay_out()

    def show_start(self, start: Start, machine: Machine) -> None:
        """Show what would be downloaded."""
        self._start = start
        offer, file = start.offer, start.file.file
        self.model.setText(f"{offer.name} · {file.quantization}")
        self.size_label.setText(size_words(start.file))
        self.page.setText(page_of(offer.repository))
        self.licence.setText(licence_words(offer.license) or "not known")
        open_to_all = offer.license.lower() in OPEN_LICENCES
        self.terms.setText(_OPEN if open_to_all else _OTHER if offer.license else _UNKNOWN)
        self.warning.setText(_disk_warning(file.size_bytes, machine))
        self.warning.setVisible(bool(self.warning.text()))
        self.accept_button.setText(f"Accept and download {file_size(file.size_bytes)}")

    def accept(self) -> None:
        """Take the licence."""
        if self._start is not None:
            self.accepted.emit(self._start)

    def set_narrow(self, narrow: bool) -> None:
        """Take less room between the parts."""
        self._column.setContentsMargins(*((24, 24, 24, 20) if narrow else (40, 33, 40, 26)))

    def _lay_out(self) -> None:
        facts = QGridLayout()
        facts.setHorizontalSpacing(24)
        facts.setVerticalSpacing(10)
        facts.setColumnStretch(1, 1)
        rows = (("Model", self.model), ("Download", self.size_label), ("From", self.page), ("Licence", self.licence))
        for number, (name, value) in enumerate(rows):
            facts.addWidget(text_label(name, "quiet", self), number, 0, Qt.AlignmentFlag.AlignTop)
            facts.addWidget(value, number, 1)
        facts.addWidget(self.terms, len(rows), 1)
        facts.addWidget(self.page_button, len(rows) + 1, 1, Qt.AlignmentFlag.AlignLeft)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.back_button)
        buttons.addStretch()
        buttons.addWidget(self.start_now_button)
        buttons.addWidget(self.accept_button)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addWidget(text_label("Before the download", "title", self))
        self._column.addSpacing(22)
        self._column.addLayout(facts)
        self._column.addSpacing(18)
        self._column.addWidget(self.warning)
        self._column.addSpacing(6)
        self._column.addWidget(text_label(_MEANWHILE, "quiet", self, wraps=True))
        self._column.addStretch()
        self._column.addSpacing(22)
        self._column.addLayout(buttons)
        self.set_narrow(False)


def _disk_warning(size_bytes: int, machine: Machine) -> str:
    free = machine.disk_free_bytes
    if free is None or free >= size_bytes:
        return ""
    return f"Only {gigabytes(free)} of the disk are free. The download will stop until there is room."
