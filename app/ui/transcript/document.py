"""Turns untrusted Markdown into a styled document: no raw HTML, nothing loaded from anywhere."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextOption,
    QTextTable,
)

from app.ui.fonts import CODE_FAMILY, CODE_PIXELS, LINE_PIXELS, TEXT_PIXELS, text_font
from app.ui.tokens import Tokens

_FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_HEADING_PIXELS = {1: 20, 2: 17, 3: 15}
_PARAGRAPH_GAP = 9
_ITEM_GAP = 3
_QUOTE_MARGIN = 14
_FIXED = QTextBlockFormat.LineHeightTypes.FixedHeight.value
_MONOSPACE = [CODE_FAMILY, "monospace"]


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


def markdown_document(markdown: str, tokens: Tokens) -> SealedDocument:
    """Markdown in the reading font and in the theme's colours; images are replaced by their words and address."""
    document = _empty_document()
    document.setMarkdown(markdown, _FEATURES)
    _replace_images(document, tokens)
    block = document.begin()
    while block.isValid():
        _style_block(block, tokens)
        block = block.next()
    _style_tables(document, tokens)
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


def _line_format(pixels: int = LINE_PIXELS) -> QTextBlockFormat:
    line = QTextBlockFormat()
    line.setLineHeight(pixels, _FIXED)
    return line


def _fragments(block: QTextBlock) -> list[tuple[int, int, QTextCharFormat]]:
    """Start, length and format of each run of letters; a list, since styling while walking would upset the walk."""
    runs = []
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        runs.append((fragment.position(), fragment.length(), fragment.charFormat()))
        iterator += 1
    return runs


def _selected(document: QTextDocument, start: int, length: int) -> QTextCursor:
    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _replace_images(document: QTextDocument, tokens: Tokens) -> None:
    images = []
    block = document.begin()
    while block.isValid():
        images += [run for run in _fragments(block) if run[2].isImageFormat()]
        block = block.next()
    for start, length, char_format in reversed(images):
        image = char_format.toImageFormat()
        words = str(image.property(QTextFormat.Property.ImageAltText.value) or "")
        quiet = QTextCharFormat()
        quiet.setForeground(QColor(tokens.text_2))
        text = f"[image: {words}, {image.name()}]" if words else f"[image: {image.name()}]"
        _selected(document, start, length).insertText(text, quiet)


def _style_block(block: QTextBlock, tokens: Tokens) -> None:
    document = block.document()
    block_format = block.blockFormat()
    level = block_format.headingLevel()
    is_code = block_format.hasProperty(QTextFormat.Property.BlockCodeFence.value) or block_format.hasProperty(
        QTextFormat.Property.BlockCodeLanguage.value
    )
    is_quote = block_format.hasProperty(QTextFormat.Property.BlockQuoteLevel.value)
    pixels = _HEADING_PIXELS.get(level, TEXT_PIXELS)
    line = _line_format(pixels + 8)
    following = block.next()
    in_table = QTextCursor(block).currentTable() is not None
    item_goes_on = block.textList() is not None and following.isValid() and following.textList() is not None
    gap = _ITEM_GAP if item_goes_on else _PARAGRAPH_GAP
    line.setTopMargin(6 if level and block.blockNumber() else 0)
    line.setBottomMargin(0 if in_table or is_code or not following.isValid() else gap)
    if is_quote:
        line.setLeftMargin(_QUOTE_MARGIN * block_format.intProperty(QTextFormat.Property.BlockQuoteLevel.value))
    if is_code:
        line.setBackground(QColor(tokens.code))
    QTextCursor(block).mergeBlockFormat(line)
    for start, length, char_format in _fragments(block):
        cursor = _selected(document, start, length)
        cursor.setCharFormat(_char_style(char_format, pixels, level > 0, is_code, is_quote, tokens))


def _char_style(
    given: QTextCharFormat, pixels: int, is_heading: bool, is_code: bool, is_quote: bool, tokens: Tokens
) -> QTextCharFormat:
    style = QTextCharFormat(given)
    fixed = is_code or given.fontFixedPitch()
    style.clearProperty(QTextFormat.Property.FontSizeAdjustment.value)  # it would be stronger than a size in pixels
    style.setProperty(QTextFormat.Property.FontPixelSize.value, CODE_PIXELS if fixed else pixels)
    if is_heading or given.fontWeight() > QFont.Weight.DemiBold:
        style.setFontWeight(QFont.Weight.DemiBold)
    if fixed:
        style.setFontFamilies(_MONOSPACE)
        style.setBackground(QColor(tokens.code))
    if given.isAnchor():
        style.setForeground(QColor(tokens.accent))
    elif is_quote:
        style.setForeground(QColor(tokens.text_2))
    return style


def _style_tables(document: QTextDocument, tokens: Tokens) -> None:
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            style = frame.format()
            style.setBorder(0)
            style.setBorderCollapse(True)
            style.setCellPadding(0)
            style.setCellSpacing(0)
            style.setTopMargin(_PARAGRAPH_GAP)
            style.setBottomMargin(_PARAGRAPH_GAP)
            frame.setFormat(style)
            _draw_hairlines(frame, tokens)


def _draw_hairlines(table: QTextTable, tokens: Tokens) -> None:
    for row in range(table.rows()):
        for column in range(table.columns()):
            cell = table.cellAt(row, column)
            style = cell.format().toTableCellFormat()
            style.setPadding(5)
            style.setLeftPadding(0 if column == 0 else 12)
            style.setBottomBorder(1)
            style.setBottomBorderBrush(QColor(tokens.line))
            style.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            cell.setFormat(style)
