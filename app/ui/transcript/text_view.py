"""Read-only, selectable text that is as high as its document."""

import math

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from app.ui.transcript.document import reading_option


class MessageTextView(QTextBrowser):
    """One document without a frame or scroll bars of its own; nothing in it is loaded or opened."""

    def __init__(self, document: QTextDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("MessageText")
        self.setAccessibleName("Message")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWordWrapMode(reading_option().wrapMode())
        self.viewport().setAutoFillBackground(False)
        document.setParent(self)
        self.setDocument(document)
        document.documentLayout().documentSizeChanged.connect(self._on_document_size_changed)
        self._on_document_size_changed()

    def _on_document_size_changed(self) -> None:
        height = max(1, math.ceil(self.document().size().height()))
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def loadResource(self, _type: int, _name: QUrl | str) -> object:
        return None

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the transcript scrolls, not the message in it
