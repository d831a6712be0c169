"""Every way in which the hub can fail is told in a sentence that says what happened and what to do."""

import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest

from app.core.errors import (
    GatedError,
    HubBusyError,
    HubConnectionError,
    HubError,
    HubFaultError,
    HubOfflineError,
    HubRefusedError,
    HubTokenError,
    RepositoryFileNotFoundError,
    RepositoryNotFoundError,
)
from app.hub.refusals import LinkExpiredError, error_of_failure, error_of_status

ENDPOINT = "https://hub.example"
PAGE = "https://hub.example/a/b"


def told(status: int, *, has_token: bool = False, from_hub: bool = True, **headers: str) -> HubError:
    sent = httpx2.Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return error_of_status(status, sent, ENDPOINT, "a/b/c.gguf", has_token, from_hub)


BAD_TOKEN: dict[str, Any] = {"X_Error_Message": "Invalid credentials in Authorization header"}


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (told(401, X_Error_Code="RepoNotFound"), RepositoryNotFoundError, r"hub\.example has no model a/b .* spelling"),
        (told(404, X_Error_Code="RepoNotFound", has_token=True), RepositoryNotFoundError, "your account may see"),
        (told(401), RepositoryNotFoundError, "the public may see"),
        (told(404), RepositoryNotFoundError, "Check the spelling"),
        (told(404, X_Error_Code="RevisionNotFound"), RepositoryFileNotFoundError, "a/b no longer has the version"),
        (told(404, X_Error_Code="EntryNotFound"), RepositoryFileNotFoundError, r"has no file a/b/c\.gguf"),
        (
            told(401, X_Error_Code="GatedRepo"),
            GatedError,
            f"Open {PAGE}, sign in and agree. Then give Inglenook a token",
        ),
        (told(403, X_Error_Code="GatedRepo", has_token=True), GatedError, f"Open {PAGE}, sign in and agree.$"),
        (told(401, has_token=True, **BAD_TOKEN), HubTokenError, f"Make a new one at {ENDPOINT}/settings/tokens"),
        (told(401, has_token=True), HubTokenError, "does not accept your token"),
        (told(403), HubRefusedError, r"does not give a/b/c\.gguf \(status 403\)"),
        (told(451), HubRefusedError, r"\(status 451\)"),
        (told(403, X_Error_Message="Access to this resource is disabled."), HubRefusedError, "has taken a/b down"),
        (told(429), HubBusyError, "Try again in a few minutes"),
        (told(500), HubFaultError, r"has a fault at the moment \(status 500\)\. Try again later"),
        (told(503), HubFaultError, r"\(status 503\)"),
        (told(403, from_hub=False), LinkExpiredError, r"The storage of hub\.example does not give a/b/c\.gguf"),
        (told(503, from_hub=False), HubFaultError, "has a fault at the moment"),
    ],
)
def test_a_status_is_told_by_its_kind_and_in_a_sentence(error: HubError, kind: type[HubError], sentence: str) -> None:
    assert type(error) is kind
    with pytest.raises(kind, match=sentence):
        raise error
    assert "status" in error.detail


def test_a_gated_repository_names_its_page() -> None:
    error = told(401, X_Error_Code="GatedRepo")
    assert isinstance(error, GatedError)
    assert error.page == PAGE


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Retry_After": "120"}, 120),
        ({"Retry_After": " 7 "}, 7),
        ({"Retry_After": "soon"}, 0),
        ({"Retry_After": "-5"}, 0),
        ({"Retry_After": "9" * 400}, 86_400),
        ({"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"Retry_After": "Wed, 99 Oct 2015 07:28:00 GMT"}, 0),
        ({"RateLimit": '"api";r=0;t=55'}, 55),
        ({"RateLimit": '"api";r=0;t=55', "Retry_After": "7"}, 55),
        ({"RateLimit": '"api";r=12;t=55', "Retry_After": "7"}, 7),
        ({"RateLimit": "nonsense"}, 0),
    ],
)
def test_how_long_to_wait_is_read_from_what_the_hub_says(headers: dict[str, Any], seconds: int) -> None:
    error = told(429, **headers)
    assert isinstance(error, HubBusyError)
    assert error.retry_after_seconds == seconds
    assert (f"Try again in {seconds} s." in error.sentence) == (seconds > 0)


def test_a_date_to_wait_for_is_understood() -> None:
    until = datetime.now(UTC) + timedelta(seconds=500)
    error = told(429, Retry_After=format_datetime(until, usegmt=True))
    assert isinstance(error, HubBusyError)
    assert 480 <= error.retry_after_seconds <= 501


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (httpx2.ConnectError("refused"), HubOfflineError, "cannot be reached"),
        (httpx2.ConnectTimeout("no answer"), HubOfflineError, "all models on this computer work without it"),
        (httpx2.ProxyError("403"), HubOfflineError, "cannot be reached"),
        (httpx2.ReadTimeout("silence"), HubConnectionError, "has stopped answering"),
        (httpx2.ReadError("reset"), HubConnectionError, "broke off"),
        (httpx2.RemoteProtocolError("short"), HubConnectionError, "broke off"),
        (httpx2.TooManyRedirects("round and round"), HubFaultError, "cannot be used"),
        (httpx2.UnsupportedProtocol("gopher"), HubFaultError, "cannot be used"),
    ],
)
def test_a_failed_request_is_told_by_its_kind_and_in_a_sentence(
    error: Exception, kind: type[HubError], sentence: str
) -> None:
    found = error_of_failure(error, "hub.example")
    assert type(found) is kind
    assert "hub.example" in found.sentence
    assert sentence in found.sentence
    assert str(error) in found.detail


def test_a_certificate_that_is_not_accepted_is_not_called_a_missing_connection() -> None:
    cause = ssl.SSLCertVerificationError("certificate verify failed")
    cause.verify_message = "certificate has expired"
    error = httpx2.ConnectError("failed")
    error.__cause__ = cause
    assert "certificate has expired" in error_of_failure(error, "hub.example").sentence


def test_a_token_that_is_refused_comes_with_the_page_of_what_it_was_for() -> None:
    error = told(401, has_token=True, **BAD_TOKEN)
    assert isinstance(error, HubTokenError)
    assert error.page == PAGE
