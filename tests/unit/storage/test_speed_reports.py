"""Speed reports are kept and listed with the newest first."""

from datetime import timedelta

from app.storage.database import Database
from app.storage.speed_reports import SpeedReportStore, StoredSpeedReport
from tests.unit.storage.conftest import NOW


def test_reports_are_listed_newest_first_with_their_time(machine: Database) -> None:
    times = iter([NOW, NOW + timedelta(seconds=90)])
    reports = SpeedReportStore(machine, lambda: next(times))
    first = reports.add("SmolLM2 135M", "ab" * 32, '{"results": []}')
    second = reports.add("Größe 🪵", "", "{}")
    assert reports.list() == [
        StoredSpeedReport(second, NOW + timedelta(seconds=90), "Größe 🪵", "", "{}"),
        StoredSpeedReport(first, NOW, "SmolLM2 135M", "ab" * 32, '{"results": []}'),
    ]
    assert [report.id for report in reports.list(limit=1)] == [second]


def test_there_are_none_at_first(machine: Database) -> None:
    assert SpeedReportStore(machine).list() == []
