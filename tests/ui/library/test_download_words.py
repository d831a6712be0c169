"""How downloads are put into words."""

from dataclasses import replace

import pytest

from app.core.download import DownloadProgress, DownloadState, DownloadStep
from app.ui.downloads.words import done_words, percent_words, speed_words, status_words, time_words, total_words
from tests.ui.library.fake_downloads import a_download

RUNNING = a_download(1, size_bytes=12_030_251_328, state=DownloadState.RUNNING, done_bytes=6_799_000_000)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (50.4, "50 s"),
        (59.6, "1 min"),
        (110, "1 min 50 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86_400, "more than a day"),
    ],
)
def test_a_span_of_time(seconds: float, words: str) -> None:
    assert time_words(seconds) == words


def test_a_rate_has_the_unit_that_suits_it() -> None:
    assert [speed_words(rate) for rate in (48_220_000, 850_400)] == ["48.2 MB/s", "850 kB/s"]


def test_what_is_known_of_a_running_one() -> None:
    assert status_words(DownloadProgress(RUNNING, bytes_per_second=48.2e6, seconds_left=110)) == (
        "Downloading · 48.2 MB/s · 1 min 50 s left"
    )
    assert status_words(DownloadProgress(RUNNING)) == "Downloading"
    assert status_words(DownloadProgress(RUNNING, DownloadStep.CHECKING)) == "Checking what is there"
    assert status_words(DownloadProgress(RUNNING, DownloadStep.CHECKING, checked_bytes=2 * 10**9)) == (
        "Checking what is there · 2.0 GB read"
    )
    assert status_words(DownloadProgress(RUNNING, DownloadStep.RETRYING, None, 8)) == "Trying again in 8 s"
    assert status_words(DownloadProgress(RUNNING, DownloadStep.RETRYING)) == "Trying again"


def test_what_is_nearly_done_is_not_done() -> None:
    assert done_words(RUNNING) == "6.7 / 12.0 GB"
    nearly = replace(RUNNING, done_bytes=RUNNING.size_bytes - 1)
    assert done_words(nearly) == "12.0 / 12.0 GB"
    assert done_words(a_download(1, size_bytes=98_400_000, done_bytes=98_390_000)) == "98.3 / 98.4 MB"
    assert percent_words(0.9999) == "99 %"
    assert done_words(replace(RUNNING, state=DownloadState.DONE)) == "12.0 GB"


def test_the_totals_leave_out_what_is_done() -> None:
    every = [
        DownloadProgress(RUNNING, bytes_per_second=40e6),
        DownloadProgress(a_download(2, size_bytes=4 * 10**9)),
        DownloadProgress(a_download(3, size_bytes=10**9, state=DownloadState.DONE, done_bytes=10**9)),
    ]
    assert total_words(every) == "1 under way, 1 waiting · 6.7 of 16.0 GB · 40.0 MB/s"
    assert total_words(every[2:]) == ""
