"""Keeps what this computer was found to be, so that the next start need not ask its drivers before it loads a model."""

from app.storage.database import Database


class ThisComputerStore:
    """One description, a text whose form is others' concern, in machine.db."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self) -> str | None:
        """What was kept last; None when nothing was. Raises StorageError."""
        rows = self._database.read("SELECT description FROM this_computer", ())
        return str(rows[0]["description"]) if rows else None

    def keep(self, description: str) -> None:
        """Keep this one in place of the one before. Raises StorageError."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM this_computer")
            connection.execute("INSERT INTO this_computer (description) VALUES (?)", (description,))
