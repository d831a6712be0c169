"""The tests' hub itself: its contents are what they say, and its faults are what their names promise."""

import hashlib
import time
from pathlib import Path

import httpx2
import pytest

from tests.hub_server.contents import LARGE_BYTES, PIECE_BYTES, Bytes, Content, Generated, LocalFile, bytes_of, large
from tests.hub_server.faults import Fault, Part, refused
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer, Sent

ID = "a/b"
DATA = bytes(range(200)) * 10


@pytest.fixture
def address(hub_server: HubServer) -> str:
    """Of a file of DATA that the hub serves itself."""
    hub_server.redirects = False
    hub_server.add(ServedRepository(ID, {"x.gguf": Bytes(DATA)}))
    return f"{hub_server.endpoint}/{ID}/resolve/main/x.gguf"


def read_into(data: bytearray, answer: httpx2.Response) -> None:
    """Add the body's bytes to `data` as they come."""
    for chunk in answer.iter_raw():
        data += chunk


@pytest.mark.parametrize("start", [0, 3, 8, 9, 300, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 5])
def test_generated_bytes_are_the_same_wherever_reading_begins(start: int) -> None:
    content = Generated(2 * PIECE_BYTES + 77, first=b"GGUF" * 30)
    whole = bytes_of(content)
    assert len(whole) == content.size
    assert whole.startswith(b"GGUF" * 30)
    assert content.sha256 == hashlib.sha256(whole).hexdigest()
    for end in (start, start + 1, start + 7, start + PIECE_BYTES + 3, content.size):
        assert bytes_of(content, start, end) == whole[start:end]


def test_generated_bytes_repeat_nowhere_and_differ_by_seed() -> None:
    pieces = [bytes_of(Generated(LARGE_BYTES), n * PIECE_BYTES, n * PIECE_BYTES + 16) for n in range(3)]
    pieces.append(bytes_of(large(), 0, 16))
    assert len(set(pieces)) == 4


def test_two_gigabytes_take_no_time_until_they_are_read() -> None:
    content = large()
    assert (content.size, len(content.sha256)) == (2_000_000_000, 64)
    assert len(bytes_of(content, content.size - 10)) == 10


def test_a_local_file_is_served_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(DATA)
    contents: list[Content] = [LocalFile(path), Bytes(DATA)]
    assert len({(content.size, content.sha256, bytes_of(content, 5, 1500)) for content in contents}) == 1


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("", 200, 0, 2000),
        ("bytes=10-19", 206, 10, 20),
        ("bytes=1990-", 206, 1990, 2000),
        ("bytes=5-9999", 206, 5, 2000),
    ],
)
def test_ranges_are_served(hub_server: HubServer, address: str, asked: str, status: int, start: int, end: int) -> None:
    answer = httpx2.get(address, headers={"Range": asked} if asked else {})
    assert (answer.status_code, answer.content) == (status, DATA[start:end])
    assert answer.headers.get("Content-Range", "") == (f"bytes {start}-{end - 1}/2000" if asked else "")
    assert hub_server.sent == [Sent(Part.FILE, "x.gguf", start, end - start)]


def test_a_range_behind_the_end_is_refused(address: str) -> None:
    assert httpx2.get(address, headers={"Range": "bytes=2000-"}).status_code == 416


def test_a_head_has_the_hub_s_headers_and_a_link(hub_server: HubServer, address: str) -> None:
    hub_server.redirects = True
    answer = httpx2.head(address)
    assert answer.status_code == 302
    digest = hashlib.sha256(DATA).hexdigest()
    assert (answer.headers["X-Linked-Etag"], answer.headers["X-Linked-Size"]) == (f'"{digest}"', "2000")
    assert len(answer.headers["X-Repo-Commit"]) == 40
    link = answer.headers["Location"]
    assert httpx2.URL(link).port != httpx2.URL(address).port
    stored = httpx2.get(link)
    assert (stored.status_code, stored.content) == (200, DATA)
    assert digest not in stored.headers["ETag"], "the storage has one of its own"
    hub_server.expire_links()
    assert httpx2.get(link).status_code == 403
    hub_server.link_seconds = 0.02
    link = httpx2.head(address).headers["Location"]
    time.sleep(0.05)
    assert httpx2.get(link).status_code == 403


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(drop_at=0), httpx2.RemoteProtocolError),
        (Fault(drop_at=700), httpx2.RemoteProtocolError),
        (Fault(length_error=1), httpx2.RemoteProtocolError),
        (Fault(stall_at=700), httpx2.ReadTimeout),
    ],
)
def test_a_broken_body_is_broken_where_it_should(
    hub_server: HubServer, address: str, fault: Fault, error: type[Exception]
) -> None:
    hub_server.fail(Part.FILE, fault, times=1)
    read = bytearray()
    with httpx2.stream("GET", address, timeout=0.2) as answer, pytest.raises(error):
        read_into(read, answer)
    place = 2000 if fault.length_error else fault.stall_at if fault.stall_at is not None else fault.drop_at
    assert read == DATA[:place]
    assert httpx2.get(address).content == DATA, "a fault that is used up is gone"


def test_other_faults_are_what_their_names_say(hub_server: HubServer, address: str) -> None:
    def get(fault: Fault, **headers: str) -> httpx2.Response:
        hub_server.fail(Part.FILE, fault, times=1)
        return httpx2.get(address, headers=headers)

    flipped = get(Fault(corrupt_at=1005), Range="bytes=1000-1009").content
    assert [n for n in range(10) if flipped[n] != DATA[1000 + n]] == [5]
    whole = get(Fault(ignores_range=True), Range="bytes=5-9")
    assert (whole.status_code, whole.content) == (200, DATA)
    assert "Accept-Ranges" not in whole.headers
    assert get(Fault(length_error=-5)).content == DATA[:-5]
    assert get(Fault(etag="new")).headers["ETag"] == '"new"'
    assert get(Fault(size=7)).headers["X-Linked-Size"] == "7"
    assert get(Fault(headers=(("X-More", "1"),))).headers["X-More"] == "1"
    gated = get(refused(403, "GatedRepo", "no"))
    assert (gated.status_code, gated.headers["X-Error-Code"], gated.headers["X-Error-Message"]) == (
        403,
        "GatedRepo",
        "no",
    )
    started = time.monotonic()
    assert get(Fault(bytes_per_second=100_000), Range="bytes=0-").content == DATA
    assert time.monotonic() - started < 5


def test_an_endless_body_goes_on_for_longer_than_the_file(hub_server: HubServer, address: str) -> None:
    hub_server.fail(Part.FILE, Fault(endless=True))
    with httpx2.stream("GET", address) as answer:
        assert "Content-Length" not in answer.headers
        read = 0
        for chunk in answer.iter_raw():
            read += len(chunk)
            if read > 1_000_000:
                break
    assert read > 1_000_000


def test_a_fault_may_hit_one_method_and_ends_when_healed(hub_server: HubServer, address: str) -> None:
    hub_server.fail(Part.FILE, Fault(status=500, method="HEAD"))
    assert [httpx2.head(address).status_code, httpx2.get(address).status_code] == [500, 200]
    hub_server.heal()
    assert httpx2.head(address).status_code == 200


def test_lists_come_in_pages(hub_server: HubServer) -> None:
    for name in ("a/one", "a/two", "a/three", "b/one"):
        hub_server.add(ServedRepository(name, {}))
    found, link = [], f"{hub_server.endpoint}/api/models?author=a"
    while link:
        answer = httpx2.get(link)
        found += [entry["id"] for entry in answer.json()]
        link = answer.links.get("next", {}).get("url", "")
    assert found == ["a/one", "a/three", "a/two"]
    assert len(hub_server.asked(Part.API)) == 2
    found = [entry["id"] for entry in httpx2.get(f"{hub_server.endpoint}/api/models?search=ONE").json()]
    assert found == ["a/one", "b/one"]


def test_a_token_is_known_or_not(hub_server: HubServer) -> None:
    who = f"{hub_server.endpoint}/api/whoami-v2"
    assert httpx2.get(who, headers={"Authorization": f"Bearer {hub_server.token}"}).json()["name"] == "somebody"
    assert httpx2.get(who, headers={"Authorization": "Bearer hf_no"}).status_code == 401
