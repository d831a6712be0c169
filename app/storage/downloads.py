"""Keeps the queue of downloads in machine.db: what is fetched, in which order, how far it is, and by which process."""

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.download import Download, DownloadFile, DownloadState
from app.storage.database import Database
from app.storage.writers import is_alive

_ORDER = "ORDER BY downloads.state = 'done', downloads.place, downloads.id"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who fetches a download: `process` as this_writer() names it, `program` in words for a sentence."""

    process: str
    program: str


class DownloadStore:
    """The queue, shared by all processes of one profile: each change says which state it starts from."""

    def __init__(self, database: Database, lives: Callable[[str], bool] = is_alive) -> None:
        self._database = database
        self._lives = lives

    def list(self) -> tuple[Download, ...]:
        """All of them in their order, the finished ones last. Raises StorageError."""
        files: dict[int, list[DownloadFile]] = {}
        for row in self._database.read("SELECT * FROM download_files ORDER BY download_id, number"):
            files.setdefault(row["download_id"], []).append(self._file(row))
        rows = self._database.read(f"SELECT * FROM downloads {_ORDER}")
        # Another process may have added or removed one between the two: it is shown at the next look.
        return tuple(_download(row, tuple(files[row["id"]])) for row in rows if row["id"] in files)

    def get(self, download_id: int) -> Download | None:
        """One of them; None when it is not on the list. Raises StorageError."""
        return next((download for download in self.list() if download.id == download_id), None)

    def add(self, download: Download) -> Download:
        """Put it at the end of the list; the same with the id that it has there. Raises StorageError."""
        with self._database.transaction() as connection:
            number = connection.execute(
                "INSERT INTO downloads "
                "(place, name, repository, revision, quantization, license, state, done_bytes, sentence, page) "
                "VALUES ((SELECT coalesce(max(place), 0) + 1 FROM downloads), ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    download.name,
                    download.repository,
                    download.revision,
                    download.quantization,
                    download.license,
                    download.state.value,
                    download.done_bytes,
                    download.sentence,
                    download.page,
                ),
            ).lastrowid
            assert number is not None  # an INSERT has one
            connection.executemany(
                "INSERT INTO download_files (download_id, number, path, target, size_bytes, sha256) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (number, place, file.path, self._database.places.key(file.target), file.size_bytes, file.sha256)
                    for place, file in enumerate(download.files)
                ],
            )
        return replace(download, id=number)

    def claim(self, download_id: int, holder: Holder) -> bool:
        """Let it run here; False when it does not wait (any more). Raises StorageError."""
        return self._changed(
            "UPDATE downloads SET state = 'running', sentence = '', page = '', process = ?, program = ? "
            "WHERE id = ? AND state = 'waiting'",
            (holder.process, holder.program, download_id),
        )

    def holder(self, download_id: int) -> Holder | None:
        """Who fetches it now; None when nobody does. Raises StorageError."""
        rows = self._database.read(
            "SELECT process, program FROM downloads WHERE id = ? AND state = 'running'", (download_id,)
        )
        return Holder(rows[0]["process"], rows[0]["program"]) if rows else None

    def keep_progress(self, download_id: int, process: str, done_bytes: int) -> bool:
        """Note how far it is; False when it no longer runs in `process`, for it was paused. Raises StorageError."""
        return self._changed(
            "UPDATE downloads SET done_bytes = ? WHERE id = ? AND state = 'running' AND process = ?",
            (done_bytes, download_id, process),
        )

    def keep_bytes(self, download_id: int, done_bytes: int) -> None:
        """Note how far one is that does not run any more. Raises StorageError."""
        self._changed(
            "UPDATE downloads SET done_bytes = ? WHERE id = ? AND state IN ('waiting', 'paused')",
            (done_bytes, download_id),
        )

    def keep_fetched(self, download_id: int, file: DownloadFile) -> None:
        """Note that the file at this target was put there by this download. Raises StorageError."""
        self._changed(
            "UPDATE download_files SET is_fetched = 1 WHERE download_id = ? AND path = ?", (download_id, file.path)
        )

    def fetched(self, download_id: int) -> tuple[Path, ...]:
        """The files that this download has put in their place. Raises StorageError."""
        rows = self._database.read(
            "SELECT target FROM download_files WHERE download_id = ? AND is_fetched ORDER BY number", (download_id,)
        )
        return tuple(self._database.places.path(row["target"]) for row in rows)

    def end(self, ended: Download, process: str) -> bool:
        """Keep how it ended in `process`; False when it no longer runs there. A finished one goes to the end."""
        place = "(SELECT max(place) + 1 FROM downloads)" if ended.state is DownloadState.DONE else "place"
        return self._changed(
            f"UPDATE downloads SET state = ?, done_bytes = ?, sentence = ?, page = ?, process = '', place = {place} "
            "WHERE id = ? AND state = 'running' AND process = ?",
            (ended.state.value, ended.done_bytes, ended.sentence, ended.page, ended.id, process),
        )

    def change(self, download_id: int, before: Collection[DownloadState], after: DownloadState) -> bool:
        """Take it from one of the states `before` to another; False when it is in none of them. Raises StorageError."""
        marks = ", ".join("?" * len(before))
        return self._changed(
            "UPDATE downloads SET state = ?, sentence = '', page = '', process = '' "
            f"WHERE id = ? AND state IN ({marks})",
            (after.value, download_id, *(state.value for state in before)),
        )

    def take_over(self, sentence: str) -> int:
        """Let those wait again whose process has ended, with this sentence; how many. Raises StorageError."""
        rows = self._database.read("SELECT id, process FROM downloads WHERE state = 'running'")
        dead = [row for row in rows if not self._lives(row["process"])]
        return sum(
            self._changed(
                "UPDATE downloads SET state = 'waiting', sentence = ?, process = '' "
                "WHERE id = ? AND state = 'running' AND process = ?",
                (sentence, row["id"], row["process"]),
            )
            for row in dead
        )

    def move(self, download_id: int, place: int) -> None:
        """Give a waiting one another place among those that wait; harmless when it does not. Raises StorageError."""
        with self._database.transaction() as connection:
            rows = connection.execute(f"SELECT id, place FROM downloads WHERE state = 'waiting' {_ORDER}").fetchall()
            order = [row["id"] for row in rows]
            if download_id not in order:
                return
            order.remove(download_id)
            order.insert(max(place, 0), download_id)
            places = [row["place"] for row in rows]
            connection.executemany("UPDATE downloads SET place = ? WHERE id = ?", zip(places, order, strict=True))

    def remove(self, download_id: int) -> None:
        """Take it off the list; harmless when it is not on it. Raises StorageError."""
        self._changed("DELETE FROM downloads WHERE id = ?", (download_id,))

    def _file(self, row: sqlite3.Row) -> DownloadFile:
        target = self._database.places.path(row["target"])
        return DownloadFile(row["path"], target, row["size_bytes"], row["sha256"])

    def _changed(self, sql: str, parameters: tuple[str | int, ...]) -> bool:
        with self._database.transaction() as connection:
            return connection.execute(sql, parameters).rowcount > 0


def _download(row: sqlite3.Row, files: tuple[DownloadFile, ...]) -> Download:
    return Download(
        id=row["id"],
        name=row["name"],
        repository=row["repository"],
        revision=row["revision"],
        quantization=row["quantization"],
        files=files,
        state=DownloadState(row["state"]),
        done_bytes=row["done_bytes"],
        sentence=row["sentence"],
        page=row["page"],
        license=row["license"],
    )
