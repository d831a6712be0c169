"""Temporary."""

from app.ui.transcript.markdown.content import Block, Paragraph, Span


class StreamParser:
    def __init__(self):
        self.text = ""
        self.blocks: list[Block] = []

    def feed(self, text):
        self.text += text
        new = [Paragraph((Span(p),)) for p in self.text.split("\n\n")]
        n = max(0, len(self.blocks) - 1)
        self.blocks[n:] = new[n:]
        return n

    def finish(self):
        return len(self.blocks)
