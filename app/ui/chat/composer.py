"""Where one writes: a field that grows with its text, and the button that sends or stops."""

import math

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QResizeEvent, QTextBlockFormat
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QTextEdit, QToolButton, QVBoxLayout, QWidget

from app.core.generation import OutputFormat
from app.ui.chat.drafts import joined
from app.ui.chat.format_button import FormatButton
from app.ui.elided_label import ElidedLabel
from app.ui.fonts import LINE_PIXELS, text_font
from app.ui.theme import Appearance

_MOST_LINES = 8
_NAME_LENGTH = 30  # a file's name may be long, and the placeholder has one line
_MOST_CHARACTERS = 1_000_000  # a quarter of a million tokens; ten times as much halts the window for ten seconds
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ComposerTextEdit(QTextEdit):
    """Plain text of one to eight lines; Enter asks to send, unless an input method is composing."""

    entered = Signal()
    paste_refused = Signal(str)  # the sentence that says why
    focus_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._composes = False
        self.setObjectName("ComposerText")
        self.setAccessibleName("Message")
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(text_font())
        self.document().setDocumentMargin(0)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.show_text("")

    def show_text(self, text: str) -> None:
        """Replace the text, in lines of the reading height, and put the cursor at its end."""
        self.setPlainText(text)
        line = QTextBlockFormat()
        line.setLineHeight(LINE_PIXELS, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor = self.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.mergeBlockFormat(line)
        self.document().clearUndoRedoStacks()
        self.moveCursor(cursor.MoveOperation.End)
        self._fit()

    def _fit(self) -> None:
        """As high as the text, from one line to eight; beyond that it scrolls."""
        wanted = math.ceil(self.document().size().height())
        most = _MOST_LINES * LINE_PIXELS
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if wanted > most else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if self.verticalScrollBarPolicy() is not policy:
            self.setVerticalScrollBarPolicy(policy)
        height = min(max(wanted, LINE_PIXELS), most)
        if self.height() != height or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def _asks_to_send(self, event: QKeyEvent) -> bool:
        allowed = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ControlModifier
        return event.key() in _ENTER_KEYS and not self._composes and not event.modifiers() & ~allowed

    def _is_too_long(self, text: str) -> bool:
        """Whether the field would hold more than it may with this text in place of what is selected."""
        cursor = self.textCursor()
        replaced = cursor.selectionEnd() - cursor.selectionStart()
        return self.document().characterCount() - replaced + len(text) > _MOST_CHARACTERS

    def event(self, event: QEvent) -> bool:
        # Esc ends a composition; only without one does it go on to the window, where it stops the answer.
        if event.type() is QEvent.Type.ShortcutOverride and self._composes:
            event.accept()
            return True
        return super().event(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text()
        if self._is_too_long(text):
            self.paste_refused.emit(
                f"Nothing was pasted: the text has {len(text):,} characters, and a message has room for "
                f"{_MOST_CHARACTERS:,} with what stands there already. Paste it in parts, or the part that matters."
            )
        else:
            super().insertFromMimeData(source)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composes = bool(event.preeditString())
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._asks_to_send(event):
            event.accept()
            self.entered.emit()
        elif event.key() in _ENTER_KEYS and self._composes:
            event.accept()  # it chooses among what the input method offers; nothing is sent and no line broken
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._composes = False
        self.focus_changed.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class ComposerView(QFrame):
    """The field in its box. `send_requested` carries a text with something in it; the field keeps it until told."""

    send_requested = Signal(str)
    stop_requested = Signal()
    leave_requested = Signal()  # the message that is edited stays as it is

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._can_stop = False
        self._is_editing = False
        self.setObjectName("ComposerBox")
        self.field = ComposerTextEdit(self)
        self.button = QPushButton(self)
        self.button.setProperty("kind", "go")
        self.button.setIconSize(QSize(14, 14))
        self.format_button = FormatButton(self)
        self.think_button = _think_button(self)
        self.leave_button = _leave_button(self)
        self._hint = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self._hint.setProperty("kind", "tiny")
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(6)
        for widget in (self.format_button, self.think_button, self._hint, self.leave_button):
            foot.addWidget(widget)
        foot.addStretch()
        foot.addWidget(self.button)
        column = QVBoxLayout(self)
        # The row of buttons begins a little to the left, so that their words stand below the text.
        column.setContentsMargins(8, 12, 12, 10)
        column.setSpacing(8)
        field_row = QHBoxLayout()
        field_row.setContentsMargins(8, 0, 0, 0)
        field_row.addWidget(self.field)
        column.addLayout(field_row)
        column.addLayout(foot)
        self.field.entered.connect(self._on_entered)
        self.field.textChanged.connect(self._refresh)
        self.field.focus_changed.connect(self._on_focus_changed)
        self.button.clicked.connect(self._on_button_clicked)
        self.leave_button.clicked.connect(self.leave_requested)
        appearance.changed.connect(self._refresh)
        self.set_model_name("")
        self._refresh()

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.field.toPlainText()

    def set_text(self, text: str) -> None:
        """Put `text` into the field, ready to be written on."""
        self.field.show_text(text)

    def give_back(self, text: str) -> None:
        """Return a text that was not sent: before whatever was written since."""
        self.set_text(joined(text, self.text))

    @property
    def output(self) -> OutputFormat:
        """The form that the answer must have."""
        return self.format_button.format

    @property
    def thinking(self) -> bool | None:
        """Whether the model shall think before it answers; None while it has no switch for that."""
        return None if self.think_button.isHidden() else self.think_button.isChecked()

    def set_has_thinking_switch(self, has_switch: bool) -> None:
        """Offer the choice of thinking, or not."""
        self.think_button.setVisible(has_switch)

    def set_model_name(self, name: str) -> None:
        """Say to whom one writes; empty while no model is known."""
        self.field.setPlaceholderText(f"Write to {name[:_NAME_LENGTH]}…" if name else "Write a message…")

    def set_can_stop(self, can_stop: bool) -> None:
        """Show Stop in place of Send while an answer is under way."""
        if can_stop is not self._can_stop:
            self._can_stop = can_stop
            self._refresh()

    def set_is_editing(self, is_editing: bool) -> None:
        """Say that what stands here is a message that was sent already, and offer a way out."""
        self._is_editing = is_editing
        self.leave_button.setVisible(is_editing)
        self._refresh()

    @property
    def hint(self) -> str:
        """The words beside the buttons."""
        return self._hint.text()

    def _refresh(self) -> None:
        name = "Stop" if self._can_stop else "Send"
        self.button.setText(name)
        self.button.setAccessibleName("Stop the answer" if self._can_stop else "Send the message")
        self.button.setToolTip("Stop the answer (Esc)" if self._can_stop else "Send the message (Enter)")
        self.button.setEnabled(self._can_stop or bool(self.text.strip()))
        tokens = self._appearance.tokens
        colour = tokens.on_accent if self.button.isEnabled() else tokens.text_3
        self.button.setIcon(self._appearance.icon("square-filled" if self._can_stop else "arrow-up", colour, 14))
        self._hint.show_text(self._words())

    def _words(self) -> str:
        if self._is_editing:
            return "Editing a message: Enter sends it again, Esc leaves it as it is"
        if self._can_stop:
            return "You can write your next message meanwhile"
        return "Enter sends, Shift+Enter breaks the line"

    def _on_entered(self) -> None:
        if not self._can_stop and self.text.strip():
            self.send_requested.emit(self.text)

    def _on_button_clicked(self) -> None:
        if self._can_stop:
            self.stop_requested.emit()
        else:
            self._on_entered()

    def _on_focus_changed(self, has_focus: bool) -> None:
        self.setProperty("lit", "true" if has_focus else "false")
        self.style().unpolish(self)
        self.style().polish(self)


def _leave_button(parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText("Cancel")
    button.setProperty("kind", "act")
    button.setToolTip("Leave the message as it is (Esc)")
    button.setAccessibleName("Leave the message as it is")
    button.hide()
    return button


def _think_button(parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setObjectName("ThinkButton")
    button.setText("Think")
    button.setCheckable(True)
    button.setChecked(True)
    button.setToolTip("Let the model think before it answers")
    button.setAccessibleName("Think before answering")
    button.hide()
    return button
