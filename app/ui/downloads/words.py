"""Puts downloads into words: how far one has come, how fast, how long it will take, and what all come to."""

import math
from collections.abc import Sequence

from app.core.download import Download, DownloadProgress, DownloadState, DownloadStep
from app.core.quantities import file_size
from app.core.wording import counted
from app.ui.library.words import licence_words

_GB, _MB, _KB = 10**9, 10**6, 10**3
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STATES = {
    DownloadState.WAITING: "Waiting for its turn",
    DownloadState.PAUSED: "Paused",
    DownloadState.FAILED: "Stopped",
    DownloadState.DONE: "On this computer",
}


def status_words(progress: DownloadProgress) -> str:
    """For example "Downloading · 48.2 MB/s · 1 min 50 s left"."""
    if progress.download.state is not DownloadState.RUNNING:
        return _STATES[progress.download.state]
    if progress.step is DownloadStep.CHECKING:
        read = f" · {file_size(progress.checked_bytes)} read" if progress.checked_bytes else ""
        return f"Checking what is there{read}"
    if progress.step is DownloadStep.RETRYING:
        wait = progress.seconds_left
        return f"Trying again in {time_words(wait)}" if wait else "Trying again"
    speed = speed_words(progress.bytes_per_second) if progress.bytes_per_second else ""
    left = f"{time_words(progress.seconds_left)} left" if progress.seconds_left is not None else ""
    return " · ".join(part for part in ("Downloading", speed, left) if part)


def done_words(download: Download) -> str:
    """How much of how much: "6.7 / 12.0 GB"; a finished one's size alone."""
    if download.state is DownloadState.DONE:
        return file_size(download.size_bytes)
    return _of(download.done_bytes, download.size_bytes, " / ")


def fraction(download: Download) -> float:
    """How far it is, from 0 to 1; 0 where its size is not known."""
    if not download.size_bytes:
        return 0.0
    return min(download.done_bytes / download.size_bytes, 1.0)


def percent_words(done: float) -> str:
    """A fraction in percent; all of it only when nothing is missing."""
    return f"{math.floor(100 * done)} %"


def speed_words(bytes_per_second: float) -> str:
    """A rate in MB or kB per second, which are 10^6 and 10^3 bytes."""
    if bytes_per_second >= _MB:
        return f"{bytes_per_second / _MB:.1f} MB/s"
    return f"{bytes_per_second / _KB:.0f} kB/s"


def time_words(seconds: float) -> str:
    """A span of time in its two largest units: "50 s", "1 min 50 s", "2 h 5 min"."""
    whole = max(1, round(seconds))
    if whole >= _DAY:
        return "more than a day"
    if whole >= _HOUR:
        minutes = whole % _HOUR // _MINUTE
        return f"{whole // _HOUR} h" + (f" {minutes} min" if minutes else "")
    if whole >= _MINUTE:
        return f"{whole // _MINUTE} min" + (f" {whole % _MINUTE} s" if whole % _MINUTE else "")
    return f"{whole} s"


def facts_words(download: Download) -> str:
    """What is fetched: its precision, size and licence, as far as they are known."""
    parts = (
        download.quantization,
        file_size(download.size_bytes) if download.size_bytes else "",
        licence_words(download.license),
        counted(len(download.files), "file") if len(download.files) > 1 else "",
    )
    return " · ".join(part for part in parts if part)


def called(download: Download) -> str:
    """A download in a sentence: "Phi-4 14B (Q6_K)"."""
    return f"{download.name} ({download.quantization})" if download.quantization else download.name


def total_words(all_progress: Sequence[DownloadProgress]) -> str:
    """What the unfinished ones come to: "2 under way, 1 waiting · 8.1 of 26.3 GB · 61.0 MB/s"; empty for none."""
    open_ones = [one for one in all_progress if one.download.state is not DownloadState.DONE]
    if not open_ones:
        return ""
    states = [one.download.state for one in open_ones]
    counts = (
        (states.count(DownloadState.RUNNING), "under way"),
        (states.count(DownloadState.WAITING), "waiting"),
        (states.count(DownloadState.PAUSED), "paused"),
        (states.count(DownloadState.FAILED), "stopped"),
    )
    whole = sum(one.download.size_bytes for one in open_ones)
    done = sum(one.download.done_bytes for one in open_ones)
    speed = sum(one.bytes_per_second or 0.0 for one in open_ones if one.download.state is DownloadState.RUNNING)
    parts = [", ".join(f"{count} {words}" for count, words in counts if count), _of(done, whole, " of ")]
    return " · ".join([*parts, speed_words(speed)] if speed else parts)


def _of(done: int, whole: int, between: str) -> str:
    """Both in the unit of the whole. What is done is not rounded up to all of it."""
    unit, name = (_GB, "GB") if whole >= _GB else (_MB, "MB")
    tenths = math.floor(10 * done / unit) / 10
    return f"{tenths:.1f}{between}{whole / unit:.1f} {name}"
