"""What is asked of a search at the hub, and what it finds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ABILITIES = ("tools", "vision")
"""What a search can ask for: the words are those of Offer.abilities."""


class SearchOrder(StrEnum):
    """What comes first."""

    DOWNLOADS = "downloads"  # of the last 30 days
    LIKES = "likes"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class HubSearch:
    """A question to the hub. Only repositories with GGUF files are found.

    `text` is looked for in "owner/name"; empty is all. Of `licenses` (the hub's short names, "apache-2.0") one must
    hold, of `abilities` all. `parameters` are the least and the most, both included; a repository of which the count is
    not known is left out then. `without_account` leaves out those that ask for an account and their terms agreed to.
    `after` is a SearchPage's `next`, of a search that is the same otherwise.
    """

    text: str = ""
    licenses: tuple[str, ...] = ()
    abilities: tuple[str, ...] = ()
    parameters: tuple[int, int] | None = None
    without_account: bool = False
    order: SearchOrder = SearchOrder.DOWNLOADS
    page_size: int = 30
    after: str = ""


@dataclass(frozen=True, slots=True)
class FoundRepository:
    """A repository "owner/name" as a search tells it; what the hub does not say is empty, 0 or None.

    `downloads` are those of the last 30 days. Architecture, parameter count and context length in tokens are those of
    one of its GGUF files, and `abilities` what that file's chat template and the other files show.
    """

    id: str
    page: str = ""
    downloads: int | None = None
    likes: int | None = None
    updated: datetime | None = None
    license: str = ""
    gated: bool | None = None
    architecture: str = ""
    parameter_count: int = 0
    context_length: int = 0
    abilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some of what was found, in its order; `next` asks for more, empty when that is all.

    It may be shorter than the page size, and even empty, while there is more: some filters are our own.
    """

    found: tuple[FoundRepository, ...]
    next: str = ""
