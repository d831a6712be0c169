"""The speed limit of all downloads together, on a clock of its own."""

import threading

import pytest

from app.core.cancel import CancelToken
from app.core.errors import CancelledError
from app.core.rate_limit import RateLimit


class Clock(CancelToken):
    """Time that passes when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0

    def wait(self, seconds: float) -> bool:
        self.now += max(seconds, 1e-6)
        return self.cancelled


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("app.core.rate_limit.time.monotonic", lambda: clock.now)
    return clock


def test_no_limit_never_waits(clock: Clock) -> None:
    limit = RateLimit()
    for _ in range(10):
        limit.take(1 << 30, clock)
    assert clock.now == 100.0


def test_what_is_taken_comes_at_the_rate(clock: Clock) -> None:
    limit = RateLimit(1000)
    for _ in range(100):
        limit.take(100, clock)
    assert clock.now == pytest.approx(110.0, abs=0.3)


def test_several_share_one_rate(clock: Clock) -> None:
    limit = RateLimit(1000)
    for _ in range(10):
        for _ in range(3):
            limit.take(100, clock)
    assert clock.now == pytest.approx(103.0, abs=0.3)


def test_little_is_caught_up_after_a_pause(clock: Clock) -> None:
    limit = RateLimit(1000)
    clock.now += 3600
    before = clock.now
    limit.take(2000, clock)
    assert clock.now == pytest.approx(before + 1.75, abs=0.01)


def test_a_changed_limit_counts_at_once(clock: Clock) -> None:
    limit = RateLimit(1)
    limit.take(0, clock)
    limit.bytes_per_second = 1000
    assert limit.bytes_per_second == 1000
    limit.take(1000, clock)
    assert clock.now == pytest.approx(101.0, abs=0.3)
    limit.bytes_per_second = 0
    limit.take(1 << 40, clock)
    assert clock.now == pytest.approx(101.0, abs=0.3)


def test_who_waits_can_be_stopped() -> None:
    limit, cancel = RateLimit(1), CancelToken()
    outcome: list[type[BaseException]] = []

    def take() -> None:
        try:
            limit.take(1 << 40, cancel)
        except CancelledError as error:
            outcome.append(type(error))

    thread = threading.Thread(target=take)
    thread.start()
    cancel.cancel()
    thread.join(20)
    assert outcome == [CancelledError]
