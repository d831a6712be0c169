"""Chooses the painter of a block."""

from app.ui.transcript.blocks.code_block import CodeBlock
from app.ui.transcript.blocks.image_block import ImageBlock
from app.ui.transcript.blocks.math_block import DisplayedMath
from app.ui.transcript.blocks.painted import Look, PaintedBlock
from app.ui.transcript.blocks.rule_block import RuleBlock
from app.ui.transcript.blocks.table_block import TableBlock
from app.ui.transcript.blocks.text_block import TextBlock
from app.ui.transcript.markdown.content import Block, Code, Heading, Image, MathBlock, Paragraph, Rule, Table


def painted_block(block: Block, look: Look) -> PaintedBlock:
    """A painter that shows `block`, not yet laid out."""
    match block:
        case Paragraph() | Heading():
            return TextBlock(block, look)
        case Code():
            return CodeBlock(block, look)
        case Table():
            return TableBlock(block, look)
        case MathBlock():
            return DisplayedMath(block, look)
        case Image():
            return ImageBlock(block, look)
        case Rule():
            return RuleBlock(block, look)
