"""What a ranking is made for, as two buttons: the context with its KV cache, and the least speed."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.core.model import KvCacheType
from app.core.plan_wording import context_words
from app.services.plans import PlanRequest
from app.ui.library.choice_button import ChoiceButton

_CONTEXTS = (None, 4096, 8192, 16384, 32768, 65536, 131072)
_CACHES = (None, KvCacheType.F16, KvCacheType.Q8_0, KvCacheType.Q4_0)
_CACHE_WORDS = ("KV cache as advised", "KV cache f16, exact", "KV cache q8_0, 8-bit", "KV cache q4_0, 4-bit")
_FLOORS = (5, 10, 20, 30)
_SHORT_CACHE = {KvCacheType.F16: " · f16", KvCacheType.Q8_0: " · q8_0", KvCacheType.Q4_0: " · q4_0"}


class PlanChoices(QWidget):
    """`requested` carries what is to be planned for; a new least speed is told apart, because it is a setting."""

    requested = Signal(PlanRequest)
    speed_floor_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._request = PlanRequest()
        self.context_button = ChoiceButton("Context length to plan for", self)
        self.context_button.setToolTip("For which context length, and with which KV cache, the models are planned")
        self.floor_button = ChoiceButton("Least speed of the advised precision", self)
        self.floor_button.setToolTip("The best precision that is expected to write at least this fast is advised")
        context_entries = [_context_entry(tokens) for tokens in _CONTEXTS]
        self._contexts = self.context_button.add_choices(context_entries, self._on_context_chosen)
        self.context_button.choices.addSeparator()
        self._caches = self.context_button.add_choices(_CACHE_WORDS, self._on_cache_chosen)
        floor_entries = [f"at least {floor} tokens/s" for floor in _FLOORS]
        self._floors = self.floor_button.add_choices(floor_entries, self._on_floor_chosen)
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(6)
        self._box.addWidget(self.context_button)
        self._box.addWidget(self.floor_button)
        self.show_request(self._request)

    def set_narrow(self, narrow: bool) -> None:
        """Put the buttons beside one another instead of one below the other."""
        self._box.setDirection(QBoxLayout.Direction.LeftToRight if narrow else QBoxLayout.Direction.TopToBottom)

    def show_request(self, request: PlanRequest) -> None:
        """Show what is planned for."""
        self._request = request
        cache = _SHORT_CACHE[request.kv_cache_type] if request.kv_cache_type else ""
        self.context_button.show_chosen(f"{_context_entry(request.context_length)}{cache}")
        floor = request.speed_floor
        self.floor_button.show_chosen(f"at least {floor} tok/s" if floor else "any speed")
        _check(self._contexts, _CONTEXTS.index(request.context_length) if request.context_length in _CONTEXTS else None)
        _check(self._caches, _CACHES.index(request.kv_cache_type))
        _check(self._floors, _FLOORS.index(floor) if floor in _FLOORS else None)

    def _on_context_chosen(self, number: int) -> None:
        self.requested.emit(replace(self._request, context_length=_CONTEXTS[number]))

    def _on_cache_chosen(self, number: int) -> None:
        self.requested.emit(replace(self._request, kv_cache_type=_CACHES[number]))

    def _on_floor_chosen(self, number: int) -> None:
        self.speed_floor_chosen.emit(_FLOORS[number])


def _context_entry(tokens: int | None) -> str:
    return "Longest context" if tokens is None else f"{context_words(tokens)} context"


def _check(actions: list[QAction], chosen: int | None) -> None:
    """Check the one that is in force; None is a value that has no entry."""
    for number, action in enumerate(actions):
        group = action.actionGroup()
        if chosen is None and group is not None:
            group.setExclusive(False)
            action.setChecked(False)
            group.setExclusive(True)
        else:
            action.setChecked(number == chosen)
