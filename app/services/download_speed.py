"""How fast a download is and when it will be done: pure arithmetic on bytes and clocks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from app.core.download import DownloadProgress, DownloadState, DownloadTotals

SMOOTHING_SECONDS = 8.0
"""What lies this far back counts 1/e of what is now."""

_LEAST_SECONDS = 1.0  # of transfer, before a speed is told
_LONGEST_STEP_SECONDS = 60.0  # a connection that is silent for so long is given up before
_SLEEP_SECONDS = 2.0  # by which the clock on the wall runs ahead of one that stands still in sleep


@dataclass(frozen=True, slots=True)
class Moment:
    """When so many bytes were there: `clock` is monotonic, `wall` the time of day, both in seconds."""

    clock: float
    wall: float
    done_bytes: int


@dataclass(frozen=True, slots=True)
class SpeedMeter:
    """An exponentially smoothed speed. Bytes and seconds fade alike, so that the first seconds tell a speed, too.

    Time in which nothing could be transferred counts nothing: call rested() after a pause; sleep is noticed by itself.
    """

    last: Moment | None = None
    seconds: float = 0.0
    size_bytes: float = 0.0
    measured_seconds: float = 0.0

    @property
    def bytes_per_second(self) -> float | None:
        """None until there was a second of transfer."""
        return self.size_bytes / self.seconds if self.measured_seconds >= _LEAST_SECONDS else None

    def after(self, moment: Moment) -> "SpeedMeter":
        """The meter once `moment` has come."""
        if self.last is None:
            return SpeedMeter(moment, self.seconds, self.size_bytes, self.measured_seconds)
        took = moment.clock - self.last.clock
        came = moment.done_bytes - self.last.done_bytes
        slept = moment.wall - self.last.wall - took > _SLEEP_SECONDS or took > _LONGEST_STEP_SECONDS
        if slept or took <= 0 or came < 0:  # fewer bytes than before: it began anew
            return SpeedMeter(moment, self.seconds, self.size_bytes, self.measured_seconds)
        kept = math.exp(-took / SMOOTHING_SECONDS)
        measured = self.measured_seconds + took
        return SpeedMeter(moment, self.seconds * kept + took, self.size_bytes * kept + came, measured)

    def rested(self) -> "SpeedMeter":
        """The meter after a time without transfer: it knows its speed, and the next moment is a new beginning."""
        return SpeedMeter(None, self.seconds, self.size_bytes, self.measured_seconds)

    def seconds_left(self, left_bytes: int) -> float | None:
        """How long the rest takes at this speed; None when that cannot be told."""
        speed = self.bytes_per_second
        return left_bytes / speed if speed else None


def totals(progresses: Iterable[DownloadProgress]) -> DownloadTotals:
    """All that run or wait, as one: bytes, the speeds added up, and when the last of them will be done.

    The speed is None while none is known, and so is the time left.
    """
    active = [one for one in progresses if one.download.state in (DownloadState.RUNNING, DownloadState.WAITING)]
    speeds = [one.bytes_per_second for one in active if one.bytes_per_second is not None]
    done_bytes = sum(one.download.done_bytes for one in active)
    size_bytes = sum(one.download.size_bytes for one in active)
    speed = sum(speeds) if speeds else None
    left = (size_bytes - done_bytes) / speed if speed else None
    return DownloadTotals(len(active), done_bytes, size_bytes, speed, left)
