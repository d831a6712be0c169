"""Says a part of a message as plain text, as Markdown and as HTML."""

from app.ui.transcript.markdown.export_html import html
from app.ui.transcript.markdown.export_markdown import markdown
from app.ui.transcript.markdown.export_plain import plain_text
from app.ui.transcript.markdown.part import Part, cut, whole

__all__ = ["Part", "cut", "html", "markdown", "plain_text", "whole"]
