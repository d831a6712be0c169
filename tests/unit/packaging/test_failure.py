"""Shows that what a command printed is turned into the sentence that helps."""

import errno

import pytest

from dev_steps.failure import explained, from_os_error


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("fatal error: error writing to /tmp/x.s: No space left on device", "disk is full"),
        ("NewConnectionError: Failed to establish a new connection: [Errno -2] Name or service", "does not reach"),
        ("error: Failed to fetch\n  Caused by: dns error", "does not reach"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "its hash differs"),
        ("ninja: build stopped: subcommand failed.", "something else"),
    ],
)
def test_the_cause_is_named(output: str, expected: str) -> None:
    assert expected in explained(output, "something else").sentence


def test_errors_of_files_name_the_file() -> None:
    assert "disk is full (/a/b)" in from_os_error(OSError(errno.ENOSPC, "No space left on device", "/a/b")).sentence
    assert (
        "Permission denied (/a/b)" in from_os_error(PermissionError(errno.EACCES, "Permission denied", "/a/b")).sentence
    )
