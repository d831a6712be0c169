"""Drives the real window as a person would, and reports what came of it in figures, pictures and sentences."""

import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.conversation import Message, MessageState, Role
from app.core.errors import StorageError
from app.ui.app import destroy, make_application
from app.ui.peak_memory import peak_memory_mb
from app.ui.process_age import process_age
from app.ui.self_test_pictures import PictureTour
from app.ui.services import WindowServices
from app.ui.waiting import wait_until
from app.ui.window import MainWindow

QUESTION = "What is the capital of France?"
PAINT_SECONDS = 30.0
LOAD_SECONDS = 120.0
ANSWER_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class SelfTestReport:
    """What was found. `first_paint_ms` counts from the process's start; `failures` are sentences, none when `ok`."""

    ok: bool
    model: str
    tokens: int
    tokens_per_second: float
    time_to_first_token_ms: float
    first_paint_ms: float
    peak_rss_mb: float
    screenshots: tuple[str, ...]
    failures: tuple[str, ...]


def run_self_test(make_services: Callable[[], WindowServices], screenshots: Path | None) -> SelfTestReport:
    """Open the window, ask QUESTION in it, check what was stored; pictures go to the folder `screenshots`, if any."""
    make_application()
    # What the user has written and not sent is neither in the way nor sent.
    services = replace(make_services(), is_first_run=False, drafts=None)
    failures: list[str] = []
    before = sys.excepthook
    sys.excepthook = _collecting_hook(failures)
    window = MainWindow(services)
    window.tasks.crashed.connect(lambda details: failures.append(f"A task failed: {_last_line(details)}"))
    run = _SelfTestRun(services, window, failures)
    pictures: list[Path] = []
    try:
        run.open_window()
        if run.wait_for_model():
            run.ask()
        if screenshots is not None:
            pictures = _take_pictures(window, screenshots, failures)
        run.check_network()
        if not window.shutdown():
            failures.append("The engine's thread did not end.")
    finally:
        window.shutdown()
        window.close()
        destroy(window)
        sys.excepthook = before
    return run.report(pictures)


class _SelfTestRun:
    """The steps, each of which adds a sentence to `failures` for everything that is not as it should be."""

    def __init__(self, services: WindowServices, window: MainWindow, failures: list[str]) -> None:
        self._services = services
        self._window = window
        self._failures = failures
        self._model = ""
        self._answer: Message | None = None
        self._painted_after: float | None = None
        window.first_painted.connect(self._on_first_painted)

    def open_window(self) -> None:
        """Show the window and wait for its first paint."""
        self._window.show()
        if not wait_until(lambda: self._painted_after is not None, PAINT_SECONDS):
            self._failures.append(f"The window was not painted within {PAINT_SECONDS:.0f} s.")

    def wait_for_model(self) -> bool:
        """Wait until the model is loaded; False with the window's own words when it is not."""
        loader = self._window.loader
        if not wait_until(lambda: loader.current is not None or self._has_notices(), LOAD_SECONDS):
            self._failures.append(f"The model was not loaded within {LOAD_SECONDS:.0f} s.")
        if loader.current is None:
            self._failures += self._window.page.notices.sentences
            return False
        self._model = loader.current.name
        return True

    def ask(self) -> None:
        """Type the question, press Enter, wait for the answer, and compare the store and the window with both."""
        field = self._window.page.composer.field
        field.setFocus()
        QTest.keyClicks(field, QUESTION)
        QTest.keyClick(field, Qt.Key.Key_Return)
        if not self._window.replies.live:
            self._failures.append("Enter did not send the question.")
            return
        if not wait_until(lambda: not self._window.replies.live, ANSWER_SECONDS):
            self._failures.append(f"The answer was not complete within {ANSWER_SECONDS:.0f} s.")
            self._window.page.stop()
        self._failures += self._window.page.notices.sentences
        self._check_store()
        self._check_transcript()

    def check_network(self) -> None:
        """Nothing of all this was to reach for another computer or another program: the gate notes nothing of this run.

        A profile that is in use has a log of earlier runs.
        """
        if self._services.network is None:
            return
        began = time.time() - process_age()
        try:
            noted = [one for one in self._services.network.newest() if one.at >= began]
        except StorageError as error:
            self._failures.append(error.sentence)
        else:
            self._failures += [f"The gate was reached: {one.host} ({one.rule}, {one.detail})." for one in noted]

    def report(self, pictures: list[Path]) -> SelfTestReport:
        """What was found so far."""
        statistics = self._answer.statistics if self._answer else None
        return SelfTestReport(
            ok=not self._failures,
            model=self._model,
            tokens=statistics.completion_tokens if statistics else 0,
            tokens_per_second=round(statistics.tokens_per_second, 2) if statistics else 0.0,
            time_to_first_token_ms=round(statistics.time_to_first_token * 1000, 1) if statistics else 0.0,
            first_paint_ms=round((self._painted_after or 0.0) * 1000, 1),
            peak_rss_mb=round(peak_memory_mb(), 1),
            screenshots=tuple(str(path) for path in pictures),
            failures=tuple(self._failures),
        )

    def _check_store(self) -> None:
        conversation_id = self._window.page.shown_id
        if conversation_id is None:
            self._failures.append("The question opened no conversation.")
            return
        try:
            messages = self._services.conversations.messages(conversation_id)
        except StorageError as error:
            self._failures.append(error.sentence)
            return
        if [m.role for m in messages] != [Role.USER, Role.ASSISTANT]:
            self._failures.append(f"{len(messages)} messages are stored in place of a question and an answer.")
            return
        question, self._answer = messages
        if question.text != QUESTION:
            self._failures.append(f"The question is stored as “{question.text}”.")
        if any(m.state is not MessageState.COMPLETE for m in messages):
            self._failures.append("A stored message is not complete.")
        if not self._answer.text.strip():
            self._failures.append("The stored answer is empty.")
        if self._answer.statistics is None:
            self._failures.append("The answer is stored without its figures.")

    def _check_transcript(self) -> None:
        texts = [row.text for row in self._window.page.transcript.rows]
        if len(texts) != 2:
            self._failures.append(f"The window shows {len(texts)} messages in place of two.")
        elif self._answer is not None and texts != [QUESTION, self._answer.text]:
            self._failures.append("The window shows other messages than the ones that are stored.")

    def _has_notices(self) -> bool:
        return bool(self._window.page.notices.rows)

    def _on_first_painted(self) -> None:
        self._painted_after = process_age()


def _take_pictures(window: MainWindow, folder: Path, failures: list[str]) -> list[Path]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        failures.append(f"The folder {folder} cannot be made: {error.strerror}.")
        return []
    tour = PictureTour(window, folder)
    taken = tour.take()
    failures += tour.failures
    return taken


def _last_line(details: str) -> str:
    return details.strip().rsplit("\n", 1)[-1]


def _collecting_hook(
    failures: list[str],
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        failures.append(
            f"An error that nobody foresaw: {_last_line(''.join(traceback.format_exception(kind, error, trace)))}"
        )

    return hook
