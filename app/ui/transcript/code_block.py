"""A block of code: its language, a button that copies it, and lines that scroll sideways rather than wrap."""

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QTextBlockFormat, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QTextEdit, QVBoxLayout, QWidget

from app.ui.fonts import CODE_LINE_PIXELS, code_font
from app.ui.transcript.copy_button import CopyButton
from app.ui.transcript.segments import Code

_PADDING = (13, 9, 13, 9)


class CodeTextView(QTextEdit):
    """Read-only code as high as its lines; a turn of the wheel that is not sideways belongs to the transcript."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("CodeText")
        self.setAccessibleName("Code")
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.viewport().setAutoFillBackground(False)
        font = code_font()
        self.document().setDefaultFont(font)
        self.document().setDocumentMargin(0)
        self.setTabStopDistance(4 * QFontMetricsF(font).horizontalAdvance(" "))
        self.setPlainText(text)
        line = QTextBlockFormat()
        line.setLineHeight(CODE_LINE_PIXELS, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(line)
        # Room for the sideways bar is always kept: a block that grows when it is resized would make the page jump.
        self.setFixedHeight(math.ceil(self.document().size().height()) + 10)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()


class CodeBlockView(QFrame):
    """A rounded box with a head line above the code."""

    def __init__(self, code: Code, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("CodeBlock")
        head = QWidget(self)
        head.setObjectName("CodeHead")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        language = QLabel(code.language or "text", head)
        language.setTextFormat(Qt.TextFormat.PlainText)
        language.setProperty("kind", "tiny")
        head_row = QHBoxLayout(head)
        head_row.setContentsMargins(13, 3, 7, 3)
        head_row.addWidget(language)
        head_row.addStretch()
        head_row.addWidget(CopyButton("Copy this code", lambda: code.text, head))
        text = QWidget(self)
        text_column = QVBoxLayout(text)
        text_column.setContentsMargins(*_PADDING)
        text_column.addWidget(CodeTextView(code.text, text))
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(text)
