"""The words of a download on the terminal."""

from pathlib import Path

import pytest

from app.cli.models_download import progress_words
from app.core.download import Download, DownloadFile, DownloadProgress, DownloadState, DownloadStep

GB = 10**9


def _progress(
    state: DownloadState = DownloadState.RUNNING,
    sentence: str = "",
    step: DownloadStep = DownloadStep.FETCHING,
    speed: float | None = None,
    left: float | None = None,
) -> DownloadProgress:
    file = DownloadFile("a.gguf", Path("a.gguf"), 14 * GB)
    download = Download(1, "A", "o/a", "", "", (file,), state, 7 * GB, sentence)
    return DownloadProgress(download, step, speed, left, 3 * GB)


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (_progress(speed=85e6, left=85.0), "7.0 GB of 14.0 GB  85.0 MB/s  about 1 minute left"),
        (_progress(), "7.0 GB of 14.0 GB"),
        (_progress(step=DownloadStep.CHECKING), "checking what is there, 3.0 GB"),
        (_progress(step=DownloadStep.RETRYING, sentence="The hub is busy."), "The hub is busy."),
        (_progress(DownloadState.WAITING), "waiting for its turn"),
    ],
)
def test_a_line_says_how_far_it_is(progress: DownloadProgress, words: str) -> None:
    assert progress_words(progress) == f"[############------------]  50 %  {words}"
