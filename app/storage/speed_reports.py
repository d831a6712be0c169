"""Keeps the speed reports made on this computer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.storage.conversation_rows import microseconds_of, storable
from app.storage.database import Database

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredSpeedReport:
    """A report as it was kept: `report` is JSON, `sha256` the model file's, empty when it was not known."""

    id: int
    created_at: datetime
    model_name: str
    sha256: str
    report: str


_Reports = list[StoredSpeedReport]  # named out here, because inside the store `list` is its method


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SpeedReportStore:
    """Speed reports in machine.db; `now` gives the time in UTC."""

    def __init__(self, database: Database, now: Callable[[], datetime] = _utc_now) -> None:
        self._database = database
        self._now = now

    def add(self, model_name: str, sha256: str, report: str) -> int:
        """Keep a report (JSON); its id. Raises StorageError."""
        row = (microseconds_of(self._now()), storable(model_name), sha256, storable(report))
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO speed_reports (created_at, model_name, model_sha256, report) VALUES (?, ?, ?, ?)", row
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid

    def list(self, limit: int = 50) -> _Reports:
        """The newest `limit` reports, the newest first. Raises StorageError."""
        rows = self._database.read("SELECT * FROM speed_reports ORDER BY id DESC LIMIT ?", (limit,))
        return [
            StoredSpeedReport(
                id=row["id"],
                created_at=_EPOCH + timedelta(microseconds=row["created_at"]),
                model_name=row["model_name"],
                sha256=row["model_sha256"],
                report=row["report"],
            )
            for row in rows
        ]
