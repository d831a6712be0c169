"""What a person can do about a download, and what is asked for when one is begun."""

from dataclasses import dataclass
from enum import Enum, auto

from app.core.plan import ModelFile


class DownloadAct(Enum):
    """One press."""

    START = auto()
    PAUSE = auto()
    RESUME = auto()
    CANCEL = auto()
    OPEN = auto()
    SHOW_PAGE = auto()  # the page on which one agrees to a gated model's terms
    GIVE_TOKEN = auto()  # of an account that may have it
    SHOW_IN_FOLDER = auto()
    CLEAR = auto()  # off the list; the model stays
    MOVE_UP = auto()
    MOVE_DOWN = auto()


@dataclass(frozen=True, slots=True)
class AddRequest:
    """A model's file that is to be fetched from the repository "owner/name"; see DownloadService.add().

    `with_projector`: and what lets it see.
    """

    repository: str
    file: ModelFile
    name: str = ""
    revision: str = ""
    with_projector: bool = False

    def is_for(self, repository: str, file_name: str) -> bool:
        """Whether it asks for this file."""
        return (self.repository, self.file.name) == (repository, file_name)
