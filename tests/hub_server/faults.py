"""What can go wrong at the hub of the tests, on demand."""

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """Which requests a fault hits."""

    API = "api"  # lists and facts, as JSON
    FILE = "file"  # files, at the hub itself
    STORAGE = "storage"  # large files, at the host that the hub sends to


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, or several at once. Places are bytes of the body, from 0; None is nowhere.

    `status` answers with that status, `headers` are sent as well and `body` instead of the right one. `drop_at` breaks
    the connection off there and `stall_at` falls silent, `bytes_per_second` is slow. `corrupt_at` flips a byte, counted
    in the whole file. `ignores_range` sends the whole file for a part of it, `range_shift` begins
    so many bytes later than it was asked to. `length_error` is added to the length that
    is said: above 0 the body is shorter than that, below 0 cut to it. `endless` goes on for ever without a length.
    `etag` and `size` take the place of the file's own in headers. `method` limits it to "HEAD" or "GET".
    """

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    drop_at: int | None = None
    stall_at: int | None = None
    bytes_per_second: int = 0
    corrupt_at: int | None = None
    ignores_range: bool = False
    range_shift: int = 0
    length_error: int = 0
    endless: bool = False
    etag: str = ""
    size: int | None = None
    method: str = ""


NO_FAULT = Fault()


def too_many_requests(seconds: int) -> Fault:
    """429, with the time to wait."""
    return Fault(status=429, headers=(("Retry-After", str(seconds)),))


def refused(status: int, code: str = "", message: str = "") -> Fault:
    """An error as the hub tells it: in its headers."""
    headers = (("X-Error-Code", code), ("X-Error-Message", message))
    return Fault(status=status, headers=tuple((name, value) for name, value in headers if value))
