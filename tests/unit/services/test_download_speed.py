"""The speed of a download is that of its transfer: pauses and sleep are no part of it."""

from pathlib import Path

import pytest

from app.core.download import Download, DownloadFile, DownloadProgress, DownloadState
from app.services.download_speed import SMOOTHING_SECONDS, Moment, SpeedMeter, totals

MB = 1_000_000


def _run(meter: SpeedMeter, seconds: int, rate: float, start: float = 0.0, done: int = 0) -> SpeedMeter:
    """Feed the meter `seconds` of transfer at `rate` from the time `start` on, four times a second."""
    for step in range(seconds * 4 + 1):
        at = start + step / 4
        meter = meter.after(Moment(at, 1e9 + at, done + round(step / 4 * rate)))
    return meter


def test_a_steady_speed_is_told_as_it_is_from_the_first_second_on() -> None:
    assert SpeedMeter().after(Moment(0, 0, 0)).bytes_per_second is None
    for seconds in (1, 5, 100):
        assert _run(SpeedMeter(), seconds, 10 * MB).bytes_per_second == pytest.approx(10 * MB)


def test_a_change_comes_through_slowly_and_in_the_end_wholly() -> None:
    meter = _run(SpeedMeter(), 60, 10 * MB)
    soon = _run(meter, 2, 1 * MB, 60, 600 * MB).bytes_per_second
    late = _run(meter, round(SMOOTHING_SECONDS * 10), 1 * MB, 60, 600 * MB).bytes_per_second
    assert soon is not None
    assert 5 * MB < soon < 9 * MB
    assert late == pytest.approx(1 * MB, rel=0.01)


def test_how_often_it_is_asked_makes_no_difference() -> None:
    often, seldom = SpeedMeter(), SpeedMeter()
    for step in range(401):
        at = step / 20
        often = often.after(Moment(at, at, round(at * at * MB)))
        if step % 20 == 0:
            seldom = seldom.after(Moment(at, at, round(at * at * MB)))
    assert often.bytes_per_second == pytest.approx(seldom.bytes_per_second, rel=0.02)


def test_a_pause_is_no_slowness() -> None:
    meter = _run(SpeedMeter(), 20, 10 * MB).rested()
    assert meter.bytes_per_second == pytest.approx(10 * MB)
    after = _run(meter, 1, 10 * MB, start=500, done=200 * MB)
    assert after.bytes_per_second == pytest.approx(10 * MB)


@pytest.mark.parametrize("clock_runs", [True, False], ids=["as on Windows", "as on Linux and macOS"])
def test_sleep_is_no_slowness(clock_runs: bool) -> None:
    meter = _run(SpeedMeter(), 20, 10 * MB)
    woken = Moment(20.25 + (3600 if clock_runs else 0), 1e9 + 20 + 3600, 200 * MB)
    meter = meter.after(woken)
    assert meter.bytes_per_second == pytest.approx(10 * MB)
    meter = meter.after(Moment(woken.clock + 1, woken.wall + 1, 210 * MB))
    assert meter.bytes_per_second == pytest.approx(10 * MB)


def test_a_silent_connection_is_slowness() -> None:
    meter = _run(SpeedMeter(), 20, 10 * MB).after(Moment(40, 1e9 + 40, 200 * MB))
    speed = meter.bytes_per_second
    assert speed is not None
    assert speed < 2 * MB


def test_a_clock_set_back_and_a_file_begun_anew_give_no_nonsense() -> None:
    meter = _run(SpeedMeter(), 20, 10 * MB)
    for moment in (Moment(21, 5e8, 210 * MB), Moment(21, 1e9, 210 * MB), Moment(22, 1e9 + 22, 0)):
        meter = meter.after(moment)
        assert meter.bytes_per_second == pytest.approx(10 * MB, rel=0.01)


def test_the_time_left_is_not_guessed() -> None:
    assert SpeedMeter().seconds_left(MB) is None
    assert _run(SpeedMeter(), 30, 0).seconds_left(MB) is None
    assert _run(SpeedMeter(), 30, 2 * MB).seconds_left(8 * MB) == pytest.approx(4)


def _progress(state: DownloadState, done: int, size: int, speed: float | None = None) -> DownloadProgress:
    file = DownloadFile("a.gguf", Path("a.gguf"), size)
    return DownloadProgress(Download(1, "A", "o/a", "", "", (file,), state, done), bytes_per_second=speed)


def test_all_together_are_those_that_run_or_wait() -> None:
    told = totals(
        [
            _progress(DownloadState.RUNNING, 10, 100, 5.0),
            _progress(DownloadState.RUNNING, 20, 60, 15.0),
            _progress(DownloadState.WAITING, 0, 40),
            _progress(DownloadState.PAUSED, 7, 1000),
            _progress(DownloadState.DONE, 50, 50),
        ]
    )
    assert (told.count, told.done_bytes, told.size_bytes) == (3, 30, 200)
    assert told.bytes_per_second == 20.0
    assert told.seconds_left == 170 / 20


def test_all_together_know_no_time_without_a_speed() -> None:
    told = totals([_progress(DownloadState.RUNNING, 10, 100), _progress(DownloadState.WAITING, 0, 40)])
    assert (told.bytes_per_second, told.seconds_left) == (None, None)
    assert totals([]).count == 0
