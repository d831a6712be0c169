"""The shape of machine.db: what was learnt about files and this computer, the downloads, and the connection log.

All of it but the log can be had again: a download that is asked for anew goes on with the part that lies in its folder.
"""

import os
import sqlite3
from datetime import datetime
from pathlib import Path

from app.storage.database import Database, OpenedDatabase, open_database
from app.storage.migrations import Migration

BETWEEN_PATHS = b"\0"  # in a column of several; no system has it in a path
_PATHS = (
    ("verified_files", "path"),
    ("model_checks", "path"),
    ("model_choices", "path"),
    ("library_models", "path"),
    ("library_models", "files"),
    ("download_files", "target"),
)


def open_machine(path: Path, now: datetime) -> OpenedDatabase:
    """Open or make machine.db at `path`; see open_database."""
    return open_database(path, now, MACHINE_MIGRATIONS)


def relate_paths(database: Database) -> None:
    """Write down relative what was written whole before the profile became portable. Raises StorageError."""
    places = database.places
    with database.transaction() as connection:
        for table, column in _PATHS:
            for row in connection.execute(f"SELECT rowid, {column} AS stored FROM {table}").fetchall():
                related = BETWEEN_PATHS.join(
                    places.key(places.path(stored)) if _is_whole(stored) else stored
                    for stored in row["stored"].split(BETWEEN_PATHS)
                )
                if related != row["stored"]:
                    sql = f"UPDATE OR REPLACE {table} SET {column} = ? WHERE rowid = ?"
                    connection.execute(sql, (related, row["rowid"]))


def _is_whole(stored: bytes) -> bool:
    return Path(os.fsdecode(stored)).is_absolute()


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


def m003_this_computer(connection: sqlite3.Connection) -> None:
    """What this computer was found to be, as JSON; one row at most."""
    connection.execute("CREATE TABLE this_computer (description TEXT NOT NULL)")


def m004_downloads(connection: sqlite3.Connection) -> None:
    """The queue of downloads in the order of `place`, and the files of each; `process` is the one that fetches it.

    `is_fetched` tells a file that the download has put there from one that was there before.
    """
    connection.execute(
        """
        CREATE TABLE downloads (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            place INTEGER NOT NULL,
            name TEXT NOT NULL,
            repository TEXT NOT NULL,
            revision TEXT NOT NULL,
            quantization TEXT NOT NULL,
            license TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'paused', 'failed', 'done')),
            done_bytes INTEGER NOT NULL,
            sentence TEXT NOT NULL,
            page TEXT NOT NULL,
            process TEXT NOT NULL DEFAULT '',
            program TEXT NOT NULL DEFAULT ''
        )
        """
    )
    connection.execute(
        """
        CREATE TABLE download_files (
            download_id INTEGER NOT NULL REFERENCES downloads (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            path TEXT NOT NULL,
            target BLOB NOT NULL,
            size_bytes INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            is_fetched INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (download_id, number)
        )
        """
    )


def m005_library(connection: sqlite3.Connection) -> None:
    """The models on this computer by the file that each is opened by.

    `files` are the paths of all its files, and `known_sha256` what their checksums should be, one a line; a line is
    empty where that is not known. Size and time of change are of all files together, in front those of the first alone.
    `hidden` is 0, 1 when the user took it off the list, 2 when it is no language model. `kept` is 1 when it is listed
    whether or not one of the folders holds it. `reader` is the version of Inglenook that read the header.
    """
    connection.execute(
        """
        CREATE TABLE library_models (
            path BLOB PRIMARY KEY,
            files BLOB NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            first_size INTEGER NOT NULL,
            first_mtime_ns INTEGER NOT NULL,
            reader TEXT NOT NULL,
            origin TEXT NOT NULL,
            name TEXT NOT NULL,
            quantization TEXT NOT NULL,
            architecture TEXT NOT NULL,
            parameter_count INTEGER NOT NULL,
            context_length INTEGER NOT NULL,
            license TEXT NOT NULL,
            repository TEXT NOT NULL,
            known_sha256 TEXT NOT NULL,
            problem TEXT NOT NULL,
            last_used INTEGER,
            is_missing INTEGER NOT NULL DEFAULT 0,
            hidden INTEGER NOT NULL DEFAULT 0,
            kept INTEGER NOT NULL DEFAULT 0
        )
        """
    )


def m006_connections(connection: sqlite3.Connection) -> None:
    """The connection log; `at` is microseconds since 1970, `rule` says why it was allowed or refused."""
    connection.execute(
        """
        CREATE TABLE connections (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,
            at INTEGER NOT NULL,
            host TEXT NOT NULL,
            purpose TEXT NOT NULL,
            press TEXT NOT NULL,
            rule TEXT NOT NULL,
            received_bytes INTEGER NOT NULL,
            sent_bytes INTEGER NOT NULL,
            detail TEXT NOT NULL
        )
        """
    )


MACHINE_MIGRATIONS: tuple[Migration, ...] = (
    m001_model_files,
    m002_speed_reports,
    m003_this_computer,
    m004_downloads,
    m005_library,
    m006_connections,
)
