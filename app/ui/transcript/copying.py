"""Puts a whole message on the clipboard."""

from PySide6.QtGui import QGuiApplication

from app.ui.transcript.clipboard import PlainParts, new_mime_data, selected_html, selected_text
from app.ui.transcript.copy_text import copy_text
from app.ui.transcript.details import details_json
from app.ui.transcript.markdown.export import Part, whole
from app.ui.transcript.message_actions import CopyForm
from app.ui.transcript.reply_turn import ReplyTurn
from app.ui.transcript.user_turn import UserTurn


def copy_turn(turn: UserTurn | ReplyTurn, form: CopyForm) -> None:
    """Copy a turn as its writer wrote it, as it is read, as a document, or how it came about."""
    match form:
        case CopyForm.MARKDOWN:
            copy_text(turn.text)
        case CopyForm.PLAIN_TEXT:
            copy_text(selected_text([_parts_of(turn)]))
        case CopyForm.HTML:
            markup = selected_html([_parts_of(turn)])
            data = new_mime_data()
            data.setHtml(markup)
            data.setText(markup)
            QGuiApplication.clipboard().setMimeData(data)
        case CopyForm.DETAILS:
            if turn.message is not None:
                copy_text(details_json(turn.message))


def _parts_of(turn: UserTurn | ReplyTurn) -> tuple[Part, ...]:
    turn.fill()
    parts = whole(turn.columns[-1].blocks)
    return PlainParts(parts) if turn.is_plain else parts
