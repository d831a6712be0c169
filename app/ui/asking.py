"""One question at a time beside everything else: a new one takes the place of the one under way."""

from collections.abc import Callable
from typing import Generic, TypeVar

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.ui.tasks import Emit, Lane, Task, Tasks

AnswerT = TypeVar("AnswerT")


class Asking(Generic[AnswerT]):
    """Of a question that was stopped nothing is told: whoever asks stops it before they go."""

    def __init__(self, tasks: Tasks, lane: Lane) -> None:
        self._tasks = tasks
        self._lane = lane
        self._task: Task[AnswerT] | None = None
        self._number = 0

    @property
    def is_running(self) -> bool:
        """Whether an answer is awaited."""
        return self._task is not None

    def ask(
        self,
        work: Callable[[CancelToken], AnswerT],
        answered: Callable[[AnswerT], None],
        failed: Callable[[InglenookError], None],
    ) -> None:
        """Run `work` on the lane; one of the others is called on the main thread with what came of it."""
        self.stop()
        number = self._number
        answers: list[AnswerT] = []

        def run(emit: Emit[AnswerT], cancel: CancelToken) -> None:
            emit(work(cancel))

        def end(tell: Callable[[], None]) -> None:
            if number == self._number:
                self._task = None
                tell()

        self._task = self._tasks.run(
            self._lane,
            run,
            answers.append,
            lambda _: end(lambda: answered(answers[0]) if answers else None),
            lambda error: end(lambda: failed(error)),
        )

    def stop(self) -> None:
        """Await nothing more."""
        task, self._task = self._task, None
        self._number += 1
        if task is not None:
            task.cancel()
