"""What is written down for whoever looks for a fault: one rotating file in the profile, and stderr with --debug."""

import contextlib
import logging
import logging.handlers
import os
import sys
from collections import deque
from io import TextIOWrapper
from pathlib import Path

ROOT_LOGGER = "app"
ENGINE_LOGGER = "app.engine.llama_cpp"
_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_FILE_BYTES = 1_000_000
_FILES_KEPT = 3


class RecentLines(logging.Handler):
    """Keeps the last records' text, so that a failed load or a crash can show what came before it."""

    def __init__(self, count: int = 200) -> None:
        super().__init__()
        self._lines: deque[tuple[int, str]] = deque(maxlen=count)

    def errors(self) -> list[str]:
        """The lines at ERROR or above, oldest first."""
        return [line for level, line in self._lines if level >= logging.ERROR]

    def clear(self) -> None:
        """Forget what came before."""
        self._lines.clear()

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append((record.levelno, record.getMessage()))


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Makes its files for this user's eyes only."""

    def _open(self) -> TextIOWrapper:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return super()._open()


def start_logging(log_file: Path | None, debug: bool) -> None:
    """Write INFO (with `debug` DEBUG, and to stderr too) and above to `log_file`; None writes no file.

    A log file that cannot be written is said on stderr and is no reason to stop. A second call replaces the first.
    """
    logger = logging.getLogger(ROOT_LOGGER)
    stop_logging()
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
    logger.propagate = False
    handlers: list[logging.Handler] = []
    if debug:
        handlers.append(logging.StreamHandler(sys.stderr))
    if log_file is not None:
        try:
            log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handlers.append(_PrivateFile(log_file, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8"))
        except OSError as error:
            sys.stderr.write(f"No log is written: {log_file} cannot be opened ({error.strerror}).\n")
    for handler in handlers:
        handler.setFormatter(logging.Formatter(_FORMAT))
        logger.addHandler(handler)
    if not handlers:
        logger.addHandler(logging.NullHandler())


def stop_logging() -> None:
    """Close every handler that start_logging opened."""
    logger = logging.getLogger(ROOT_LOGGER)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True
