"""The queue of downloads: what is fetched in which order, and how each ends (only the interface, as yet)."""

from collections.abc import Iterator

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadProgress, DownloadRoom
from app.core.plan import ModelFile


class DownloadService:
    """Keeps the queue; nothing runs by itself: whoever has a thread calls fetch()."""

    def downloads(self) -> tuple[Download, ...]:
        """All of them in their order, the finished ones last."""
        raise NotImplementedError

    def room(self) -> DownloadRoom:
        """The folder that a download added now would go to, and what is free there."""
        raise NotImplementedError

    def add(
        self, repository: str, file: ModelFile, cancel: CancelToken, name: str = "", revision: str = ""
    ) -> Download:
        """Queue a model's file, with all its parts; one that is queued already is given back as it is.

        The hub is asked for the list of files. Raises HubError (GatedError with the page), DiskFullError when there is
        no room, InvalidParameterError for a name that cannot be a file, CancelledError.
        """
        raise NotImplementedError

    def startable(self) -> tuple[Download, ...]:
        """Those that are to be fetched now: waiting ones, as many as may run at once beside those that do."""
        raise NotImplementedError

    def fetch(self, download_id: int, cancel: CancelToken) -> Iterator[DownloadProgress]:
        """Fetch one to its end, from where it stands; the last event tells how it ended, and nothing known is raised.

        A cancelled token pauses it within 100 ms. Several may be fetched at once, each on a thread of its own.
        """
        raise NotImplementedError

    def pause(self, download_id: int) -> None:
        """Let it not be startable; one that is being fetched is paused by its cancel token."""
        raise NotImplementedError

    def resume(self, download_id: int) -> None:
        """Let a paused or failed one wait for its turn again."""
        raise NotImplementedError

    def move(self, download_id: int, place: int) -> None:
        """Give it another place among those that wait; 0 is the next."""
        raise NotImplementedError

    def remove(self, download_id: int) -> None:
        """Take it off the list; what was fetched of an unfinished one is deleted. Not while it is being fetched."""
        raise NotImplementedError
