"""What a speed report tells its reader while it is made."""

from dataclasses import dataclass

from app.core.errors import StorageError
from app.core.speed import SpeedReport, SpeedResult, SpeedTest


@dataclass(frozen=True, slots=True)
class SpeedModelLoading:
    """The model is loaded again with a context of `context_length` tokens."""

    context_length: int


@dataclass(frozen=True, slots=True)
class SpeedTestStarted:
    """`test`, fitted to the context, begins as the `number`th of `count`; `seconds_left` is for all of them."""

    test: SpeedTest
    number: int
    count: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class SpeedRunDone:
    """A run has ended; `result` is that of the test's runs so far, of which there will be `runs`."""

    result: SpeedResult
    runs: int


@dataclass(frozen=True, slots=True)
class SpeedTestDone:
    """No further run of the test follows."""

    result: SpeedResult


@dataclass(frozen=True, slots=True)
class SpeedReportDone:
    """The report, and no event follows. A complete one is stored, unless `failure` says why it could not be."""

    report: SpeedReport
    complete: bool
    failure: StorageError | None = None


SpeedEvent = SpeedModelLoading | SpeedTestStarted | SpeedRunDone | SpeedTestDone | SpeedReportDone
