"""Compares generation through ChatService with the window painting against the engine alone, in turn, in one process.

Run: python -m tests.benchmarks.measure_generation [--rounds 7] [--tokens 200]
"""

import argparse
import statistics
from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.bootstrap import Options, assemble, window_services
from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.generation import Finished, SamplingParameters
from app.core.prompt import GenerationRequest, PromptMessage
from app.engine.llama import LlamaEngine
from app.services.catalog import Catalog, read_catalog
from app.services.chat import ChatService
from app.services.models import ModelService
from app.storage.machine import open_machine
from app.storage.model_choices import ModelChoiceStore
from app.ui.app import make_application
from app.ui.services import WindowServices
from app.ui.tasks import Emit, Lane
from app.ui.waiting import wait_until
from app.ui.window import MainWindow

QUESTION = "Tell me a very long story about the sea, the ships and the people who live by the water."
_SECONDS = 120.0


class Comparison:
    """A real window on the included model, and the same engine used without it; both give tokens per second."""

    def __init__(self, window: MainWindow, engine: LlamaEngine, sampling: SamplingParameters) -> None:
        self._window = window
        self._engine = engine
        self._sampling = sampling

    def alone(self) -> float:
        """The engine on its own thread with nobody reading: the window has nothing to do."""
        rates: list[float] = []

        def work(_emit: Emit[None], cancel: CancelToken) -> None:
            request = GenerationRequest((PromptMessage(Role.USER, QUESTION),), self._sampling)
            *_, last = self._engine.generate(request, cancel)
            assert isinstance(last, Finished)
            rates.append(last.statistics.tokens_per_second)

        tasks = self._window.tasks
        tasks.run(Lane.ENGINE, work, lambda _: None, lambda _: None, lambda error: print(error.sentence))
        wait_until(lambda: not tasks.is_busy, _SECONDS)
        return rates[0]

    def through_the_window(self, services: WindowServices) -> float:
        """The same question typed into the window, streamed, painted and journalled."""
        self._window.page.show_new_chat()
        field = self._window.page.composer.field
        field.setPlainText(QUESTION)
        QTest.keyClick(field, Qt.Key.Key_Return)
        wait_until(lambda: not self._window.replies.live and not self._window.tasks.is_busy, _SECONDS)
        answer = services.conversations.messages(services.conversations.list()[0].id)[-1]
        assert answer.statistics is not None
        assert answer.statistics.completion_tokens == self._sampling.max_tokens, "both write as many tokens"
        return answer.statistics.tokens_per_second


def main() -> None:
    """Print both medians and the median of the pairs' ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=200)
    arguments = parser.parse_args()
    sampling = SamplingParameters(temperature=0.0, max_tokens=arguments.tokens)
    make_application()
    application = assemble(Options(temp_profile=True))
    engine = LlamaEngine()
    paths = application.paths
    database = open_machine(paths.profile / "benchmark.db", datetime.now(UTC)).database
    catalog = _with_sampling(read_catalog(paths.catalog, paths.models), sampling)
    models = ModelService(engine, catalog, application.model_files, ModelChoiceStore(database))
    services = replace(
        window_services(application),
        models=models,
        chat=ChatService(engine, models, application.conversations),
    )
    window = MainWindow(services)
    window.show()
    wait_until(lambda: models.current is not None, _SECONDS)
    comparison = Comparison(window, engine, sampling)
    alone, shown = [], []
    for round_number in range(arguments.rounds + 1):
        pair = (comparison.alone(), comparison.through_the_window(services))
        if round_number > 0:  # the first warms both
            alone.append(pair[0])
            shown.append(pair[1])
    window.shutdown()
    database.close()
    application.close()
    print(f"engine alone: median {statistics.median(alone):.1f} tok/s, from {min(alone):.1f} to {max(alone):.1f}")
    print(f"through the window: median {statistics.median(shown):.1f} tok/s, from {min(shown):.1f} to {max(shown):.1f}")
    print(f"ratio, median of pairs: {statistics.median(s / a for s, a in zip(shown, alone, strict=True)):.3f}")


def _with_sampling(catalog: Catalog, sampling: SamplingParameters) -> Catalog:
    entry = replace(catalog.included, sampling=sampling)
    return replace(catalog, entries=(entry,), included=entry)


if __name__ == "__main__":
    main()
