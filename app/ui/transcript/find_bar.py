"""The bar in which one writes what to find in a conversation, and that leads from one place to the next."""

from typing import cast

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton, QWidget

from app.ui.icon_view import IconView
from app.ui.labels import text_label
from app.ui.theme import Appearance

_WAIT_MILLISECONDS = 120  # a pause between two letters of a quick typist
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_LONGEST_QUERY = 1_000
_FIELD_WIDTH = 190
_ICON_PIXELS = 14


class FindBar(QFrame):
    """Says what is looked for and shows what came of it; it finds nothing itself.

    `query_changed` follows a pause in typing, with an empty query at once, and again when the bar is opened with one.
    """

    query_changed = Signal(str)
    next_requested = Signal()
    previous_requested = Signal()
    closed = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._told = ""
        self.setObjectName("FindBar")
        self._mark = IconView(_ICON_PIXELS, self)
        self.field = _field(self)
        self.count = text_label("", "count", self)
        self.previous_button = _button("Previous match", "Shift+Enter or Shift+F3", self)
        self.next_button = _button("Next match", "Enter or F3", self)
        self.close_button = _button("Close find", "Esc", self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_WAIT_MILLISECONDS)
        self._lay_out()
        self._connect()
        self._show_nothing()
        self._on_appearance_changed()
        self.hide()

    @property
    def query(self) -> str:
        """What is written in the field."""
        return self.field.text()

    def open(self, query: str = "") -> None:
        """Show the bar with the keyboard in its field; `query` (what is selected, say) replaces what stood there."""
        line = query.strip().partition("\n")[0][:_LONGEST_QUERY]
        if line:
            self.field.setText(line)
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._told = ""
        self._tell()

    def close_bar(self) -> None:
        """Hide the bar and say so; what is written stays for the next time."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def show_count(self, current: int, count: int, *, is_more: bool = False) -> None:
        """Say which match of how many is shown: `current` counts from 1, 0 is none; `is_more`: not all were counted."""
        total = f"{count:,}+" if is_more else f"{count:,}"
        words = "1 match" if count == 1 else f"{total} matches"
        self._say(f"{current:,} of {total}" if current and count else words if count else "No matches")
        self.previous_button.setEnabled(count > 0)
        self.next_button.setEnabled(count > 0)

    def _show_nothing(self) -> None:
        self._say("")
        self.previous_button.setEnabled(False)
        self.next_button.setEnabled(False)

    def _say(self, words: str) -> None:
        self.count.setText(words)
        self.field.setAccessibleDescription(words)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 5, 4)
        row.setSpacing(2)
        row.addWidget(self._mark)
        row.addSpacing(5)
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        row.addSpacing(6)
        for button in (self.previous_button, self.next_button, self.close_button):
            row.addWidget(button)

    def _connect(self) -> None:
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self._pause.timeout.connect(self._tell)
        self.previous_button.clicked.connect(self._on_previous)
        self.next_button.clicked.connect(self._on_next)
        self.close_button.clicked.connect(self.close_bar)
        # They work while the bar is visible, wherever in the window the keyboard is.
        QShortcut(QKeySequence(Qt.Key.Key_F3), self, self._on_next)
        QShortcut(QKeySequence(Qt.Modifier.SHIFT | Qt.Key.Key_F3), self, self._on_previous)
        self._appearance.changed.connect(self._on_appearance_changed)

    def _tell(self) -> bool:
        """Say what is looked for now, unless it was said; whether it was not."""
        self._pause.stop()
        if self.query == self._told:
            return False
        self._told = self.query
        self.query_changed.emit(self._told)
        return True

    def _on_text_changed(self, text: str) -> None:
        if text:
            self._pause.start()
        else:
            self._show_nothing()
            self._tell()

    def _on_next(self) -> None:
        if not self._tell() and self.next_button.isEnabled():
            self.next_requested.emit()

    def _on_previous(self) -> None:
        if not self._tell() and self.previous_button.isEnabled():
            self.previous_requested.emit()

    def _on_appearance_changed(self) -> None:
        icon = self._appearance.icon
        self._mark.show_icon(icon("search", self._appearance.tokens.text_3, _ICON_PIXELS))
        self.previous_button.setIcon(icon("chevron-up", size=_ICON_PIXELS))
        self.next_button.setIcon(icon("chevron-down", size=_ICON_PIXELS))
        self.close_button.setIcon(icon("x", size=_ICON_PIXELS))

    def _light(self, lit: bool) -> None:
        self.setProperty("lit", "true" if lit else "false")
        self.style().unpolish(self)
        self.style().polish(self)

    def event(self, event: QEvent) -> bool:
        # Esc closes the bar rather than doing what it does in the rest of the window.
        if event.type() is QEvent.Type.ShortcutOverride and cast(QKeyEvent, event).key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._light(event.type() is QEvent.Type.FocusIn)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in _ENTER_KEYS and self.field.hasFocus():
            backwards = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            (self._on_previous if backwards else self._on_next)()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._pause.stop()
        super().hideEvent(event)


def _field(parent: QWidget) -> QLineEdit:
    field = QLineEdit(parent)
    field.setPlaceholderText("Find in this conversation")
    field.setAccessibleName("Find in this conversation")
    field.setMaxLength(_LONGEST_QUERY)
    field.setMinimumWidth(_FIELD_WIDTH)
    return field


def _button(name: str, keys: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setAccessibleName(name)
    button.setToolTip(f"{name} ({keys})")
    button.setIconSize(QSize(_ICON_PIXELS, _ICON_PIXELS))
    button.setAutoRepeat("match" in name)
    return button
