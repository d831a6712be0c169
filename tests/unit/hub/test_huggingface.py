"""The real hub against a server on loopback: what it asks, what it keeps to itself, and what each fault gives."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.core.cancel import CancelToken
from app.core.errors import (
    CancelledError,
    GatedError,
    HubChangedError,
    HubConnectionError,
    HubError,
    HubFaultError,
    HubTokenError,
    RepositoryFileNotFoundError,
)
from app.engine.guards.gguf import ValueType, read_header
from app.hub import wire
from app.hub.base import Repository, RepositoryFile
from app.hub.huggingface import HuggingFaceHub
from tests.gguf_files import small_model
from tests.hub_server.contents import Bytes, Generated, bytes_of
from tests.hub_server.faults import Fault, Part
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

ROOT = Path(__file__).resolve().parents[3]
ID = "somebody/Small-GGUF"
MODEL = "Small-Q4_K_M.gguf"
CONTENT = Generated(3_000_000)
GOOD = "hf_good"


@pytest.fixture
def served(hub_server: HubServer) -> HubServer:
    hub_server.add(ServedRepository(ID, {"README.md": Bytes(b"# Small"), MODEL: CONTENT}))
    return hub_server


@pytest.fixture
def hub(served: HubServer) -> HuggingFaceHub:
    return HuggingFaceHub(served.endpoint)


def listed(hub: HuggingFaceHub, repository_id: str = ID) -> Repository:
    return hub.repository(repository_id, CancelToken())


def some(hub: HuggingFaceHub, repository: Repository | None = None, offset: int = 1000, length: int = 500) -> bytes:
    """A range of the model's file."""
    return hub.read_range(repository or listed(hub), MODEL, offset, length, CancelToken())


def test_ranges_come_from_the_storage_by_one_link(served: HubServer, hub: HuggingFaceHub) -> None:
    repository = listed(hub)
    for offset in (0, 1000, 2_000_000):
        assert some(hub, repository, offset) == bytes_of(CONTENT, offset, offset + 500)
    assert len(served.asked(Part.FILE, "HEAD")) == 1
    assert [request.range for request in served.asked(Part.STORAGE)] == [
        "bytes=0-499",
        "bytes=1000-1499",
        "bytes=2000000-2000499",
    ]
    assert served.asked(Part.FILE) == []


def test_a_file_that_the_hub_serves_itself_is_read_there(served: HubServer, hub: HuggingFaceHub) -> None:
    served.redirects = False
    assert some(hub) == bytes_of(CONTENT, 1000, 1500)
    assert served.asked(Part.STORAGE) == []


def test_the_token_goes_to_the_hub_and_never_to_the_storage(served: HubServer) -> None:
    hub = HuggingFaceHub(served.endpoint, lambda: GOOD)
    some(hub)
    at_hub = [request for request in served.requests if request.part is not Part.STORAGE]
    assert {request.authorization for request in at_hub} == {f"Bearer {GOOD}"}
    (at_storage,) = served.asked(Part.STORAGE)
    assert GOOD not in str(at_storage)


def test_the_token_stays_behind_when_the_hub_s_own_api_leads_elsewhere(served: HubServer) -> None:
    with HubServer(served.repositories[ID]) as elsewhere:
        to_there = (("Location", f"{elsewhere.endpoint}/api/models/{ID}?blobs=True"),)
        served.fail(Part.API, Fault(status=302, headers=to_there))
        listed(HuggingFaceHub(served.endpoint, lambda: GOOD))
        (request,) = elsewhere.requests
    assert request.authorization == ""


def in_a_process_of_its_own(lines: str, **environment: str) -> str:
    """What a program prints, to which the library is new: it looks at its environment once."""
    program = f"""
import sys
from app.core.cancel import CancelToken
from app.core.errors import HubOfflineError
from app.hub.huggingface import HuggingFaceHub
assert not [name for name in sys.modules if name.startswith(("huggingface_hub", "httpx"))], "they are slow to import"
asked = set()
sys.addaudithook(lambda event, what: asked.add(what[0]) if event == "socket.getaddrinfo" else None)
{lines}
print(asked or "")
"""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_no_token_of_the_environment_or_of_another_program_is_used_and_nobody_else_is_asked(
    served: HubServer, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("hf_saved", encoding="utf-8")
    printed = in_a_process_of_its_own(
        f"hub = HuggingFaceHub({served.endpoint!r})\n"
        f"found = hub.repository({ID!r}, CancelToken())\n"
        f"print(len(hub.read_range(found, {MODEL!r}, 5, 7, CancelToken())))",
        HF_TOKEN="hf_environment",
        HUGGING_FACE_HUB_TOKEN="hf_old",
        HF_HOME=str(tmp_path),
        HF_ENDPOINT="http://127.0.0.1:9",
    )
    assert printed.splitlines() == ["7", "{'127.0.0.1'}"]
    assert len(served.requests) == 3
    assert {request.authorization for request in served.requests} == {""}
    assert {request.user_agent.split("/")[0] for request in served.requests} == {"inglenook"}


def test_nothing_is_asked_when_the_environment_forbids_it(served: HubServer) -> None:
    printed = in_a_process_of_its_own(
        f"try: HuggingFaceHub({served.endpoint!r}).repository({ID!r}, CancelToken())\n"
        "except HubOfflineError as error: print(error.sentence)",
        HF_HUB_OFFLINE="1",
    )
    assert "HF_HUB_OFFLINE forbids" in printed
    assert served.requests == []


def test_what_began_securely_does_not_go_on_in_the_open() -> None:
    call = wire.Call("https://hub.example", ID, CancelToken())
    with pytest.raises(HubFaultError, match="not secure"), wire.calling(call):
        wire._before_request(httpx2.Request("GET", "http://hub.example/api/models"))


def test_cookies_are_not_kept(served: HubServer, hub: HuggingFaceHub) -> None:
    served.fail(Part.API, Fault(headers=(("Set-Cookie", "who=somebody; Path=/"),)))
    for _ in range(2):
        listed(hub)
    assert not [name for request in served.requests for name, _ in request.headers if name.lower() == "cookie"]


def test_a_link_that_has_expired_is_asked_for_again_once(served: HubServer, hub: HuggingFaceHub) -> None:
    repository = listed(hub)
    some(hub, repository)
    served.expire_links()
    assert some(hub, repository) == bytes_of(CONTENT, 1000, 1500)
    assert len(served.asked(Part.FILE, "HEAD")) == 2
    served.link_seconds = 0.0
    served.expire_links()
    with pytest.raises(HubFaultError, match=rf"The storage of .* does not give {ID}/Small"):
        some(hub, repository)
    assert len(served.asked(Part.FILE, "HEAD")) == 3


def test_a_gated_repository_is_listed_but_read_with_the_right_token_only(served: HubServer) -> None:
    served.repositories[ID].gated = "auto"
    repository = listed(HuggingFaceHub(served.endpoint))
    assert repository.gated
    with pytest.raises(GatedError) as caught:
        some(HuggingFaceHub(served.endpoint), repository)
    assert caught.value.page == f"{served.endpoint}/{ID}"
    assert some(HuggingFaceHub(served.endpoint, lambda: GOOD), repository) == bytes_of(CONTENT, 1000, 1500)
    served.repositories[ID].gated = "manual"
    with pytest.raises(GatedError):
        some(HuggingFaceHub(served.endpoint, lambda: GOOD), repository)


def test_a_wrong_token_is_called_that(served: HubServer) -> None:
    with pytest.raises(HubTokenError):
        listed(HuggingFaceHub(served.endpoint, lambda: "hf_wrong"))


def test_a_file_that_was_replaced_is_noticed(served: HubServer, hub: HuggingFaceHub) -> None:
    repository = listed(hub)
    served.replace(ID, MODEL, Generated(CONTENT.size, seed=2))
    with pytest.raises(HubChangedError, match="has changed at the hub"):
        some(hub, repository)


def test_a_file_that_was_deleted_is_noticed(served: HubServer, hub: HuggingFaceHub) -> None:
    repository = listed(hub)
    del served.repositories[ID].files[MODEL]
    with pytest.raises(RepositoryFileNotFoundError, match=MODEL):
        some(hub, repository)


@pytest.mark.parametrize(
    ("part", "fault", "expected"),
    [
        (Part.STORAGE, Fault(drop_at=100), HubConnectionError),
        (Part.STORAGE, Fault(drop_at=0), HubConnectionError),
        (Part.STORAGE, Fault(length_error=-1), HubConnectionError),
        (Part.STORAGE, Fault(range_shift=1), HubFaultError),
        (Part.STORAGE, Fault(status=500), HubFaultError),
        (Part.STORAGE, Fault(headers=(("Content-Encoding", "gzip"),)), HubFaultError),
        (Part.STORAGE, Fault(status=302, headers=(("Location", "gopher://127.0.0.1/"),)), HubFaultError),
        (Part.STORAGE, Fault(status=302, headers=(("Location", "/repos/1"),)), HubFaultError),
        (Part.FILE, Fault(size=5), HubChangedError),
        (Part.FILE, Fault(etag="0" * 64), HubChangedError),
        (Part.FILE, Fault(status=503), HubFaultError),
    ],
)
def test_a_fault_at_the_file_gives_a_sentence(
    served: HubServer, hub: HuggingFaceHub, part: Part, fault: Fault, expected: type[HubError]
) -> None:
    repository = listed(hub)
    served.fail(part, fault)
    with pytest.raises(expected) as caught:
        some(hub, repository)
    assert caught.value.sentence.endswith(".")
    served.heal()
    assert some(hub, repository) == bytes_of(CONTENT, 1000, 1500), "and it can be tried again"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(ignores_range=True),
        Fault(endless=True),
        Fault(length_error=5),
        Fault(bytes_per_second=20_000),
        Fault(corrupt_at=10),
    ],
    ids=lambda fault: str([name for name in Fault.__slots__ if getattr(fault, name)]),
)
def test_a_fault_that_spoils_no_wanted_byte_does_no_harm(served: HubServer, hub: HuggingFaceHub, fault: Fault) -> None:
    served.fail(Part.STORAGE, fault)
    assert some(hub) == bytes_of(CONTENT, 1000, 1500)


def test_a_server_without_ranges_is_not_read_to_its_end(hub: HuggingFaceHub, served: HubServer) -> None:
    served.add(ServedRepository("a/large", {MODEL: Generated(1 << 30, sha256="0" * 64)}))
    served.fail(Part.STORAGE, Fault(ignores_range=True))
    repository = listed(hub, "a/large")
    with pytest.raises(HubFaultError, match="cannot be used"):
        some(hub, repository, offset=1 << 29)
    assert sum(sent.count for sent in served.sent) < 1 << 24


def test_an_etag_of_the_mirror_s_own_is_no_change(served: HubServer, hub: HuggingFaceHub) -> None:
    served.fail(Part.FILE, Fault(etag="5f3a-61b2"))
    assert some(hub) == bytes_of(CONTENT, 1000, 1500)


ODD_FACTS: list[dict[str, Any]] = [
    {"sha": None},
    {"sha": "../etc"},
    {"siblings": [None]},
    {"siblings": [{}]},
    {"siblings": [{"rfilename": "x", "lfs": 5}]},
    {"siblings": [{"rfilename": f"{n}.gguf"} for n in range(20_001)]},
    {"lastModified": "yesterday"},
]
ODD_BODIES = [b"", b"{", b"[]", b"null", b"7", b"<html>Sign in</html>", b'{"id": 5}', b"[" * 100_000, b"\xff\xfe"]
ODD_BODIES += [json.dumps({"id": ID, "sha": "a" * 40, **facts}).encode() for facts in ODD_FACTS]


@pytest.mark.parametrize("body", ODD_BODIES, ids=lambda body: repr(body[:24]))
def test_an_answer_that_makes_no_sense_is_called_that(served: HubServer, hub: HuggingFaceHub, body: bytes) -> None:
    served.fail(Part.API, Fault(body=body))
    with pytest.raises(HubFaultError, match="cannot be used"):
        listed(hub)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"siblings": None}, {"files": ()}),
        ({"siblings": [{"rfilename": "x.gguf"}]}, {"files": (RepositoryFile("x.gguf", None),)}),
        ({"siblings": [{"rfilename": "x", "size": -1, "blobId": 7}]}, {"files": (RepositoryFile("x", None),)}),
        ({"siblings": [{"rfilename": "x", "size": True}]}, {"files": (RepositoryFile("x", None),)}),
        ({"siblings": [{"rfilename": "x", "size": 10**30}]}, {"files": (RepositoryFile("x", None),)}),
        (
            {"siblings": [{"rfilename": name} for name in ("", "/x", "a/../b", "a//b", "a\\b", "a\nb", 7)]},
            {"files": ()},
        ),
        ({"cardData": None}, {"license": ""}),
        ({"cardData": {"license": ["mit"]}}, {"license": ""}),
        ({"cardData": {"license": "other", "license_name": "gemma"}}, {"license": "gemma"}),
        ({"gated": None}, {"gated": None}),
        ({"gated": "manual"}, {"gated": True}),
        ({"gguf": 5}, {"architecture": "", "parameter_count": 0}),
        ({"gguf": {"total": "many", "architecture": ["x"], "context_length": -1}}, {"context_length": 0}),
        (
            {"gguf": {"total": 134515008, "architecture": "llama", "context_length": 8192}},
            {"architecture": "llama", "parameter_count": 134515008, "context_length": 8192},
        ),
        ({"id": "some where/else"}, {"id": ID}),
        ({"id": "renamed/Small"}, {"id": "renamed/Small"}),
    ],
)
def test_of_an_odd_answer_only_what_holds_up_is_taken(
    served: HubServer, hub: HuggingFaceHub, facts: dict[str, Any], expected: dict[str, Any]
) -> None:
    served.repositories[ID].facts = facts
    found = listed(hub)
    assert {name: getattr(found, name) for name in expected} == expected


def test_an_answer_without_end_is_given_up(served: HubServer, hub: HuggingFaceHub) -> None:
    served.fail(Part.API, Fault(endless=True))
    with pytest.raises(HubFaultError) as caught:
        listed(hub)
    assert "longer than 33,554,432 bytes" in caught.value.detail


@pytest.mark.parametrize("part", [Part.API, Part.FILE, Part.STORAGE])
def test_silence_is_given_up(
    served: HubServer, hub: HuggingFaceHub, monkeypatch: pytest.MonkeyPatch, part: Part
) -> None:
    monkeypatch.setattr(wire, "SILENCE_SECONDS", 0.05)
    served.redirects = part is Part.STORAGE
    served.fail(part, Fault(stall_at=0, method="GET"))
    with pytest.raises(HubConnectionError, match="has stopped answering"):
        some(hub)


@pytest.mark.parametrize("work", [listed, some], ids=["list", "range"])
def test_cancelling_ends_the_wait_for_a_silent_server(
    served: HubServer, hub: HuggingFaceHub, work: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "SILENCE_SECONDS", 3600.0)
    repository = listed(hub)
    served.requests.clear()
    cancel = CancelToken()
    part = Part.API if work is listed else Part.STORAGE
    served.fail(part, Fault(stall_at=5))
    outcome: list[BaseException] = []

    def wait() -> None:
        try:
            if work is listed:
                hub.repository(ID, cancel)
            else:
                hub.read_range(repository, MODEL, 0, 100, cancel)
        except CancelledError as error:
            outcome.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while not served.asked(part):
        cancel.wait(0.01)
    cancel.cancel()
    thread.join(20)
    assert [type(error) for error in outcome] == [CancelledError]


def test_a_header_is_read_from_a_remote_file_in_few_requests(served: HubServer, hub: HuggingFaceHub) -> None:
    words = [f"word-{number:06}" for number in range(20_000)]
    header = small_model(tokenizer__ggml__tokens=(ValueType.ARRAY, (ValueType.STRING, words)))
    served.add(ServedRepository("a/b", {MODEL: Generated(14_333_908_672, sha256="0" * 64, first=header.to_bytes())}))
    read = hub.read_range_of(listed(hub, "a/b"), MODEL, CancelToken())
    assert read_header(read, MODEL).architecture == "llama"
    assert len(served.asked(Part.STORAGE)) <= 3
