"""Temporary."""

from PySide6.QtGui import QAbstractTextDocumentLayout, QColor, QPalette, QTextDocument

from app.ui.fonts import code_font, text_font
from app.ui.transcript.blocks.painted import Look, PaintedBlock
from app.ui.transcript.markdown.content import Block, Code, reading_text


class Plain(PaintedBlock):
    doc = None

    def lay_out(self, width):
        self.width = width
        self.doc = QTextDocument()
        self.doc.setDocumentMargin(0)
        self.doc.setDefaultFont(code_font() if isinstance(self.block, Code) else text_font())
        self.doc.setPlainText(reading_text(self.block))
        self.doc.setTextWidth(width)
        self.height = max(22, self.doc.size().height())

    def update_block(self, block):
        if type(block) is not type(self.block):
            return False
        self.block = block
        return True

    def paint(self, painter, visible, highlights=()):
        if self.doc is None:
            self.lay_out(self.width)
        c = QAbstractTextDocumentLayout.PaintContext()
        c.palette.setColor(QPalette.ColorRole.Text, QColor(self.look.tokens.text))
        self.doc.documentLayout().draw(painter, c)

    def release(self):
        self.doc = None


def painted_block(block: Block, look: Look) -> PaintedBlock:
    return Plain(block, look)
