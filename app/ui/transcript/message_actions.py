"""What can be done with one message: small buttons that stand below it, and a menu for what is wanted more rarely."""

from enum import Enum, auto

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from app.core.conversation import Message, MessageState, Role
from app.ui.text_action import text_action
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.small_button import BETWEEN, HEIGHT, SmallButton

ACTIONS_HEIGHT = HEIGHT
_ARROW_ROOM = 8  # beside the arrows to other versions
_SAID_MILLISECONDS = 1500
_TURNING = ("‹", "›")


class CopyForm(Enum):
    """As what a message is put on the clipboard."""

    MARKDOWN = auto()
    PLAIN_TEXT = auto()
    HTML = auto()
    DETAILS = auto()  # how an answer came about, as JSON


class MessageActions(QWidget):
    """The buttons that apply to a message; every signal carries the message's id. Transparent, ACTIONS_HEIGHT high."""

    copy_requested = Signal(int, CopyForm)
    retry_requested = Signal(int)
    continue_requested = Signal(int)
    edit_requested = Signal(int)
    branch_requested = Signal(int)
    delete_requested = Signal(int)
    version_requested = Signal(int, int)  # the second: -1 for the version before, +1 for the one after

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message: Message | None = None
        self._is_quiet = False
        self._is_hidden = False
        self.setObjectName("MessageActions")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.earlier_button = SmallButton("‹", "", self, between=_ARROW_ROOM)
        self._place = QLabel(self)
        self._place.setProperty("kind", "tiny")
        self.later_button = SmallButton("›", "", self, between=_ARROW_ROOM)
        self.continue_button = SmallButton("Continue", "", self, kind="act")
        self.copy_button = SmallButton("Copy", "", self)
        self.retry_button = SmallButton("Retry", "", self)
        self.edit_button = SmallButton("Edit", "", self)
        self.more_button = SmallButton("More", "", self)
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(_SAID_MILLISECONDS)
        self._said.timeout.connect(self._on_said)
        self._lay_out()
        self._connect()
        self._watch_focus()
        self.hide()

    @property
    def place(self) -> str:
        """Which of its versions the message is, as it is shown; empty for the only one."""
        return self._place.text()

    @property
    def menu(self) -> QMenu:
        """What stands behind More."""
        menu = self.more_button.menu()
        assert menu is not None
        return menu

    def show_message(self, message: Message, *, is_last: bool, is_busy: bool = False) -> None:
        """Offer what applies to `message`; `is_last` says that no other follows it where it is shown.

        While a reply is being written in its conversation (`is_busy`), it can only be copied and branched from.
        """
        if self._message is None or message.id != self._message.id:
            self._said.stop()
            self._on_said()
        self._message = message
        is_answer = message.role is Role.ASSISTANT
        is_ended = message.state is not MessageState.STREAMING
        can_change = is_ended and not is_busy
        self._show_place(message, can_change)
        self.continue_button.setVisible(can_change and is_last and can_continue(message))
        self.copy_button.setVisible(bool(message.text))
        # A last question has no answer: it never came.
        self.retry_button.setVisible(can_change and (is_answer or is_last))
        self.edit_button.setVisible(can_change and not is_answer)
        self._name(message)
        self._fill_menu(message, can_change)
        self.adjustSize()
        self.show()

    def focus_on(self, words: str) -> None:
        """Take the keyboard to the button with these words; of those that turn versions to one that can be pressed."""
        others = _TURNING if words in _TURNING else ()
        for wanted in (words, *others):
            for button in self.findChildren(QToolButton):
                if button.text() == wanted and not button.isHidden() and button.isEnabled():
                    button.setFocus(Qt.FocusReason.OtherFocusReason)
                    return

    def set_quiet(self, is_quiet: bool) -> None:
        """Show no button before reveal(), or before the keyboard is at one of them."""
        self._is_quiet = is_quiet
        self.reveal(False)

    def reveal(self, is_revealed: bool) -> None:
        """Show quiet buttons, or hide them again; they keep their places, and the keyboard reaches them."""
        focus = QApplication.focusWidget()
        has_focus = focus is not None and self.isAncestorOf(focus)
        hidden = self._is_quiet and not is_revealed and not has_focus
        if hidden != self._is_hidden:
            self._is_hidden = hidden
            self.setProperty("ghost", hidden)
            for widget in (self, *self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)):
                widget.style().unpolish(widget)
                widget.style().polish(widget)

    def _watch_focus(self) -> None:
        for button in self.findChildren(QToolButton):
            button.installEventFilter(self)

    def _show_place(self, message: Message, can_change: bool) -> None:
        has_versions = message.version_count > 1 and can_change
        self._place.setText(f"{message.version} / {message.version_count}" if has_versions else "")
        for widget in (self.earlier_button, self._place, self.later_button):
            widget.setVisible(has_versions)
        self.earlier_button.setEnabled(message.version > 1)
        self.later_button.setEnabled(message.version < message.version_count)

    def _name(self, message: Message) -> None:
        """Say what each button is for, to whom it is read aloud."""
        this = "this answer" if message.role is Role.ASSISTANT else "this message"
        shown = f"version {message.version} of {message.version_count} of {this} is shown"
        for button, name in (
            (self.earlier_button, f"Show the version before; {shown}"),
            (self.later_button, f"Show the version after; {shown}"),
            (self.continue_button, "Let the model write on at the end of this answer"),
            (self.copy_button, f"Copy {this}"),
            (self.retry_button, "Let the model answer again; this answer is kept"),
            (self.edit_button, "Edit this message and send it again; it is kept as it is too"),
            (self.more_button, f"More that can be done with {this}"),
        ):
            button.setToolTip(name)
            button.setAccessibleName(name)
        if message.role is not Role.ASSISTANT:
            self.retry_button.setToolTip("Let the model answer")
            self.retry_button.setAccessibleName("Let the model answer")

    def _fill_menu(self, message: Message, can_change: bool) -> None:
        menu, number = self.menu, message.id
        menu.clear()
        text_action(menu, "Branch from here").triggered.connect(lambda: self.branch_requested.emit(number))
        forms = [("Copy as plain text", CopyForm.PLAIN_TEXT), ("Copy as HTML", CopyForm.HTML)] if message.text else []
        if message.statistics is not None:
            forms.append(("Copy details", CopyForm.DETAILS))
        for words, form in forms:
            text_action(menu, words).triggered.connect(lambda _=False, chosen=form: self._copy(chosen))
        if can_change:
            menu.addSeparator()
            text_action(menu, "Delete…").triggered.connect(lambda: self.delete_requested.emit(number))

    def _copy(self, form: CopyForm) -> None:
        if self._message is not None:
            self.copy_requested.emit(self._message.id, form)
            self.copy_button.setText("Copied")
            self._said.start()

    def _on_said(self) -> None:
        self.copy_button.setText("Copy")

    def _on_copy_clicked(self) -> None:
        self._copy(CopyForm.MARKDOWN)

    def _on_earlier_clicked(self) -> None:
        if self._message is not None:
            self.version_requested.emit(self._message.id, -1)

    def _on_later_clicked(self) -> None:
        if self._message is not None:
            self.version_requested.emit(self._message.id, 1)

    def _on_continue_clicked(self) -> None:
        if self._message is not None:
            self.continue_requested.emit(self._message.id)

    def _on_retry_clicked(self) -> None:
        if self._message is not None:
            self.retry_requested.emit(self._message.id)

    def _on_edit_clicked(self) -> None:
        if self._message is not None:
            self.edit_requested.emit(self._message.id)

    def _connect(self) -> None:
        self.earlier_button.clicked.connect(self._on_earlier_clicked)
        self.later_button.clicked.connect(self._on_later_clicked)
        self.continue_button.clicked.connect(self._on_continue_clicked)
        self.copy_button.clicked.connect(self._on_copy_clicked)
        self.retry_button.clicked.connect(self._on_retry_clicked)
        self.edit_button.clicked.connect(self._on_edit_clicked)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for widget in (self.earlier_button, self._place, self.later_button):
            row.addWidget(widget)
        row.addSpacing((BETWEEN - _ARROW_ROOM) // 2)
        row.addWidget(self.continue_button)
        for widget in (self.copy_button, self.retry_button, self.edit_button, self.more_button):
            row.addWidget(widget)
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more_button.setMenu(QMenu(self))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut) and self._is_quiet:
            self.reveal(event.type() is QEvent.Type.FocusIn or self.underMouse())
        return super().eventFilter(watched, event)


def can_continue(message: Message) -> bool:
    """Whether an answer ended before its end, with something there to write on from."""
    return message.is_cut_short and bool(message.text or message.reasoning)


def foot_size(look: Look) -> tuple[float, float]:
    """How high the buttons are, and by how much they stand out at the right so that the last word does not."""
    return float(look.pixels(ACTIONS_HEIGHT)), float(look.pixels(BETWEEN / 2))
