"""The offline switch, and the log of what was allowed through the gate and what it refused."""

import csv
import io
import json
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.core.errors import StorageError
from app.core.network import Connection, NetworkMode, Purpose, Rule
from app.network.gate import Gate
from app.storage.connections import ConnectionStore
from app.storage.settings import SettingsStore

_log = logging.getLogger(__name__)

_NOTHING = Connection("", 0.0, "", Purpose.UNKNOWN, "", Rule.UNASKED)  # for the names of its values


class NetworkService:
    """Joins the gate with what is kept. Every method that keeps or reads may raise StorageError, where it says so."""

    def __init__(self, gate: Gate, store: ConnectionStore, settings: SettingsStore) -> None:
        self._gate = gate
        self._store = store
        self._settings = settings
        self._refused_presses: deque[Connection] = deque(maxlen=1)
        self._use_stored_mode()

    @property
    def mode(self) -> NetworkMode:
        """What the user chose, or what their first press made of it."""
        return self._gate.mode

    @property
    def is_held(self) -> bool:
        """Whether this run stays offline, whatever is chosen."""
        return self._gate.is_held

    @property
    def is_online(self) -> bool:
        """Whether what goes on by itself, such as a download of an earlier day, may use the network now."""
        return self._gate.mode is NetworkMode.ONLINE and not self._gate.is_cut

    @property
    def has_news(self) -> bool:
        """Whether keep() would find anything."""
        return self._gate.has_news

    def choose(self, mode: NetworkMode) -> None:
        """Go online or offline, in this run; going offline breaks off what is under way."""
        self._gate.set_mode(mode)

    def keep_mode(self) -> None:
        """Keep what was chosen, or what a press has made of it, for the next start. Raises StorageError."""
        stored = self._settings.load()
        if stored.network is not self.mode:
            self._settings.save(replace(stored, network=self.mode))

    def keep(self) -> tuple[Connection, ...]:
        """Move what the gate noted since the last call into the log; what is new in it. Raises StorageError."""
        found = tuple(self._gate.take())
        self._refused_presses.extend(one for one in found if one.rule is Rule.OFFLINE and one.press)
        for one in found:
            if one.rule not in (Rule.PRESSED, Rule.OFFLINE):
                _log.warning("a connection was refused (%s): %s, %s", one.rule, one.host, one.detail)
        if found:
            self._store.keep(found)
        return found

    def take_refused_press(self) -> Connection | None:
        """The last press that offline refused since the last call, as far as keep() has seen it."""
        return self._refused_presses.pop() if self._refused_presses else None

    def newest(self) -> list[Connection]:
        """The log, the newest first, with what is under way. Raises StorageError."""
        self.keep()
        return self._store.newest()

    def clear(self) -> None:
        """Forget the log. Raises StorageError."""
        self.keep()
        self._store.clear()

    def close(self) -> None:
        """Keep what is not kept yet; what cannot be is told in the log."""
        try:
            self.keep()
            self.keep_mode()
        except StorageError as error:
            _log.warning("the connection log is not complete: %s (%s)", error.sentence, error.detail)

    def _use_stored_mode(self) -> None:
        try:
            self._gate.set_mode(self._settings.load().network)
        except StorageError as error:
            # What the user chose is not known, and they may have chosen this.
            self._gate.set_mode(NetworkMode.OFFLINE)
            _log.warning("offline, because the settings cannot be read: %s (%s)", error.sentence, error.detail)


def values(one: Connection) -> dict[str, Any]:
    """What is exported of one entry: the time in UTC, sizes in bytes."""
    return {
        "time": datetime.fromtimestamp(one.at, UTC).isoformat(timespec="milliseconds"),
        "allowed": one.allowed,
        "host": one.host,
        "purpose": one.purpose.value,
        "press": one.press,
        "received_bytes": one.received_bytes,
        "sent_bytes": one.sent_bytes,
        "rule": one.rule.value,
        "detail": one.detail,
    }


def as_json(connections: Sequence[Connection]) -> str:
    """The entries as a JSON array."""
    return json.dumps([values(one) for one in connections], indent=2, ensure_ascii=False) + "\n"


def as_csv(connections: Sequence[Connection]) -> str:
    """The entries as comma-separated values with a head, as RFC 4180 has them.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    written = io.StringIO()
    rows = csv.DictWriter(written, list(values(_NOTHING)))
    rows.writeheader()
    for one in connections:
        rows.writerow({name: _harmless(value) for name, value in values(one).items()})
    return written.getvalue()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
