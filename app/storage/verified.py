"""Remembers the checksums of large files, so that an unchanged model is not read from end to end at every start."""

from pathlib import Path

from app.storage.database import Database
from app.storage.failures import file_failures


class VerifiedFiles:
    """The SHA-256 of each file, kept with the size and the time of change that it had then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sha256(self, path: Path) -> str | None:
        """The remembered checksum in hex; None when the file is unknown, changed or gone. Raises StorageError."""
        try:
            status = path.stat()
        except OSError:
            return None  # whoever opens the file next learns why
        rows = self._database.read(
            "SELECT sha256 FROM verified_files WHERE path = ? AND size = ? AND mtime_ns = ?",
            (self._database.places.key(path), status.st_size, status.st_mtime_ns),
        )
        return str(rows[0]["sha256"]) if rows else None

    def remember(self, path: Path, sha256: str) -> None:
        """Keep the checksum of the file as it is now, in place of an older one. Raises StorageError."""
        with file_failures(path):
            status = path.stat()
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO verified_files (path, size, mtime_ns, sha256) VALUES (?, ?, ?, ?)",
                (self._database.places.key(path), status.st_size, status.st_mtime_ns, sha256),
            )
