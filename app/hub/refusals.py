"""Puts into sentences why the hub could not be reached, what it refused, and what it answered instead."""

import contextlib
import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2

from app.core.errors import (
    GatedError,
    HubBusyError,
    HubConnectionError,
    HubError,
    HubFaultError,
    HubOfflineError,
    HubRefusedError,
    HubTokenError,
    NetworkForbiddenError,
    RepositoryFileNotFoundError,
    RepositoryNotFoundError,
)

_MOST_WAIT_SECONDS = 86_400
_MOST_DETAIL = 300
# What remains, and in how many seconds it is more; draft-ietf-httpapi-ratelimit-headers-09.
_RATE_LIMIT = re.compile(r"\br\s*=\s*(\d{1,9})\s*;\s*t\s*=\s*(\d{1,9})")
_DISABLED = "Access to this resource is disabled."
_BAD_TOKEN = "Invalid credentials in Authorization header"


class LinkExpiredError(HubFaultError):
    """The storage behind the hub no longer accepts a signed link: the hub gives a new one."""


def host_of(endpoint: str) -> str:
    """What the hub at this address is called in sentences."""
    return urlsplit(endpoint).hostname or endpoint


def error_of_failure(error: Exception, host: str) -> HubError:
    """What it means that a request to the hub called `host` got no whole answer."""
    detail = _shortened(f"{type(error).__name__}: {error}")
    causes = list(_causes(error))
    if refused := next((one for one in causes if isinstance(one, ssl.SSLCertVerificationError)), None):
        return HubOfflineError(
            f"No secure connection to {host} can be made: its certificate is not accepted ({refused.verify_message}). "
            "Check this computer's clock, and whether a proxy or a virus scanner reads along.",
            detail,
        )
    if forbidden := next((one for one in causes if isinstance(one, NetworkForbiddenError)), None):
        return HubRefusedError(forbidden.sentence, forbidden.detail)
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
        return HubOfflineError(
            f"{host} cannot be reached. Check the connection to the internet; all models on this computer work without "
            "it.",
            detail,
        )
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol | httpx2.TooManyRedirects):
        return not_understood(host, detail)
    if isinstance(error, httpx2.TimeoutException):
        return HubConnectionError(f"{host} has stopped answering. Try again.", detail)
    return HubConnectionError(f"The connection to {host} broke off. Try again.", detail)


def not_understood(host: str, detail: str) -> HubFaultError:
    """An answer makes no sense."""
    return HubFaultError(
        f"The answer of {host} cannot be used. A network that wants you to sign in first answers like this, and so "
        "does a mirror with a wrong address; if it is neither, try again later.",
        _shortened(detail),
    )


def error_of_status(
    status: int, headers: Mapping[str, str], endpoint: str, subject: str, has_token: bool, from_hub: bool
) -> HubError:
    """What an answer with this status and these headers means. `subject` is "owner/name", or that with a file's path.

    `from_hub` is False for the storage to which the hub sends for its files.
    """
    host = host_of(endpoint)
    code, said = headers.get("X-Error-Code", ""), headers.get("X-Error-Message", "")
    detail = _shortened(f"status {status} {code} {said}".rstrip())
    if status == httpx2.codes.TOO_MANY_REQUESTS:
        return _busy(f"{host} has had too many requests from here.", headers, detail)
    if status == httpx2.codes.SERVICE_UNAVAILABLE and _seconds_to_wait(headers):
        return _busy(f"{host} has a fault at the moment (status {status}).", headers, detail)
    if status >= httpx2.codes.INTERNAL_SERVER_ERROR:
        return HubFaultError(f"{host} has a fault at the moment (status {status}). Try again later.", detail)
    if not from_hub:
        return LinkExpiredError(f"The storage of {host} does not give {subject} (status {status}). Try again.", detail)
    if found := _refusal(status, code, said, endpoint, subject, has_token):
        found.detail = detail
        return found
    return HubRefusedError(f"{host} does not give {subject} (status {status}).", detail)


def _refusal(status: int, code: str, said: str, endpoint: str, subject: str, has_token: bool) -> HubError | None:
    repository = "/".join(subject.split("/")[:2])
    host = host_of(endpoint)
    if code == "GatedRepo":
        page = f"{endpoint}/{repository}"
        after = "" if has_token else " Then give Inglenook a token of that account."
        return GatedError(
            f"{repository} is given only to those who have agreed to its terms. Open {page}, sign in and agree.{after}",
            page=page,
        )
    if code == "RevisionNotFound":
        return RepositoryFileNotFoundError(f"{repository} no longer has the version that was asked for.")
    if code == "EntryNotFound":
        return RepositoryFileNotFoundError(f"{host} has no file {subject}.")
    if said == _DISABLED:
        return HubRefusedError(f"{host} has taken {repository} down.")
    if has_token and (said == _BAD_TOKEN or (status == httpx2.codes.UNAUTHORIZED and code != "RepoNotFound")):
        return HubTokenError(
            f"{host} does not accept your token. Make a new one at {endpoint}/settings/tokens.",
            page=f"{endpoint}/{repository}" if "/" in repository else "",
        )
    if code == "RepoNotFound" or status in (httpx2.codes.UNAUTHORIZED, httpx2.codes.NOT_FOUND):
        whom = "your account" if has_token else "the public"
        return RepositoryNotFoundError(
            f"{host} has no model {repository} that {whom} may see. Check the spelling of its owner and its name."
        )
    return None


def _busy(why: str, headers: Mapping[str, str], detail: str) -> HubBusyError:
    seconds = _seconds_to_wait(headers)
    when = f"in {seconds} s" if seconds else "in a few minutes"
    return HubBusyError(f"{why} Try again {when}.", detail, seconds)


def _seconds_to_wait(headers: Mapping[str, str]) -> int:
    """What RateLimit or Retry-After say, which may be a number or a date; 0 when neither does."""
    limit = _RATE_LIMIT.search(headers.get("RateLimit", ""))
    if limit and limit[1].strip("0") == "":
        return min(int(limit[2]), _MOST_WAIT_SECONDS)
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), _MOST_WAIT_SECONDS)
    with contextlib.suppress(ValueError, OverflowError):
        date = parsedate_to_datetime(text)
        until = (date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)
        return min(max(round(until.total_seconds()), 0), _MOST_WAIT_SECONDS)
    return 0


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _shortened(text: str) -> str:
    return " ".join(text.split())[:_MOST_DETAIL]
