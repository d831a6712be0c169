"""The shape of machine.db, which keeps what was learnt about model files and this computer; it can be learnt again."""

import sqlite3
from datetime import datetime
from pathlib import Path

from app.storage.database import OpenedDatabase, open_database
from app.storage.migrations import Migration


def open_machine(path: Path, now: datetime) -> OpenedDatabase:
    """Open or make machine.db at `path`; see open_database."""
    return open_database(path, now, MACHINE_MIGRATIONS)


def m001_model_files(connection: sqlite3.Connection) -> None:
    """What is known of model files by path; checksums and trials hold while size and time of change stay the same.

    Times of change are ns since 1970; `result`, `load` and `sampling` are JSON.
    """
    connection.execute(
        """
        CREATE TABLE verified_files (
            path BLOB PRIMARY KEY,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            sha256 TEXT NOT NULL
        )
        """
    )
    connection.execute(
        """
        CREATE TABLE model_checks (
            path BLOB PRIMARY KEY,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            engine_version TEXT NOT NULL,
            result TEXT NOT NULL
        )
        """
    )
    connection.execute("CREATE TABLE model_choices (path BLOB PRIMARY KEY, load TEXT NOT NULL, sampling TEXT NOT NULL)")


def m002_speed_reports(connection: sqlite3.Connection) -> None:
    """Speed reports as JSON; times are microseconds since 1970 in UTC."""
    connection.execute(
        """
        CREATE TABLE speed_reports (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            created_at INTEGER NOT NULL,
            model_sha256 TEXT NOT NULL,
            model_name TEXT NOT NULL,
            report TEXT NOT NULL
        )
        """
    )


def m003_processor_speeds(connection: sqlite3.Connection) -> None:
    """The fastest that was measured of each processor; see ProcessorSpeed for the units."""
    connection.execute(
        """
        CREATE TABLE processor_speeds (
            processor TEXT PRIMARY KEY,
            bandwidth INTEGER NOT NULL,
            multiply_rate INTEGER NOT NULL
        )
        """
    )


MACHINE_MIGRATIONS: tuple[Migration, ...] = (m001_model_files, m002_speed_reports, m003_processor_speeds)
