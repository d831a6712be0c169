"""The one bridge between threads and widgets: work runs on lanes, and what it tells arrives on the main thread."""

import gc
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QMetaObject, QObject, Qt, QTimer, Signal, Slot

from app.core.cancel import CancelToken
from app.core.errors import CancelledError, InglenookError
from app.logs import traceback_in_log

_log = logging.getLogger(__name__)

DELIVERY_MILLISECONDS = 16  # 60 times a second
SLOWEST_DELIVERY_MILLISECONDS = 120
_COLLECT_SECONDS = 30.0
_SHARE = 0.04  # of the main thread's time that news may take: the engine needs the processor too

EventT = TypeVar("EventT")
Emit = Callable[[EventT], None]
Work = Callable[[Emit[EventT], CancelToken], None]


class Lane(Enum):
    """Where work runs: each lane is one thread that takes its tasks in order; that of downloads is three of them."""

    ENGINE = "engine"
    NETWORK = "network"  # what is asked of the hub: nobody wants to wait for a download before it is answered
    DOWNLOADS = "downloads"  # whole files, up to three at once
    QUEUE = "queue"  # what is changed in the list of downloads: short, and in the order of the presses
    SIDE = "side"  # what nobody waits for
    DRAFTS = "drafts"  # what is written and not sent: within a second on the disk, whatever else is under way
    FILES = "files"  # reads or copies whole model files, for minutes


_THREADS = {Lane.DOWNLOADS: 3}  # of the others: one


class Outcome(Enum):
    """How a task ended that did not fail."""

    COMPLETED = auto()
    CANCELLED = auto()


class Task(Generic[EventT]):
    """One piece of work on a lane, waiting or running or ended."""

    def __init__(
        self,
        work: Work[EventT],
        on_event: Callable[[EventT], None],
        on_finished: Callable[[Outcome], None],
        on_failed: Callable[[InglenookError], None],
        withdraw: Callable[["Task[EventT]"], None],
        lane: Lane,
    ) -> None:
        self.lane = lane
        self.token = CancelToken()
        self.work = work
        self.on_event = on_event
        self.on_finished = on_finished
        self.on_failed = on_failed
        self._withdraw = withdraw
        self._lock = threading.Lock()
        self._claimed = False

    def cancel(self) -> None:
        """Ask the work to stop. What has not begun never begins, and is finished at once, whatever is before it."""
        self.token.cancel()
        if self.claim():
            self._withdraw(self)

    def claim(self) -> bool:
        """True for the first that asks: the lane that begins it, or the cancel that keeps it from beginning."""
        with self._lock:
            first, self._claimed = not self._claimed, True
            return first


class _LaneThreads:
    """Threads that take posted jobs in their order until they are told to end; each begins with a job for it."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def post(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)
        if len(self._threads) < _THREADS.get(self._lane, 1):
            name = f"inglenook-{self._lane.value}"
            # A daemon, so that a library that never returns cannot keep the process alive; it is joined all the same.
            thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def join(self, seconds: float) -> bool:
        for _ in self._threads:
            self._jobs.put(None)
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # else the last task's callbacks, and the widgets behind them, would live until the next one


class Tasks(QObject):
    """Runs work on lanes and delivers its events on the main thread, 60 times a second, less often when that is dear.

    `crashed` carries the text of an exception that nobody foresaw; the task's own `on_failed` is called before it.
    """

    crashed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[Lane, _LaneThreads] = {}
        self._is_over = False
        self._under_way: set[Task[Any]] = set()
        # A deque and a timer, not signals: what is not a QObject's slot would be called on the worker's thread.
        self._mail: deque[Callable[[], None]] = deque()
        self._collects = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(DELIVERY_MILLISECONDS)
        self._timer.timeout.connect(self._on_time)
        self._collected = 0.0
        self._spent = 0.0  # of the main thread's processor time, at the last delivery

    @property
    def is_busy(self) -> bool:
        """Whether anything is waiting, running, or not delivered yet."""
        return bool(self._under_way)

    def is_busy_on(self, lane: Lane) -> bool:
        """Whether anything is waiting or running on a lane, or not delivered yet."""
        return any(task.lane is lane for task in self._under_way)

    def run(
        self,
        lane: Lane,
        work: Work[EventT],
        on_event: Callable[[EventT], None],
        on_finished: Callable[[Outcome], None],
        on_failed: Callable[[InglenookError], None],
    ) -> Task[EventT]:
        """Put `work` into the lane's row. Its callbacks are called on the main thread, the events' before the end's.

        After a shutdown() nothing begins any more, whatever timer asks for it.
        """
        task = Task(work, on_event, on_finished, on_failed, self._withdraw, lane)
        if self._is_over:
            task.token.cancel()
            return task
        if not self._timer.isActive():
            # A collection on the worker's thread could destroy widgets there, and one on ours would make writing halt.
            self._collects = gc.isenabled()
            gc.disable()
            self._collected = time.monotonic()
            self._spent = time.thread_time()
            self._timer.start(DELIVERY_MILLISECONDS)
        self._under_way.add(task)
        if lane not in self._lanes:
            self._lanes[lane] = _LaneThreads(lane)
        self._lanes[lane].post(lambda: self._work(task))
        return task

    def shutdown(self, last: Callable[[], None] | None = None, seconds: float = 30.0) -> bool:
        """Cancel everything, wait for it, run `last` on the engine lane if that ever ran, and end the threads.

        Nothing is delivered afterwards. False when a thread did not end within `seconds`.
        """
        self._is_over = True
        for task in list(self._under_way):
            task.cancel()
        if last is not None and Lane.ENGINE in self._lanes:
            self._lanes[Lane.ENGINE].post(lambda: _run_last(last))
        ended = [lane for lane, thread in self._lanes.items() if thread.join(seconds)]
        stuck = self._lanes.keys() - set(ended)
        for lane in stuck:
            _log.error("the %s lane did not end within %.0f s", lane.value, seconds)
        self._lanes.clear()
        self._mail.clear()
        self._under_way.clear()
        self._rest()
        return not stuck

    def _work(self, task: Task[EventT]) -> None:
        """Run one task on its lane's thread, and post how it ended."""

        def emit(event: EventT) -> None:
            self._mail.append(lambda: task.on_event(event))

        if not task.claim():
            return
        try:
            task.work(emit, task.token)
        except CancelledError:
            self._post_end(task, lambda: task.on_finished(Outcome.CANCELLED))
        except InglenookError as error:
            known = error  # `error` is unbound when the block ends
            _log.info("a task failed: %s", known.logged)
            self._post_end(task, lambda: task.on_failed(known))
        except Exception as error:  # noqa: BLE001 (one of the two outermost borders: the crash dialog shows it)
            details = traceback_in_log(error)
            _log.error("a task ended in an error that is a fault of Inglenook:\n%s", details)
            self._post_end(task, lambda: self._crash(task, details))
        else:
            self._post_end(task, lambda: task.on_finished(Outcome.COMPLETED))

    def _withdraw(self, task: Task[EventT]) -> None:
        self._post_end(task, lambda: task.on_finished(Outcome.CANCELLED))

    def _post_end(self, task: Task[EventT], tell: Callable[[], None]) -> None:
        def end() -> None:
            self._under_way.discard(task)
            tell()

        self._mail.append(end)
        # An end is not kept waiting for the next delivery: whoever pressed Stop sees it at once.
        QMetaObject.invokeMethod(self, "_deliver", Qt.ConnectionType.QueuedConnection)

    def _crash(self, task: Task[EventT], details: str) -> None:
        task.on_failed(InglenookError("Something went wrong inside Inglenook. The details are in the log.", details))
        self.crashed.emit(details)

    def _rest(self) -> None:
        self._timer.stop()
        if self._collects:
            gc.enable()
            self._collects = False

    @property
    def delivery_milliseconds(self) -> int:
        """How long news are gathered now before they are delivered."""
        return self._timer.interval()

    def _keep_pace(self) -> None:
        """Deliver as often as what came of the last delivery, painting too, lets the main thread afford."""
        spent = time.thread_time()
        cost, self._spent = spent - self._spent, spent
        wanted = min(max(DELIVERY_MILLISECONDS, round(1000 * cost / _SHARE)), SLOWEST_DELIVERY_MILLISECONDS)
        if wanted != self._timer.interval():
            self._timer.setInterval(wanted)

    def _collect_now_and_then(self) -> None:
        """A download takes hours, for which the collector must not rest; an answer is not made to halt."""
        now = time.monotonic()
        if self._collects and now - self._collected > _COLLECT_SECONDS and not self.is_busy_on(Lane.ENGINE):
            self._collected = now
            gc.collect()

    def _on_time(self) -> None:
        self._collect_now_and_then()
        self._keep_pace()
        self._deliver()

    @Slot()
    def _deliver(self) -> None:
        # One by one, so that a callback that raises does not take the others' news with it.
        while self._mail:
            self._mail.popleft()()
        if not self._under_way:
            self._rest()


def _run_last(last: Callable[[], None]) -> None:
    try:
        last()
    except Exception:  # noqa: BLE001 (the same border: nothing may keep the thread from ending)
        _log.exception("the last step before the end failed")
