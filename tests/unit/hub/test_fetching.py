"""A download from the real hub on loopback: each fault ends in the right bytes or in a sentence, nothing else."""

import json
import logging
import threading
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.download import DownloadStep
from app.core.errors import (
    CancelledError,
    GatedError,
    HubBusyError,
    HubChangedError,
    HubConnectionError,
    HubError,
    HubFaultError,
    HubTokenError,
    InglenookError,
    InvalidParameterError,
    ModelFileError,
    RepositoryFileNotFoundError,
    RepositoryNotFoundError,
)
from app.core.rate_limit import RateLimit
from app.core.safe_names import part_files
from app.hub.base import FetchProgress, Repository, RepositoryFile
from app.hub.fetching import Patience
from app.hub.huggingface import HuggingFaceHub
from tests.hub_server.contents import Bytes, Generated, bytes_of
from tests.hub_server.faults import NO_FAULT, Fault, Part, refused, too_many_requests
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

ID = "somebody/Small-GGUF"
MODEL = "Small-Q4_K_M.gguf"
CONTENT = Generated(3_000_000)
WHOLE = bytes_of(CONTENT)
GOOD = "hf_good"
QUICK = Patience(tries=3, first_wait_seconds=0.01, most_wait_seconds=0.02, silence_seconds=0.1)


@pytest.fixture
def served(hub_server: HubServer) -> HubServer:
    hub_server.add(ServedRepository(ID, {"README.md": Bytes(b"# Small"), MODEL: CONTENT}))
    return hub_server


@pytest.fixture
def hub(served: HubServer) -> HuggingFaceHub:
    return HuggingFaceHub(served.endpoint, patience=QUICK)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / MODEL


def listed(hub: HuggingFaceHub) -> Repository:
    return hub.repository(ID, CancelToken())


def fetched(
    hub: HuggingFaceHub, target: Path, repository: Repository | None = None, file: RepositoryFile | None = None
) -> list[FetchProgress]:
    repository = repository or listed(hub)
    return list(hub.fetch(repository, file or repository.file(MODEL), target, CancelToken()))


def names(target: Path) -> set[str]:
    return {path.name for path in target.parent.iterdir()}


def sent(served: HubServer, count: int) -> list[tuple[int, int]]:
    """Which bytes went out: the first and how many. The server may note `count` of them a little after they came."""
    patience = CancelToken()
    while sum(one.count for one in served.sent) < count:
        patience.wait(0.005)
    return [(one.start, one.count) for one in served.sent if one.count]


def told(value: object) -> str:
    """A fault by what it differs in."""
    if isinstance(value, Fault):
        return str(
            {name: getattr(value, name) for name in Fault.__slots__ if getattr(value, name) != getattr(NO_FAULT, name)}
        )
    return value.__name__ if isinstance(value, type) else str(value)


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        (Part.STORAGE, Fault(drop_at=0)),
        (Part.STORAGE, Fault(drop_at=1_234_567)),
        (Part.STORAGE, Fault(stall_at=1_234_567)),
        (Part.STORAGE, Fault(stall_at=0)),
        (Part.STORAGE, Fault(length_error=1)),
        (Part.STORAGE, Fault(length_error=-5)),
        (Part.STORAGE, Fault(endless=True)),
        (Part.STORAGE, Fault(status=500)),
        (Part.STORAGE, Fault(status=503)),
        (Part.STORAGE, Fault(status=503, headers=(("Retry-After", "0"),))),
        (Part.STORAGE, Fault(status=404)),
        (Part.STORAGE, Fault(status=401)),
        (Part.STORAGE, too_many_requests(0)),
        (Part.STORAGE, Fault(headers=(("Content-Encoding", "gzip"),))),
        (Part.STORAGE, Fault(status=302, headers=(("Location", "gopher://127.0.0.1/"),))),
        (Part.STORAGE, Fault(bytes_per_second=20_000_000)),
        (Part.FILE, Fault(status=500)),
        (Part.FILE, Fault(drop_at=0, stall_at=0)),
        (Part.FILE, too_many_requests(0)),
        (Part.FILE, Fault(etag="5f3a-61b2")),
    ],
    ids=told,
)
def test_a_fault_that_passes_ends_in_the_right_bytes(
    served: HubServer, hub: HuggingFaceHub, target: Path, part: Part, fault: Fault
) -> None:
    repository = listed(hub)
    served.fail(part, fault, times=2)
    fetched(hub, target, repository)
    assert target.read_bytes() == WHOLE
    assert names(target) == {MODEL}


@pytest.mark.parametrize(
    ("part", "fault", "expected"),
    [
        (Part.STORAGE, Fault(drop_at=0), HubConnectionError),
        (Part.STORAGE, Fault(stall_at=0), HubConnectionError),
        (Part.STORAGE, Fault(length_error=-2_000_000), HubConnectionError),
        (Part.STORAGE, Fault(status=500), HubFaultError),
        (Part.STORAGE, Fault(status=503), HubFaultError),
        (Part.STORAGE, Fault(status=403), HubFaultError),
        (Part.STORAGE, too_many_requests(0), HubBusyError),
        (Part.STORAGE, too_many_requests(3600), HubBusyError),
        (Part.STORAGE, Fault(headers=(("Content-Encoding", "gzip"),)), HubFaultError),
        (Part.FILE, Fault(status=503), HubFaultError),
        (Part.FILE, Fault(status=503, headers=(("Retry-After", "3600"),)), HubBusyError),
        (Part.FILE, refused(401, "GatedRepo"), GatedError),
        (Part.FILE, refused(403, "GatedRepo"), GatedError),
        (Part.FILE, refused(401, "RepoNotFound"), RepositoryNotFoundError),
        (Part.FILE, refused(404, "RepoNotFound"), RepositoryNotFoundError),
        (Part.FILE, refused(404, "EntryNotFound"), RepositoryFileNotFoundError),
        (Part.FILE, Fault(size=5), HubChangedError),
        (Part.FILE, Fault(etag="0" * 64), HubChangedError),
    ],
    ids=told,
)
def test_a_fault_that_stays_ends_in_a_sentence_and_can_be_gone_on_with(
    served: HubServer, hub: HuggingFaceHub, target: Path, part: Part, fault: Fault, expected: type[HubError]
) -> None:
    repository = listed(hub)
    served.fail(Part.STORAGE, Fault(drop_at=1_000_000), times=1)
    served.fail(part, fault)
    if part is Part.FILE:
        served.heal()
        served.fail(part, fault)
    with pytest.raises(expected) as caught:
        fetched(hub, target, repository)
    assert caught.value.sentence.endswith(".")
    part_path, note, *_ = part_files(target)
    assert names(target) == {part_path.name, note.name}
    kept = part_path.stat().st_size
    assert kept == (1_000_000 if part is Part.STORAGE else 0)
    served.heal()
    served.sent.clear()
    fetched(hub, target, repository)
    assert target.read_bytes() == WHOLE
    assert names(target) == {MODEL}
    assert sent(served, CONTENT.size - kept) == [(kept, CONTENT.size - kept)]


def test_each_try_begins_at_the_byte_that_is_missing(served: HubServer, hub: HuggingFaceHub, target: Path) -> None:
    for count in (700_001, 1, 1_048_576):
        served.fail(Part.STORAGE, Fault(drop_at=count), times=1)
    fetched(hub, target)
    assert target.read_bytes() == WHOLE
    assert sent(served, CONTENT.size) == [
        (0, 700_001),
        (700_001, 1),
        (700_002, 1_048_576),
        (1_748_578, CONTENT.size - 1_748_578),
    ]


def test_tries_that_bring_something_are_not_counted(served: HubServer, hub: HuggingFaceHub, target: Path) -> None:
    served.fail(Part.STORAGE, Fault(drop_at=300_000), times=9)
    fetched(hub, target)
    assert target.read_bytes() == WHOLE


def test_a_server_that_ignores_ranges_spoils_nothing(served: HubServer, hub: HuggingFaceHub, target: Path) -> None:
    served.fail(Part.STORAGE, Fault(drop_at=2_000_000), times=1)
    served.fail(Part.STORAGE, Fault(ignores_range=True))
    events = fetched(hub, target)
    assert target.read_bytes() == WHOLE
    assert any("sends the whole file again" in event.sentence for event in events)
    assert min(event.done_bytes for event in events if "again" in event.sentence) == 2_000_000


def test_a_server_that_begins_elsewhere_is_not_believed(served: HubServer, hub: HuggingFaceHub, target: Path) -> None:
    served.fail(Part.STORAGE, Fault(drop_at=2_000_000), times=1)
    served.fail(Part.STORAGE, Fault(range_shift=1), times=1)
    fetched(hub, target)
    assert target.read_bytes() == WHOLE


@pytest.mark.expects_log_records
def test_never_more_is_written_than_the_file_has(served: HubServer, hub: HuggingFaceHub, target: Path) -> None:
    repository = listed(hub)
    served.fail(Part.STORAGE, Fault(endless=True))
    shorter = RepositoryFile(MODEL, 1_000_000, "0" * 64)
    served.fail(Part.FILE, Fault(size=1_000_000, etag="0" * 64))
    with pytest.raises(ModelFileError):
        list(hub.fetch(repository, shorter, target, CancelToken()))
    assert part_files(target)[3].stat().st_size == 1_000_000


def test_an_expired_link_is_renewed(served: HubServer, hub: HuggingFaceHub, target: Path) -> None:
    served.fail(Part.STORAGE, Fault(drop_at=1_000_000), times=1)
    repository = listed(hub)
    for event in hub.fetch(repository, repository.file(MODEL), target, CancelToken()):
        if event.step is DownloadStep.RETRYING:
            served.expire_links()
    assert target.read_bytes() == WHOLE
    assert len(served.asked(Part.FILE, "HEAD")) == 2


def test_a_file_of_which_only_the_hub_s_answer_tells_size_and_hash(
    served: HubServer, hub: HuggingFaceHub, target: Path
) -> None:
    events = fetched(hub, target, file=RepositoryFile(MODEL, None))
    assert events[-1].sha256 == CONTENT.sha256
    assert target.read_bytes() == WHOLE
    served.redirects = False
    (target.parent / "b").mkdir()
    card = target.parent / "b/README.md"
    fetched(hub, card, file=RepositoryFile("README.md", None))
    assert card.read_bytes() == b"# Small"


def test_a_part_of_another_file_is_given_up_and_that_is_said(
    served: HubServer, hub: HuggingFaceHub, target: Path
) -> None:
    stopped_at(hub, target, served, 1_000_000)
    newer = Generated(CONTENT.size, seed=2)
    served.replace(ID, MODEL, newer)
    events = fetched(hub, target)
    assert events[0] == FetchProgress(
        0, sentence=f"{MODEL} has changed at the hub, so it is fetched from its beginning."
    )
    assert target.read_bytes() == bytes_of(newer)


def test_a_part_of_the_same_file_in_a_newer_version_of_the_repository_goes_on(
    served: HubServer, hub: HuggingFaceHub, target: Path
) -> None:
    stopped_at(hub, target, served, 1_000_000)
    served.replace(ID, "README.md", Bytes(b"# New"))
    served.sent.clear()
    fetched(hub, target)
    assert sent(served, 2_000_000) == [(1_000_000, 2_000_000)]


def test_a_file_that_is_replaced_during_the_download_is_noticed(
    served: HubServer, hub: HuggingFaceHub, target: Path
) -> None:
    repository = listed(hub)
    served.fail(Part.STORAGE, Fault(drop_at=1_000_000), times=1)
    events = hub.fetch(repository, repository.file(MODEL), target, CancelToken())

    while next(events).step is not DownloadStep.RETRYING:
        pass
    served.replace(ID, MODEL, Generated(CONTENT.size, seed=2))
    with pytest.raises(HubChangedError, match="has changed at the hub"):
        list(events)


def stopped_at(hub: HuggingFaceHub, target: Path, served: HubServer, count: int) -> None:
    """Let a download end early."""
    repository, cancel = listed(hub), CancelToken()
    served.fail(Part.STORAGE, Fault(drop_at=count), times=1)
    events = hub.fetch(repository, repository.file(MODEL), target, cancel)
    while next(events).step is not DownloadStep.RETRYING:
        pass
    cancel.cancel()
    with pytest.raises(CancelledError):
        next(events)
    assert part_files(target)[0].stat().st_size == count


@pytest.mark.parametrize("where", ["stalled body", "stalled answer", "waiting", "limited"])
def test_cancelling_wakes_a_download_wherever_it_waits(
    served: HubServer, target: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = HuggingFaceHub(served.endpoint, patience=Patience(first_wait_seconds=3600.0, most_wait_seconds=3600.0))
    repository, cancel, limit = listed(hub), CancelToken(), RateLimit()
    if where == "limited":
        limit.bytes_per_second = 1.0
    elif where == "waiting":
        served.fail(Part.STORAGE, Fault(drop_at=5))
    else:
        served.fail(Part.STORAGE if where == "stalled body" else Part.FILE, Fault(stall_at=5 if "body" in where else 0))
        served.redirects = where == "stalled body"
    outcome: list[type[BaseException]] = []

    def run() -> None:
        try:
            list(hub.fetch(repository, repository.file(MODEL), target, cancel, limit))
        except InglenookError as error:
            outcome.append(type(error))

    thread = threading.Thread(target=run)
    thread.start()
    while not served.asked(Part.STORAGE) and not served.asked(Part.FILE, "GET"):
        cancel.wait(0.01)
    cancel.wait(0.05)
    cancel.cancel()
    thread.join(20)
    assert outcome == [CancelledError]


def test_a_broken_connection_of_one_download_leaves_another_alone(
    served: HubServer, hub: HuggingFaceHub, target: Path
) -> None:
    repository = listed(hub)
    first = hub.fetch(repository, repository.file(MODEL), target, CancelToken(), RateLimit(20_000_000))
    next(first)
    next(first)
    with pytest.raises(HubConnectionError):
        HuggingFaceHub("http://127.0.0.1:9").repository(ID, CancelToken())
    list(first)
    assert target.read_bytes() == WHOLE
    assert len(served.asked(Part.STORAGE)) == 1


def test_the_token_goes_to_the_hub_alone_and_into_no_log_and_no_file(
    served: HubServer, target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    served.repositories[ID].gated = "auto"
    served.fail(Part.STORAGE, Fault(drop_at=1_000_000), times=1)
    hub = HuggingFaceHub(served.endpoint, lambda: GOOD, patience=QUICK)
    repository = listed(hub)
    for event in hub.fetch(repository, repository.file(MODEL), target, CancelToken()):
        assert GOOD not in repr(event)
        assert not [path for path in part_files(target)[1:] if path.exists() and GOOD in path.read_text("utf-8")]
    at_hub = [request for request in served.requests if request.part is not Part.STORAGE]
    assert {request.authorization for request in at_hub} == {f"Bearer {GOOD}"}
    assert GOOD not in str(served.asked(Part.STORAGE))
    assert caplog.records
    assert GOOD not in caplog.text


def test_a_token_that_is_refused_ends_the_download(served: HubServer, target: Path) -> None:
    repository = listed(HuggingFaceHub(served.endpoint))
    hub = HuggingFaceHub(served.endpoint, lambda: "hf_wrong", patience=QUICK)
    with pytest.raises(HubTokenError):
        fetched(hub, target, repository)


def test_a_proxy_is_asked_in_the_hub_s_place(served: HubServer, target: Path) -> None:
    hub = HuggingFaceHub("http://hub.example", proxy=served.endpoint, patience=QUICK)
    fetched(hub, target)
    assert target.read_bytes() == WHOLE
    assert {request.path.split("/")[2] for request in served.requests if request.part is not Part.STORAGE} == {
        "hub.example"
    }
    assert [request.path[:6] for request in served.asked(Part.STORAGE)] == ["/repos"], "this computer needs no proxy"


@pytest.mark.parametrize("proxy", ["proxy:3128", "socks5://proxy", "http://", "ftp://proxy:3128", "http://[::1"])
def test_a_proxy_that_cannot_be_is_told(served: HubServer, proxy: str) -> None:
    with pytest.raises(InvalidParameterError, match="The proxy in the settings"):
        listed(HuggingFaceHub(served.endpoint, proxy=proxy))
    assert served.requests == []


@pytest.mark.expects_log_records
def test_a_note_that_is_damaged_is_no_reason_to_fail(
    served: HubServer, hub: HuggingFaceHub, target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stopped_at(hub, target, served, 1_000_000)
    note = part_files(target)[1]
    for text in ("", "{", "[]", "7", json.dumps({"synced": 5}), json.dumps({"synced": {}, "computer_started": 0})):
        note.write_text(text, encoding="utf-8")
        stopped_at(hub, target, served, 1_000_000)
    assert len([text for text in caplog.messages if "cannot be read, so its download begins again" in text]) == 6
    fetched(hub, target)
    assert target.read_bytes() == WHOLE
