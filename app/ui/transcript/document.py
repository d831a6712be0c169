"""Text documents that load nothing from anywhere."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

from app.ui.fonts import LINE_PIXELS, text_font

_FIXED = QTextBlockFormat.LineHeightTypes.FixedHeight.value


class SealedDocument(QTextDocument):
    """A document that refuses every resource it is asked to load."""

    def loadResource(self, _type: int, _name: QUrl | str) -> object:
        return None


def plain_document(text: str) -> SealedDocument:
    """`text` as it stands, in the reading font."""
    document = _empty_document()
    document.setPlainText(text)
    cursor = QTextCursor(document)
    cursor.select(QTextCursor.SelectionType.Document)
    cursor.mergeBlockFormat(_line_format())
    return document


def _empty_document() -> SealedDocument:
    document = SealedDocument()
    document.setDefaultFont(text_font())
    document.setDocumentMargin(0)
    document.setIndentWidth(22)
    document.setDefaultTextOption(reading_option())
    document.setUndoRedoEnabled(False)
    return document


def reading_option() -> QTextOption:
    """Lines break between words, and within one that is longer than the line."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option


def _line_format() -> QTextBlockFormat:
    line = QTextBlockFormat()
    line.setLineHeight(LINE_PIXELS, _FIXED)
    return line
