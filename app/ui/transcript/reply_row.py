"""The model's turn: plain text on the page while it is written, Markdown when it has ended, its figures below."""

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.core.conversation import Message
from app.core.generation import OutputKind
from app.services.structured import fault_note
from app.ui.tokens import Tokens
from app.ui.transcript.code_block import CodeBlockView
from app.ui.transcript.document import markdown_document
from app.ui.transcript.figures import thought_in_words
from app.ui.transcript.folded_text import FoldedText
from app.ui.transcript.json_text import json_in_lines
from app.ui.transcript.reply_foot import ReplyFoot
from app.ui.transcript.segments import Code, Segment, segments_of
from app.ui.transcript.streaming_view import StreamingTextView
from app.ui.transcript.text_view import MessageTextView

THINKING = "Thinking…"


class ReplyRow(QWidget):
    """One answer; begins empty and is either written on or shown as a whole."""

    link_activated = Signal(QUrl)
    continue_requested = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Answer")
        self.setAttribute(Qt.WidgetAttribute.WA_StaticContents)
        self._tokens = tokens
        self._text = ""
        self._unwritten: list[str] = []
        self._stream: StreamingTextView | None = None
        self.reasoning: FoldedText | None = None
        self._above = QVBoxLayout()
        self._above.setSpacing(7)
        self._body = QVBoxLayout()
        self._body.setSpacing(9)
        self._fault = _remark("problem", self)
        self._fault.hide()
        self._notes = QVBoxLayout()
        self._notes.setSpacing(4)
        self.foot = ReplyFoot(lambda: self._text, self)
        self.foot.continue_button.clicked.connect(self.continue_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        for part in (self._above, self._body):
            column.addLayout(part)
        column.addWidget(self._fault)
        column.addLayout(self._notes)
        column.addWidget(self.foot)
        # One change of the document for all that arrives in one delivery.
        self._writing = QTimer(self)
        self._writing.setSingleShot(True)
        self._writing.timeout.connect(self._write)

    @property
    def text(self) -> str:
        """The answer so far, as the model wrote it."""
        return self._text

    @property
    def figures(self) -> str:
        """The line of figures below the answer."""
        return self.foot.figures

    @property
    def label(self) -> str:
        """The word about how the answer ended; empty when it came to its own end."""
        return self.foot.label

    @property
    def fault(self) -> str:
        """What the answer lacks of the form it was asked for; empty for one that has it."""
        return self._fault.text()

    @property
    def notes(self) -> list[str]:
        """What is told about how the answer came about."""
        items = (self._notes.itemAt(index) for index in range(self._notes.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget.text() for widget in widgets if isinstance(widget, QLabel)]

    def append_text(self, text: str) -> None:
        """Write on."""
        self._text += text
        self._unwritten.append(text)
        if not self._writing.isActive():
            self._writing.start()

    def append_reasoning(self, text: str) -> None:
        """Write on in what the model thinks before its answer; blanks alone are no thought."""
        if self.reasoning is None and not (text := text.lstrip()):
            return
        folded = self._folded(THINKING)
        if folded.heading != THINKING:
            folded.show_heading(THINKING)
        folded.append_text(text)

    def end_reasoning(self, seconds: float) -> None:
        """The answer begins; thinking has taken this long."""
        if self.reasoning is not None and self.reasoning.heading == THINKING:
            self.reasoning.show_heading(thought_in_words(seconds))

    def add_note(self, sentence: str) -> None:
        """Tell something about how the answer came about."""
        label = _remark("tiny", self)
        label.setText(sentence)
        self._notes.addWidget(label)

    def write_on(self) -> None:
        """Turn back into an answer that is being written, at the end of what there is."""
        self._clear()
        self._fault.hide()
        self.foot.hide()
        self._unwritten = [self._text]
        self._write()

    def show_message(self, message: Message) -> None:
        """Show the answer as it ended (or as far as another window has written it)."""
        self._clear()
        self._text = message.text
        if reasoning := message.reasoning.strip():
            seconds = message.statistics.reasoning_seconds if message.statistics else None
            self._folded("").show_heading(thought_in_words(seconds or None))
            self._folded("").show_text(reasoning)
        for segment in _segments(message):
            if isinstance(segment, Code):
                self._body.addWidget(CodeBlockView(segment, self))
            else:
                self._body.addWidget(self._view(MessageTextView(markdown_document(segment.text, self._tokens), self)))
        self._fault.setText(fault_note(message))
        self._fault.setVisible(bool(self._fault.text()))
        self.foot.show_message(message)

    def _folded(self, heading: str) -> FoldedText:
        if self.reasoning is None:
            self.reasoning = FoldedText(heading, self._tokens, self)
            self._above.addWidget(self.reasoning)
        return self.reasoning

    def _clear(self) -> None:
        self._writing.stop()
        self._unwritten.clear()
        self._stream = None
        while (item := self._body.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _view(self, view: MessageTextView) -> MessageTextView:
        view.link_activated.connect(self.link_activated)
        return view

    def _write(self) -> None:
        if self._stream is None:
            self._stream = StreamingTextView(self._tokens.accent, self)
            self._body.addWidget(self._stream)
        self._stream.append_text("".join(self._unwritten))
        self._unwritten.clear()


def _segments(message: Message) -> list[Segment]:
    """The answer's parts; of an answer in a fixed form, which is no Markdown, every character is shown."""
    kind = message.provenance.output.kind if message.provenance is not None else OutputKind.TEXT
    if kind is OutputKind.TEXT or not message.text:
        return segments_of(message.text)
    if kind is OutputKind.GRAMMAR:
        return [Code("", message.text)]
    return [Code("json", json_in_lines(message.text))]


def _remark(kind: str, parent: QWidget) -> QLabel:
    label = QLabel("", parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("kind", kind)
    label.setWordWrap(True)
    return label
