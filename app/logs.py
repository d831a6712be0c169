"""What is written down for whoever looks for a fault: one rotating file in the profile, and stderr with --debug.

No text of a message, of a file or of a template is written, and no token: what an unforeseen error says is left out
unless only Python's own words are in it, and what looks like a secret is masked wherever it comes from.
"""

import contextlib
import logging
import logging.handlers
import os
import re
import sys
import traceback
from collections import deque
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from app.core.masking import without_secrets

ROOT_LOGGER = "app"
ENGINE_LOGGER = "app.engine.llama_cpp"
_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_FILE_BYTES = 1_000_000
_FILES_KEPT = 3
# Their words are names of the program and of files; others', such as KeyError's, may be what a user wrote.
_WORDS_OF_ITS_OWN = (
    AttributeError,
    ImportError,
    IndexError,
    NameError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ZeroDivisionError,
)
# What llama.cpp tells of a file's header: texts such as a chat template are the file's content.
_HEADER_TEXT = re.compile(r"( - kv +\d+: +(?!general\.)\S+ +(?:str|arr\[\w+,\d+\]) += ).*")


class CarefulFormatter(logging.Formatter):
    """Writes a record without what is nobody else's concern."""

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        return _HEADER_TEXT.sub(r"\1…", without_secrets(super().format(record)))

    def formatException(  # noqa: N802 (logging's name)
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        return traceback_in_log(ei[1]) if ei[1] is not None else ""


def traceback_in_log(error: BaseException) -> str:
    """Where an error came from, with what it says only where that cannot be a user's text; its causes above it."""
    parts: list[str] = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        frames = "".join(traceback.format_tb(at.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{_words_of(at)}")
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n\nwhich led to\n\n".join(reversed(parts))


def _words_of(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    words = str(error) if isinstance(error, _WORDS_OF_ITS_OWN) and not isinstance(error, UnicodeError) else ""
    return without_secrets(f"{name}: {words}") if words else name


class RecentErrors(logging.Handler):
    """Keeps the text of the last errors, so that a failed load can say what came before it."""

    def __init__(self, count: int = 200) -> None:
        super().__init__(logging.ERROR)
        self._lines: deque[str] = deque(maxlen=count)

    def lines(self) -> list[str]:
        """What was logged at ERROR or above, oldest first."""
        return list(self._lines)

    def clear(self) -> None:
        """Forget what came before."""
        self._lines.clear()

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())


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
        handler.setFormatter(CarefulFormatter())
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
