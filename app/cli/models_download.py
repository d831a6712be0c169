"""`inglenook models download`: fetches a model into the library, by the same queue as the window."""

import json
import shutil
import sys
import textwrap
import time
from collections.abc import Iterator

import click

from app.bootstrap import ModelServices, Options, assemble_models
from app.cli import exit_codes
from app.cli.terminal import interruptible
from app.core.cancel import CancelToken
from app.core.download import Download, DownloadProgress, DownloadState, DownloadStep
from app.core.errors import GatedError
from app.core.plan_wording import verdict_words
from app.core.quantities import file_size
from app.core.speed_wording import duration_words
from app.network.press import pressed
from app.services.download_choice import DownloadChoice, choose_download
from app.services.downloads import DownloadService
from app.services.plans import PlanRequest

_WIDTH = 100
_BAR = 24
_POLL_SECONDS = 1.0
_STOPPED = (DownloadState.PAUSED, DownloadState.FAILED, DownloadState.DONE)


def download(options: Options, reference: str, as_json: bool, with_projector: bool = False) -> int:
    """Download the model that `reference` names; returns the exit code. Raises InglenookError.

    On a terminal a line on standard error shows how far it is; the path is printed at the end. With `as_json` there is
    a line with an object for each second, and one for the end.
    """
    with assemble_models(options) as models, interruptible() as cancel, pressed("inglenook models download"):
        try:
            queued = _queued(models, reference, cancel, as_json, with_projector)
        except GatedError as error:
            click.echo(_with_page(error.sentence, error.page), err=True)
            return exit_codes.FAILURE
        show = _JsonLines() if as_json else _Line()
        for progress in _followed(models.downloads, queued, cancel):
            show.step(progress)
        ended = next((one for one in models.downloads.downloads() if one.id == queued.id), None)
        show.end(ended)
        return _told(ended, reference, cancel, as_json)


def _queued(
    models: ModelServices, reference: str, cancel: CancelToken, as_json: bool, with_projector: bool
) -> Download:
    """Put it in front of all that wait, and say what was chosen."""
    choice = choose_download(models.plans, reference, PlanRequest(), cancel)
    queued = models.downloads.add(
        choice.repository, choice.plan.file, cancel, choice.name, choice.revision, with_projector=with_projector
    )
    models.downloads.resume(queued.id)
    models.downloads.move(queued.id, 0)
    if not as_json:
        for line in _choice_words(choice, queued):
            click.echo(textwrap.fill(line, _WIDTH), err=True)
    return queued


def _choice_words(choice: DownloadChoice, queued: Download) -> Iterator[str]:
    what = " ".join(part for part in (choice.name, queued.quantization) if part)
    yield f"{what} from {queued.repository}, {file_size(queued.size_bytes)}"
    if choice.is_advised:
        yield f"Advised for this computer: {choice.plan.reason}"
    else:
        yield f"On this computer: {verdict_words(choice.plan)}. {choice.plan.reason}"
    yield f"License: {choice.license or queued.license or 'its repository names none'}"
    yield f"To {queued.model_path.parent}"


def _followed(downloads: DownloadService, queued: Download, cancel: CancelToken) -> Iterator[DownloadProgress]:
    """Fetch it, look on while another process does, or wait for its turn, until it stops or `cancel` is cancelled."""
    while not cancel.cancelled:
        found = next((one for one in downloads.downloads() if one.id == queued.id), None)
        if found is None or found.state in _STOPPED:
            return
        if any(one.id == queued.id for one in downloads.startable()):
            yield from downloads.fetch(queued.id, cancel)
            continue
        if found.state is DownloadState.RUNNING:
            yield from downloads.fetch(queued.id, cancel)  # which tells who does it
        else:
            yield DownloadProgress(found)
        cancel.wait(_POLL_SECONDS)


def _told(ended: Download | None, reference: str, cancel: CancelToken, as_json: bool) -> int:
    """Say how it ended; the exit code."""
    if ended is None:
        click.echo("It was removed from the list of downloads.", err=True)
        return exit_codes.FAILURE
    if ended.state is DownloadState.DONE:
        if not as_json:
            click.echo(str(ended.model_path))
        return exit_codes.DONE
    if cancel.cancelled and ended.state is not DownloadState.FAILED:
        done = f"{file_size(ended.done_bytes)} of {file_size(ended.size_bytes)}"
        if ended.state is DownloadState.PAUSED:
            words = f'Paused at {done}. The same command goes on from there: inglenook models download "{reference}"'
            click.echo(words, err=True)
        return exit_codes.CANCELLED
    click.echo(_with_page(ended.sentence, ended.page) or "It was paused elsewhere.", err=True)
    return exit_codes.FAILURE


def _with_page(sentence: str, page: str) -> str:
    return sentence if page in sentence else f"{sentence} {page}"


class _Line:
    """One line on standard error, when that is a terminal, that is written over and over."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._said = ""

    def step(self, progress: DownloadProgress) -> None:
        """Say how far it is."""
        if self._is_shown:
            words = progress_words(progress)[: shutil.get_terminal_size().columns - 1]
            click.echo(f"\r\033[K{words}", err=True, nl=False)
        elif progress.download.sentence and progress.download.sentence != self._said:
            click.echo(progress.download.sentence, err=True)
            self._said = progress.download.sentence

    def end(self, _ended: Download | None) -> None:
        """Leave the line empty."""
        if self._is_shown:
            click.echo("\r\033[K", err=True, nl=False)


class _JsonLines:
    """An object a line on standard output."""

    def __init__(self) -> None:
        self._next = 0.0

    def step(self, progress: DownloadProgress) -> None:
        """Print it unless one was printed within the last second."""
        now = time.monotonic()
        if progress.download.state in _STOPPED or now < self._next:
            return
        self._next = now + 1.0
        click.echo(json.dumps(_values(progress), ensure_ascii=False))

    def end(self, ended: Download | None) -> None:
        """Print the last one."""
        if ended is not None:
            click.echo(json.dumps(_values(DownloadProgress(ended)), ensure_ascii=False))


def _values(progress: DownloadProgress) -> dict[str, str | int | float | list[str] | None]:
    """What --json prints: sizes in bytes, times in seconds; None is not known, and empty what does not apply."""
    download = progress.download
    left, speed = progress.seconds_left, progress.bytes_per_second
    return {
        "id": download.id,
        "name": download.name,
        "repository": download.repository,
        "revision": download.revision,
        "quantization": download.quantization,
        "license": download.license,
        "files": [str(file.target) for file in download.files],
        "state": download.state.value,
        "step": progress.step.value if download.state is DownloadState.RUNNING else "",
        "done_bytes": download.done_bytes,
        "size_bytes": download.size_bytes,
        "checked_bytes": progress.checked_bytes,
        "bytes_per_second": None if speed is None else round(speed),
        "seconds_left": None if left is None else round(left, 1),
        "sentence": download.sentence,
        "page": download.page,
    }


def progress_words(progress: DownloadProgress) -> str:
    """For example "[#########---------------]  37 %  5.3 GB of 14.3 GB  85.1 MB/s  about 2 minutes left"."""
    download = progress.download
    share = min(download.done_bytes / download.size_bytes, 1.0) if download.size_bytes else 0.0
    full = int(share * _BAR)
    parts = [f"[{'#' * full}{'-' * (_BAR - full)}] {int(share * 100):3d} %"]
    if download.state is DownloadState.WAITING:
        parts.append("waiting for its turn")
    elif progress.step is DownloadStep.CHECKING:
        parts.append(f"checking what is there, {file_size(progress.checked_bytes)}")
    elif download.sentence:
        parts.append(download.sentence)
    else:
        parts.append(f"{file_size(download.done_bytes)} of {file_size(download.size_bytes)}")
        if progress.bytes_per_second is not None:
            parts.append(f"{file_size(round(progress.bytes_per_second))}/s")
        if progress.seconds_left is not None:
            parts.append(f"{duration_words(progress.seconds_left)} left")
    return "  ".join(parts)
