"""What is read from Python's audit events: every host and every program, and nothing that stays here."""

from pathlib import Path
from typing import Any

import pytest

from app.network.attempts import WATCHED, Act, Attempt, attempt_of

SOCKET = object()


@pytest.mark.parametrize(
    ("event", "arguments", "act", "place"),
    [
        ("socket.getaddrinfo", ("Example.COM.", 443, 0, 0, 0), Act.LOOK_UP, "example.com:443"),
        ("socket.getaddrinfo", (b"example.com", "https", 0, 0, 0), Act.LOOK_UP, "example.com"),
        ("socket.gethostbyname", ("example.com",), Act.LOOK_UP, "example.com"),
        ("socket.gethostbyaddr", ("192.0.2.1",), Act.LOOK_UP, "192.0.2.1"),
        ("socket.getnameinfo", (("192.0.2.1", 53),), Act.LOOK_UP, "192.0.2.1:53"),
        ("socket.connect", (SOCKET, ("192.0.2.1", 80)), Act.REACH, "192.0.2.1:80"),
        ("socket.connect", (SOCKET, ("fe80::1%eth0", 80, 0, 2)), Act.REACH, "fe80::1:80"),
        ("socket.sendto", (SOCKET, ("192.0.2.1", 53)), Act.REACH, "192.0.2.1:53"),
        ("socket.sendmsg", (SOCKET, ("192.0.2.1", 53)), Act.REACH, "192.0.2.1:53"),
        ("socket.bind", (SOCKET, ("", 8080)), Act.LISTEN, "*:8080"),
        ("subprocess.Popen", ("curl", ["curl", "x"], None, None), Act.START, "curl"),
        ("subprocess.Popen", (None, '"C:\\a b\\c.exe" -x "y"', None, None), Act.START, "C:\\a b\\c.exe"),
        ("subprocess.Popen", (None, "c.exe -x", None, None), Act.START, "c.exe"),
        ("_winapi.CreateProcess", (None, "c.exe -x", None), Act.START, "c.exe"),
        ("os.system", (b"curl example.com\n",), Act.START, "curl example.com\N{REPLACEMENT CHARACTER}"),
        ("os.exec", (Path("/bin/sh"), ["sh"], None), Act.START, str(Path("/bin/sh"))),
        ("os.posix_spawn", ("/bin/sh", ["sh"], {}), Act.START, "/bin/sh"),
        ("os.spawn", (0, "sh", ["sh"], None), Act.START, "sh"),
        ("os.startfile", ("x.html", "open"), Act.START, "x.html"),
        ("pty.spawn", (["sh"],), Act.START, "sh"),
        ("webbrowser.open", ("https://example.com",), Act.START, "https://example.com"),
    ],
)
def test_what_reaches_out(event: str, arguments: tuple[Any, ...], act: Act, place: str) -> None:
    found = attempt_of(event, arguments)
    assert isinstance(found, Attempt)
    assert (found.act, found.place) == (act, place)
    assert event in WATCHED


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.connect", (SOCKET, "/run/user/1000/bus")),
        ("socket.connect", (SOCKET, b"\0abstract")),
        ("socket.bind", (SOCKET, "/tmp/socket")),
        ("socket.sendmsg", (SOCKET, None)),
        ("socket.getaddrinfo", (None, 80, 0, 0, 0)),
    ],
)
def test_what_stays_here(event: str, arguments: tuple[Any, ...]) -> None:
    assert attempt_of(event, arguments) is None


@pytest.mark.parametrize("event", ["open", "import", "compile", "sqlite3.connect", "os.listdir", "socket.gethostname"])
def test_what_is_not_looked_at(event: str) -> None:
    assert event not in WATCHED
