"""Notices that a model's file was changed, cut or replaced while the model is in use."""

from dataclasses import dataclass
from pathlib import Path

from app.core.errors import ModelChangedError
from app.engine.guards.model_files import parts_of


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """Size, time of change, device and inode of each file of a model as they were; None for one that was not there."""

    states: tuple[tuple[Path, tuple[int, int, int, int] | None], ...]

    @classmethod
    def of(cls, path: Path) -> "FileIdentity":
        """The state of the model's files now; those beside `path` are known by their names (-00001-of-00003)."""
        return cls(tuple((file, _state(file)) for file in parts_of(path)))

    def check(self) -> None:
        """Raise ModelChangedError when a file is no longer what it was; costs a few microseconds."""
        for file, before in self.states:
            now = _state(file)
            if now == before:
                continue
            what = "was removed" if now is None else "has changed" if now[0] >= (before or (0,))[0] else "was cut"
            raise ModelChangedError(
                f"The model file {file} {what} while the model was in use. Open the model again.",
                f"(size, time, device, inode) was {before}, is {now}",
            )


def _state(file: Path) -> tuple[int, int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None  # gone, or out of reach: check() says so
    return status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino
