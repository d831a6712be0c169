"""The model's turn: plain text on the page while it is written, Markdown when it has ended, its figures below."""

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.conversation import Message, MessageState
from app.ui.tokens import Tokens
from app.ui.transcript.code_block import CodeBlockView
from app.ui.transcript.copy_button import CopyButton
from app.ui.transcript.document import markdown_document
from app.ui.transcript.figures import ending_in_words, figures_explained, figures_line
from app.ui.transcript.segments import Code, segments_of
from app.ui.transcript.streaming_view import StreamingTextView
from app.ui.transcript.text_view import MessageTextView


class ReplyRow(QWidget):
    """One answer; begins empty and is either written on or shown as a whole."""

    link_activated = Signal(QUrl)

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Answer")
        self.setAttribute(Qt.WidgetAttribute.WA_StaticContents)
        self._tokens = tokens
        self._text = ""
        self._unwritten: list[str] = []
        self._stream: StreamingTextView | None = None
        self._body = QVBoxLayout()
        self._body.setSpacing(9)
        self._label = _plain_label("label")
        self._figures = _plain_label("figures")
        self._copy = CopyButton("Copy this answer", lambda: self._text, self)
        self._foot = QWidget(self)
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(13)
        foot.addWidget(self._figures)
        foot.addWidget(self._label)
        foot.addStretch()
        foot.addWidget(self._copy)
        self._foot.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addLayout(self._body)
        column.addWidget(self._foot)
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
        return self._figures.text()

    @property
    def label(self) -> str:
        """The word about how the answer ended; empty when it came to its own end."""
        return self._label.text()

    def append_text(self, text: str) -> None:
        """Write on."""
        self._text += text
        self._unwritten.append(text)
        if not self._writing.isActive():
            self._writing.start()

    def show_message(self, message: Message) -> None:
        """Show the answer as it ended (or as far as another window has written it)."""
        self._writing.stop()
        self._unwritten.clear()
        self._stream = None
        while (item := self._body.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._text = message.text
        for segment in segments_of(message.text):
            if isinstance(segment, Code):
                self._body.addWidget(CodeBlockView(segment, self))
            else:
                self._body.addWidget(self._view(MessageTextView(markdown_document(segment.text, self._tokens), self)))
        self._show_foot(message)

    def _show_foot(self, message: Message) -> None:
        line, label = figures_line(message), ending_in_words(message)
        self._figures.setText(line)
        self._figures.setToolTip(figures_explained(message))
        self._figures.setVisible(bool(line))
        self._label.setProperty("kind", "tiny" if message.state is MessageState.COMPLETE else "label")
        self._label.style().polish(self._label)
        self._label.setText(label)
        self._label.setVisible(bool(label))
        self._copy.setVisible(bool(message.text))
        self._foot.setVisible(bool(line or label or message.text))

    def _view(self, view: MessageTextView) -> MessageTextView:
        view.link_activated.connect(self.link_activated)
        return view

    def _write(self) -> None:
        if self._stream is None:
            self._stream = StreamingTextView(self._tokens.accent, self)
            self._body.addWidget(self._stream)
        self._stream.append_text("".join(self._unwritten))
        self._unwritten.clear()


def _plain_label(kind: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("kind", kind)
    return label
