"""Times Stop at the window, and how late the main thread is while the engine reads and writes.

A real window (offscreen) on a profile of its own holds the included model with a context of 8,192 tokens. In each
round a story is begun, and a prompt of 4,000 tokens; at another moment of it each time, Esc is pressed in the field.
Timed are, from just before the key is pressed:

- "engine": until the engine's iterator has ended, on its own thread;
- "window": until the window has been told that the reply is finished.

The same without the window's own key handling: CancelToken.cancel() on the main thread, and the engine's iterator on
another, until that has ended.

Meanwhile a precise timer beats every 5 ms on the main thread, while a prompt is read and while a story is written
and painted. A beat is late by the time since the one before, less 5 ms; told is the share of those late by more than
16 ms.

Run: python -m tests.benchmarks.measure_stop [--rounds 10]
"""

import argparse
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest

from app.bootstrap import Application, Options, assemble, window_services
from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.generation import Chunk, GenerationEvent, SamplingParameters
from app.core.prompt import GenerationRequest, PromptMessage
from app.engine.llama import LlamaEngine
from app.storage.model_choices import ModelChoice
from app.ui.app import destroy, make_application
from app.ui.chat.live_reply import LiveReply
from app.ui.tasks import Emit, Lane
from app.ui.waiting import let_live, wait_until
from app.ui.window import MainWindow
from tests.benchmarks.interleaved import in_words, print_table
from tests.included import INCLUDED_MODEL

_BEAT, _LATE = 5.0, 16.0  # milliseconds
_SECONDS = 180.0
_CONTEXT = 8192
_PROMPT_TOKENS = 4000
_STORY = "Tell me a very long story about the sea, the ships and the people who live by the water."
_WORDS = ("the", "harbour", "boat", "and", "river", "of", "stone", "under", "winter", "light", "with", "old", "men")
_READING, _WRITING, _IDLE = "prompt processing", "generation", "nothing"


class Heartbeat(QObject):
    """Beats on the main thread; `due` and `late` count all beats that were due, those that a delay swallowed too."""

    def __init__(self) -> None:
        super().__init__()
        self.due = {_READING: 0, _WRITING: 0, _IDLE: 0}
        self.late = dict(self.due)
        self.worst = dict.fromkeys(self.due, 0.0)
        self._during = ""
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(int(_BEAT))
        self._timer.timeout.connect(self._on_beat)

    def begin(self, during: str) -> None:
        """Count from now on."""
        self._during, self._last = during, time.perf_counter()
        self._timer.start()

    def end(self) -> None:
        """Count no more."""
        self._on_beat()
        self._timer.stop()

    def _on_beat(self) -> None:
        now = time.perf_counter()
        gap, self._last = (now - self._last) * 1000, now
        during = self._during
        self.due[during] += max(int(gap / _BEAT), 1)
        self.late[during] += max(int((gap - _LATE) / _BEAT), 0)
        self.worst[during] = max(self.worst[during], gap - _BEAT)


@dataclass
class Stops:
    """Milliseconds from a Stop to the end of the engine's iterator, and to the end that the window is told."""

    engine: list[float] = field(default_factory=list)
    window: list[float] = field(default_factory=list)
    token: list[float] = field(default_factory=list)  # by CancelToken.cancel(), without the window


class Trial:
    """The window, and the hands that begin and stop replies in it."""

    def __init__(self, application: Application, window: MainWindow, ends: list[float]) -> None:
        self._application = application
        self._window = window
        self._ends = ends
        self._told: list[float] = []
        window.replies.reply_finished.connect(lambda _: self._told.append(time.perf_counter()))
        self.heart = Heartbeat()
        self.stops = {_READING: Stops(), _WRITING: Stops()}
        self._random = random.Random(1)

    def idle(self, seconds: float) -> None:
        """Beat while nothing happens: what the machine itself is late."""
        self.heart.begin(_IDLE)
        let_live(int(seconds * 1000))
        self.heart.end()

    def press_escape(self, during: str, text: str, seconds: float) -> None:
        """Send `text`, wait until the model reads or writes and then for `seconds`, and press Esc."""
        window = self._window
        window.page.show_new_chat()
        composer = window.page.composer.field
        composer.setPlainText(text)
        QTest.keyClick(composer, Qt.Key.Key_Return)
        (live,) = window.replies.live
        begun: Callable[[LiveReply], bool] = (
            (lambda live: live.is_writing) if during == _WRITING else (lambda live: live.answer is not None)
        )
        _require(wait_until(lambda: begun(live), _SECONDS), "The reply did not begin.")
        self.heart.begin(during)
        let_live(int(seconds * 1000))
        self.heart.end()
        _require(bool(window.replies.live), "The reply ended before it could be stopped; the model reads too fast.")
        self._ends.clear()
        self._told.clear()
        pressed = time.perf_counter()
        QTest.keyClick(composer, Qt.Key.Key_Escape)
        _require(wait_until(lambda: bool(self._told), _SECONDS), "Esc stopped nothing.")
        self.stops[during].engine.append((self._ends[0] - pressed) * 1000)
        self.stops[during].window.append((self._told[0] - pressed) * 1000)
        wait_until(lambda: not window.tasks.is_busy, _SECONDS)

    def cancel_token(self, during: str, text: str, seconds: float) -> None:
        """The same with the engine alone on its thread."""
        engine = self._application.chat._engine
        seen: list[GenerationEvent] = []

        def work(_emit: Emit[None], cancel: CancelToken) -> None:
            request = GenerationRequest((PromptMessage(Role.USER, text),), SamplingParameters())
            seen.extend(engine.generate(request, cancel))

        tasks = self._window.tasks
        task = tasks.run(Lane.ENGINE, work, lambda _: None, lambda _: None, lambda error: print(error.sentence))
        if during == _WRITING:
            wait_until(lambda: any(isinstance(event, Chunk) for event in seen), _SECONDS)
        let_live(int(seconds * 1000))
        _require(tasks.is_busy, "The answer ended before it could be stopped.")
        self._ends.clear()
        started = time.perf_counter()
        task.token.cancel()
        wait_until(lambda: not tasks.is_busy, _SECONDS)
        self.stops[during].token.append((self._ends[0] - started) * 1000)

    def moment(self, during: str) -> float:
        """How many seconds to wait, another time in each round."""
        return self._random.uniform(0.3, 1.0) if during == _WRITING else self._random.uniform(0.5, 2.5)


def main() -> None:
    """Print the times of Stop, median and range, and the shares of late beats."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    ends = _noted_ends()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    make_application()
    application = assemble(Options(temp_profile=True))
    application.models._choices.save(INCLUDED_MODEL, ModelChoice(load={"context_length": _CONTEXT}))
    window = MainWindow(window_services(application))
    window.show()
    window.activateWindow()
    _require(wait_until(lambda: application.models.current is not None, _SECONDS), "The model did not load.")
    wait_until(lambda: not window.tasks.is_busy, _SECONDS)
    model = application.models.current
    assert model is not None
    print(f"{model.info.device}, context {model.info.context_length}, {rounds} rounds", flush=True)
    trial = Trial(application, window, ends)
    trial.idle(2.0)
    for number in range(rounds):
        for during, text in ((_WRITING, f"{number}. {_STORY}"), (_READING, _long_prompt(number))):
            trial.press_escape(during, text, trial.moment(during))
            trial.cancel_token(during, f"Again: {text}", trial.moment(during))
    window.shutdown()
    destroy(window)
    application.close()
    _print(trial)


def _print(trial: Trial) -> None:
    print_table(
        ["stopped during", "Esc to the window, ms", "Esc to the engine, ms", "cancel() to the engine, ms"],
        [
            [during, in_words(stops.window), in_words(stops.engine), in_words(stops.token)]
            for during, stops in trial.stops.items()
        ],
    )
    heart = trial.heart
    print_table(
        ["main thread during", "beats", f"late by more than {_LATE:.0f} ms", "worst, ms"],
        [
            [during, str(due), f"{100 * heart.late[during] / due:.2f} %", f"{heart.worst[during]:.0f}"]
            for during, due in heart.due.items()
        ],
    )


def _noted_ends() -> list[float]:
    """The perf_counter times at which the iterators of LlamaEngine.generate ended, filled from now on."""
    ends: list[float] = []
    original = LlamaEngine.generate

    def generate(self: LlamaEngine, request: GenerationRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        yield from original(self, request, cancel)
        ends.append(time.perf_counter())

    setattr(LlamaEngine, "generate", generate)  # noqa: B010 (mypy rightly minds an assignment to a method)
    return ends


def _long_prompt(number: int) -> str:
    """About as many tokens as words, and another beginning each time, so that nothing is in the cache."""
    return f"{number} " + " ".join(random.Random(number).choices(_WORDS, k=_PROMPT_TOKENS))


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise SystemExit(sentence)


if __name__ == "__main__":
    main()
