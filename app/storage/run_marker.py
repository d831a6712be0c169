"""Notes in the profile what this process is doing inside llama.cpp, so that the next start can tell where it ended."""

import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.core.run import RunMark, RunStep
from app.storage.places import Places
from app.storage.writers import is_alive, this_writer

_log = logging.getLogger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class RunMarker:
    """One small file for each process in `folder`, there while a step runs. A full disk is no reason to fail."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = _utc_now, places: Places | None = None) -> None:
        self._folder = folder
        self._places = places or Places.of_file(folder)
        self._now = now
        self._writer = ""

    def begin(self, step: RunStep, model_name: str, model_path: Path, *, may_use_gpu: bool = False) -> None:
        """A step begins, or the next one in place of the last."""
        self._writer = self._writer or this_writer()
        mark = {
            "writer": self._writer,
            "step": step,
            "model_name": model_name,
            "model_path": self._places.text(str(model_path)),
            "began_at": self._now().isoformat(),
            "may_use_gpu": may_use_gpu,
        }
        path = self._path()
        temporary = path.with_suffix(".part")
        try:
            if not self._folder.is_dir():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(json.dumps(mark))
            temporary.replace(path)
        except OSError as error:
            _log.info("the step %s is not noted: %s", step, error)

    def end(self) -> None:
        """The step is over, however it ended."""
        try:
            self._path().unlink(missing_ok=True)
        except OSError as error:
            _log.info("the note of a step stays: %s", error)

    def take_left_behind(self) -> list[RunMark]:
        """What processes that no longer live were doing when they ended, the newest last; each is told once only.

        What cannot be read is dropped, and notes of living processes are left alone.
        """
        try:
            paths = sorted(self._folder.glob("*.json"))
        except OSError as error:
            _log.info("notes of earlier steps cannot be listed: %s", error)
            return []
        marks = [mark for path in paths if (mark := _taken(path, self._places)) is not None]
        return sorted(marks, key=lambda mark: mark.began_at)

    def _path(self) -> Path:
        return self._folder / f"{os.getpid()}.json"


def _taken(path: Path, places: Places) -> RunMark | None:
    """The mark in a file whose process is gone, and the file removed; None for any other."""
    try:
        raw = json.loads(path.read_text(encoding="ascii"))
        if is_alive(raw["writer"]):
            return None
        path.unlink(missing_ok=True)
        began_at = datetime.fromisoformat(raw["began_at"]).astimezone(UTC)
        model_path = Path(places.resolved(raw["model_path"]))
        may_use_gpu = raw.get("may_use_gpu") is True  # an earlier version did not note it
        return RunMark(RunStep(raw["step"]), str(raw["model_name"]), model_path, began_at, may_use_gpu)
    except FileNotFoundError:
        return None  # its process ended the step meanwhile
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        _log.info("the note %s of an earlier step cannot be read: %s", path.name, error)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.info("the note %s stays: %s", path.name, error)
    return None
