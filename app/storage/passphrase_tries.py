"""Counts wrong passphrases and says how long the next try has to wait, over restarts too."""

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

from app.core.errors import StorageError
from app.storage.failures import file_failures
from app.storage.lock_file import write_whole

_log = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS = 300.0


class PassphraseTries:
    """The counter in the file at `path`; `now` is in seconds since 1970.

    It slows down whoever tries by hand or through this application. Whoever copies the files away is slowed down by
    the cost of Argon2id alone.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now

    def wait_seconds(self) -> float:
        """How long until the next try is allowed: 0 at first, then 1, 2, 4 … LONGEST_WAIT_SECONDS after the last."""
        wrong, last = self._read()
        wait = 0.0 if wrong < 1 else min(2.0 ** min(wrong - 1, 30), LONGEST_WAIT_SECONDS)
        return min(max(last + wait - self._now(), 0.0), wait)  # a clock that was set back must not lock anybody out

    def begin(self) -> None:
        """Count a try before it is made, so that ending the process does not undo it. A full disk hinders nobody."""
        self._write(self._read()[0] + 1)

    def was_wrong(self) -> float:
        """The try that was counted was wrong: the wait begins now; its seconds."""
        self._write(self._read()[0])
        return self.wait_seconds()

    def forget(self) -> None:
        """The passphrase was right."""
        try:
            with file_failures(self._path):
                self._path.unlink(missing_ok=True)
        except StorageError as error:
            _log.warning("the count of wrong passphrases stays: %s", error.detail)

    def _write(self, wrong: int) -> None:
        try:
            write_whole(self._path, json.dumps({"wrong": wrong, "last": self._now()}))
        except StorageError as error:
            _log.warning("a try of the passphrase is not counted: %s", error.detail)

    def _read(self) -> tuple[int, float]:
        try:
            raw = json.loads(self._path.read_text(encoding="ascii"))
            return max(int(raw["wrong"]), 0), float(raw["last"])
        except FileNotFoundError:
            return 0, 0.0
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            _log.warning("the count of wrong passphrases cannot be read: %s", error)
            return 1, self._now()
