"""Writes what was written and not sent to the disk: within a second, on a lane of its own, and at the end of all."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.cancel import CancelToken
from app.core.conversation import Draft, is_temporary
from app.core.errors import InglenookError, StorageError
from app.storage.drafts import DraftStore
from app.ui.tasks import Emit, Lane, Tasks

_log = logging.getLogger(__name__)

SAVE_MILLISECONDS = 700  # from the first key that is not on the disk until it is
_AGAIN_MILLISECONDS = 20_000  # after a failure: a full disk is not emptied while one types


class DraftSaving(QObject):
    """`draft_of` tells what there is now of a conversation, None being the new chat; it is asked when it is saved.

    `failed` is told once, until something could be saved again. Temporary chats are never saved.
    """

    failed = Signal(StorageError)

    def __init__(
        self, store: DraftStore, tasks: Tasks, draft_of: Callable[[int | None], Draft], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._tasks = tasks
        self._draft_of = draft_of
        self._stored: dict[int | None, Draft] = {}  # as far as is known: of those that were read
        self._changed: set[int | None] = set()
        self._under_way: dict[int | None, Draft] = {}
        self._has_failed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.save)

    def read(self, conversation_id: int | None) -> Draft | None:
        """What was stored before this window saved anything; None when it was read already. Raises StorageError.

        What could not be read is not written over either.
        """
        if conversation_id in self._stored or _is_unsaved(conversation_id):
            return None
        draft = self._stored[conversation_id] = self._store.get(conversation_id)
        return draft

    def note_change(self, conversation_id: int | None) -> None:
        """Something may have changed: it is saved soon, together with what changes until then."""
        if conversation_id in self._stored:
            self._changed.add(conversation_id)
            if not self._timer.isActive():
                self._timer.start(_AGAIN_MILLISECONDS if self._has_failed else SAVE_MILLISECONDS)

    def save(self) -> None:
        """Save what has changed now, beside the window."""
        if self._under_way:
            return  # what has changed since is saved when that is done
        self._timer.stop()
        saved = self._under_way = self._take_changes()
        if not saved:
            return
        store = self._store

        def work(emit: Emit[int | None], _cancel: CancelToken) -> None:
            for id_, draft in saved.items():
                store.save(id_, draft)
                emit(id_)

        self._tasks.run(Lane.DRAFTS, work, self._on_saved, lambda _: self._go_on(), self._on_failed)

    def forget(self, conversation_id: int) -> None:
        """The conversation was deleted, and with it what was stored."""
        self._stored[conversation_id] = Draft()
        self._changed.discard(conversation_id)

    def finish(self) -> None:
        """Save what is not saved yet and return when it is, once the lanes have ended."""
        self._timer.stop()
        self._changed |= self._under_way.keys()
        try:
            for id_, draft in self._take_changes().items():
                self._store.save(id_, draft)
        except StorageError as error:
            _log.error("a draft is lost: %s (%s)", error.sentence, error.detail)

    def _take_changes(self) -> dict[int | None, Draft]:
        changes = {id_: self._draft_of(id_) for id_ in self._changed}
        self._changed.clear()
        return {id_: draft for id_, draft in changes.items() if draft != self._stored.get(id_)}

    def _on_saved(self, conversation_id: int | None) -> None:
        draft = self._under_way.pop(conversation_id)
        self._has_failed = False
        self._stored[conversation_id] = draft

    def _go_on(self) -> None:
        self._under_way.clear()
        for id_ in list(self._changed):
            self.note_change(id_)

    def _on_failed(self, error: InglenookError) -> None:
        self._changed |= self._under_way.keys()
        had_failed, self._has_failed = self._has_failed, True
        self._go_on()
        if isinstance(error, StorageError) and not had_failed:
            self.failed.emit(error)


def _is_unsaved(conversation_id: int | None) -> bool:
    return conversation_id is not None and is_temporary(conversation_id)
