"""Refuses every connection and name look-up beyond this computer, and fails the test that tried."""

import ipaddress
import sys
from collections.abc import Iterator

import pytest

SENDING = ("socket.connect", "socket.sendto", "socket.sendmsg")
LOOKING_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")

_attempts: list[str] = []


class NetworkForbiddenError(RuntimeError):
    """A test reached for another computer."""


def is_this_computer(host: object) -> bool:
    """Whether `host`, a name or an address as Python's sockets take it, is certain to be this computer."""
    if isinstance(host, bytes | bytearray):
        host = bytes(host).decode(errors="replace")
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).split("%", 1)[0]).is_loopback
    except ValueError:
        return False


def _on_audit(event: str, arguments: tuple[object, ...]) -> None:
    """Called by Python before it acts; what is raised here keeps it from acting."""
    if event in SENDING:
        address = arguments[1]
        if not isinstance(address, tuple) or is_this_computer(address[0]):  # no tuple: a local socket's path
            return
    elif event not in LOOKING_UP or is_this_computer(arguments[0]):
        return
    _attempts.append(f"{event} {arguments[1:] if event in SENDING else arguments[0]}")
    raise NetworkForbiddenError(_attempts[-1])


def pytest_configure() -> None:
    """Hear of every socket, whoever opens it: an audit hook cannot be gone around."""
    sys.addaudithook(_on_audit)


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Code under test may swallow the refusal; the test fails all the same."""
    _attempts.clear()
    yield
    if _attempts:
        pytest.fail("reached beyond this computer:\n" + "\n".join(_attempts), pytrace=False)
