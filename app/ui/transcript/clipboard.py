"""What goes onto the clipboard, and along with the pointer, when text of the transcript is copied or dragged."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QByteArray, QMimeData, QStringListModel
from PySide6.QtGui import QGuiApplication

from app.ui.transcript.copy_text import sendable
from app.ui.transcript.markdown.content import Code, Heading, Paragraph, Span, reading_text
from app.ui.transcript.markdown.export import Part, html, markdown, plain_text, whole

MOST_WRITTEN_ANEW = 80_000  # characters; to write more as Markdown and HTML would take longer than one waits
_MARKDOWN = "text/markdown"

SelectedParts = Sequence[Sequence[Part]]  # of each message that is touched


class PlainParts(tuple[Part, ...]):
    """Parts of a message that is no Markdown: pieces of one text, line after line."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """What they say together."""
        return "\n".join(reading_text(part.block)[part.start : part.end] for part in self)


def selected_markdown(messages: SelectedParts) -> str:
    """What is selected as Markdown; from within one block only its text: code is copied to be run."""
    alone = _only_part(messages)
    if alone is None:
        return "\n\n".join(filter(None, map(_markdown, messages)))
    if isinstance(alone.block, Code):
        return alone.block.text[alone.start : alone.end]
    if alone.is_whole:
        return markdown((alone,))
    return _excerpt(alone)


def selected_text(messages: SelectedParts) -> str:
    """What is selected as plain text."""
    return "\n\n".join(filter(None, map(_plain_text, messages)))


def selected_html(messages: SelectedParts) -> str:
    """What is selected as HTML."""
    alone = _only_part(messages)
    if alone is not None and not alone.is_whole:
        return html((_bare(alone),))
    return "".join(map(_html, messages))


def new_mime_data() -> QMimeData:
    """Empty data that C++ has made: what Python makes, the clipboard deletes when Python is gone, and that crashes."""
    model = QStringListModel([""])
    data = model.mimeData([model.index(0)])
    data.clear()
    return data


def mime_data(messages: SelectedParts) -> QMimeData:
    """What is selected: as Markdown for editors of text, as HTML for those of documents; very much is plain text."""
    data = new_mime_data()
    if sum(part.end - part.start for message in messages for part in message) > MOST_WRITTEN_ANEW:
        data.setText(sendable(selected_text(messages)))
        return data
    text = sendable(selected_markdown(messages))
    data.setText(text)
    data.setData(_MARKDOWN, QByteArray(text.encode()))
    data.setHtml(selected_html(messages))
    return data


def copy(messages: SelectedParts) -> None:
    """Put what is selected on the clipboard; nothing selected leaves the clipboard alone."""
    if any(messages):
        QGuiApplication.clipboard().setMimeData(mime_data(messages))


def _markdown(parts: Sequence[Part]) -> str:
    return parts.text if isinstance(parts, PlainParts) else markdown(parts)


def _plain_text(parts: Sequence[Part]) -> str:
    return parts.text if isinstance(parts, PlainParts) else plain_text(parts)


def _html(parts: Sequence[Part]) -> str:
    return html(whole((Paragraph((Span(parts.text),)),))) if isinstance(parts, PlainParts) else html(parts)


def _only_part(messages: SelectedParts) -> Part | None:
    """The one part of Markdown that is selected; None for anything else."""
    parts = [part for message in messages for part in message]
    is_plain = any(isinstance(message, PlainParts) for message in messages)
    return parts[0] if len(parts) == 1 and not is_plain else None


def _excerpt(part: Part) -> str:
    """A piece of one block without what it stands in; spaces at its edges stay as they are."""
    said = reading_text(part.block)[part.start : part.end]
    first = part.start + len(said) - len(said.lstrip())
    last = max(first, part.end - len(said) + len(said.rstrip()))
    written = markdown((replace(_bare(part), start=first, end=last),)) if first < last else ""
    return said[: first - part.start] + written + said[last - part.start :]


def _bare(part: Part) -> Part:
    block = replace(part.block, containers=())
    return replace(part, block=Paragraph(block.spans) if isinstance(block, Heading) else block)
