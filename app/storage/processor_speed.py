"""Keeps how fast this computer's processor was at its best: a short test on a busy computer tells too little."""

from dataclasses import dataclass

from app.storage.database import Database


@dataclass(frozen=True, slots=True)
class ProcessorSpeed:
    """`bandwidth` of the RAM in bytes per second, `multiply_rate` in weights per second of one core; 0 is not known."""

    bandwidth: int
    multiply_rate: int


class ProcessorSpeedStore:
    """The fastest that was measured of each processor, by its name, in machine.db."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def best(self, processor: str, measured: ProcessorSpeed) -> ProcessorSpeed:
        """Note a measurement; the best of all so far. Raises StorageError."""
        with self._database.transaction() as connection:
            connection.execute(
                """
                INSERT INTO processor_speeds (processor, bandwidth, multiply_rate) VALUES (?, ?, ?)
                ON CONFLICT (processor) DO UPDATE SET
                    bandwidth = max(bandwidth, excluded.bandwidth),
                    multiply_rate = max(multiply_rate, excluded.multiply_rate)
                """,
                (processor, measured.bandwidth, measured.multiply_rate),
            )
            row = connection.execute(
                "SELECT bandwidth, multiply_rate FROM processor_speeds WHERE processor = ?", (processor,)
            ).fetchone()
        return ProcessorSpeed(row["bandwidth"], row["multiply_rate"])
