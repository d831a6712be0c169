"""What every hub promises of searches, cards and downloads: the same tests on the fake and on the real one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.download import DownloadStep
from app.core.errors import (
    CancelledError,
    GatedError,
    HubConnectionError,
    InglenookError,
    ModelFileError,
    RepositoryFileNotFoundError,
)
from app.core.hub_search import HubSearch
from app.core.rate_limit import RateLimit
from app.core.safe_names import part_files
from app.hub.base import FetchProgress, Hub, Repository
from app.hub.fake import FakeHub, HubScript, PretendedFile, Trouble
from app.hub.fetching import Patience
from app.hub.huggingface import HuggingFaceHub
from tests.hub_server.contents import Bytes
from tests.hub_server.faults import Fault, Part, refused
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

ID = "somebody/Small-7B-GGUF"
MODEL = "Small-7B-Q4_K_M.gguf"
CONTENT = bytes(range(256)) * 10_000
FILES = {"README.md": b"---\nlicense: mit\n---\n# Small\n", MODEL: CONTENT}
OTHERS = {"somebody/Large-70B-GGUF": "apache-2.0", "nobody/Small-1B-GGUF": "mit"}
PATIENCE = Patience(tries=3, first_wait_seconds=0.01, most_wait_seconds=0.02, silence_seconds=0.1)
Troubled = Callable[..., None]
"""Lets the next tries to read the file go wrong: a place and "drop", "stall" or "damage"; once for each."""


@pytest.fixture(params=["fake", "real"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def hub(kind: str, hub_server: HubServer) -> Hub:
    if kind == "fake":
        script = HubScript().having(ID, {path: PretendedFile(data) for path, data in FILES.items()}, "mit")
        for name, license_name in OTHERS.items():
            script = script.having(name, {"x.gguf": PretendedFile(b"x")}, license_name)
        return FakeHub(script, PATIENCE)
    hub_server.add(ServedRepository(ID, {path: Bytes(data) for path, data in FILES.items()}, license="mit"))
    for name, license_name in OTHERS.items():
        hub_server.add(ServedRepository(name, {"x.gguf": Bytes(b"x")}, license=license_name))
    return HuggingFaceHub(hub_server.endpoint, patience=PATIENCE)


@pytest.fixture
def troubled(hub: Hub, hub_server: HubServer) -> Troubled:
    def make(*troubles: tuple[int, str]) -> None:
        if isinstance(hub, FakeHub):
            broken = HubConnectionError("The connection broke off. Try again.")
            scripted = tuple(Trouble(at, broken if how == "drop" else None, how == "damage") for at, how in troubles)
            script = HubScript(hub.script.repositories, hub.script.files, troubles={MODEL: scripted})
            hub.script = script
            return
        for at, how in troubles:
            fault = {"drop": Fault(drop_at=at), "stall": Fault(stall_at=at), "damage": Fault(corrupt_at=at)}[how]
            hub_server.fail(Part.STORAGE, fault, times=1)

    return make


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / MODEL


def listed(hub: Hub) -> Repository:
    return hub.repository(ID, CancelToken())


def fetched(hub: Hub, target: Path, cancel: CancelToken | None = None) -> list[FetchProgress]:
    """All events of one download of MODEL."""
    repository = listed(hub)
    return list(hub.fetch(repository, repository.file(MODEL), target, cancel or CancelToken()))


def names(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def test_a_file_is_downloaded_whole_and_nothing_else_is_left(hub: Hub, target: Path) -> None:
    events = fetched(hub, target)
    assert target.read_bytes() == CONTENT
    assert names(target) == [MODEL]
    assert events[-1] == FetchProgress(len(CONTENT), sha256=Bytes(CONTENT).sha256)
    assert [event.sha256 for event in events[:-1]] == [""] * (len(events) - 1)
    places = [event.done_bytes for event in events]
    assert places == sorted(places)


def test_a_file_that_is_there_is_checked_and_not_fetched_again(hub: Hub, target: Path, troubled: Troubled) -> None:
    fetched(hub, target)
    troubled((0, "drop"), (0, "drop"), (0, "drop"))
    events = fetched(hub, target)
    assert events[-1].sha256 == Bytes(CONTENT).sha256
    assert {event.step for event in events[:-1]} == {DownloadStep.CHECKING}


def test_another_file_of_that_name_is_replaced(hub: Hub, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"?" * len(CONTENT))
    fetched(hub, target)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("how", ["drop", "stall"])
def test_what_broke_off_goes_on_where_it_was(hub: Hub, target: Path, troubled: Troubled, how: str) -> None:
    troubled((1_000_000, how))
    events = fetched(hub, target)
    assert target.read_bytes() == CONTENT
    (waiting,) = [event for event in events if event.step is DownloadStep.RETRYING]
    assert waiting.done_bytes == 1_000_000
    assert waiting.sentence.endswith(".")


def test_a_hopeless_connection_is_given_up_and_the_part_stays(hub: Hub, target: Path, troubled: Troubled) -> None:
    troubled((1_000_000, "drop"), *[(0 if not isinstance(hub, FakeHub) else 1_000_000, "drop")] * 3)
    with pytest.raises(HubConnectionError):
        fetched(hub, target)
    part = part_files(target)[0]
    assert part.read_bytes() == CONTENT[:1_000_000]
    assert names(target) == [part.name, f"{part.name}.json"]
    events = fetched(hub, target)
    assert target.read_bytes() == CONTENT
    assert names(target) == [MODEL]
    assert DownloadStep.CHECKING in {event.step for event in events}


@pytest.mark.expects_log_records
def test_a_damaged_file_is_fetched_once_more(
    hub: Hub, target: Path, troubled: Troubled, caplog: pytest.LogCaptureFixture
) -> None:
    troubled((70_000, "damage"))
    events = fetched(hub, target)
    assert [f"instead of {Bytes(CONTENT).sha256}" in text for text in caplog.messages if "checksum" in text] == [True]
    assert target.read_bytes() == CONTENT
    assert [event.sentence for event in events if event.sentence] == [
        f"{MODEL} came damaged, so it is fetched from its beginning."
    ]
    assert names(target) == [MODEL]


@pytest.mark.expects_log_records
def test_a_file_that_comes_damaged_twice_is_set_aside(
    hub: Hub, target: Path, troubled: Troubled, caplog: pytest.LogCaptureFixture
) -> None:
    troubled((70_000, "damage"), (9, "damage"))
    with pytest.raises(ModelFileError, match="came damaged twice") as caught:
        fetched(hub, target)
    assert f"{MODEL}.damaged" in caught.value.sentence
    assert len([text for text in caplog.messages if "checksum" in text]) == 2
    assert names(target) == [f"{MODEL}.damaged"]
    fetched(hub, target)
    assert names(target) == [MODEL]


def test_a_paused_download_goes_on_at_the_same_byte(hub: Hub, target: Path, troubled: Troubled) -> None:
    cancel, repository = CancelToken(), listed(hub)
    troubled((1_500_000, "drop"))
    events = hub.fetch(repository, repository.file(MODEL), target, cancel)
    for event in events:
        if event.step is DownloadStep.RETRYING:
            cancel.cancel()
            break
    with pytest.raises(CancelledError):
        next(events)
    assert part_files(target)[0].stat().st_size == 1_500_000
    fetched(hub, target)
    assert target.read_bytes() == CONTENT


def test_an_abandoned_download_leaves_what_came(hub: Hub, target: Path, troubled: Troubled) -> None:
    repository = listed(hub)
    troubled((1_500_000, "drop"))
    events = hub.fetch(repository, repository.file(MODEL), target, CancelToken())
    while next(events).step is not DownloadStep.RETRYING:
        pass
    events.close()  # type: ignore[attr-defined] # it is a generator
    assert part_files(target)[0].read_bytes() == CONTENT[:1_500_000]


def test_nothing_is_written_once_it_is_cancelled(hub: Hub, target: Path) -> None:
    cancel, repository = CancelToken(), listed(hub)
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(hub.fetch(repository, repository.file(MODEL), target, cancel))
    assert not target.parent.exists()


def test_a_repository_needs_no_list_of_files_to_go_on(hub: Hub, target: Path) -> None:
    found = listed(hub)
    bare = Repository(found.id, found.revision, ())
    list(hub.fetch(bare, found.file(MODEL), target, CancelToken(), RateLimit()))
    assert target.read_bytes() == CONTENT


def test_a_speed_limit_counts_all_bytes(hub: Hub, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository, limit = listed(hub), RateLimit(1e9)
    taken: list[int] = []
    monkeypatch.setattr(limit, "take", lambda count, _: taken.append(count))
    list(hub.fetch(repository, repository.file(MODEL), target, CancelToken(), limit))
    assert sum(taken) == len(CONTENT)


def test_a_gated_model_says_where_to_agree(kind: str, hub: Hub, hub_server: HubServer, target: Path) -> None:
    repository = listed(hub)
    if isinstance(hub, FakeHub):
        refusal = GatedError("Agree to its terms first.", page=f"https://hub.example/{ID}")
        hub.script = HubScript(hub.script.repositories, hub.script.files, failures={ID: refusal})
    else:
        hub_server.fail(Part.FILE, refused(401, "GatedRepo"))
    with pytest.raises(GatedError) as caught:
        list(hub.fetch(repository, repository.file(MODEL), target, CancelToken()))
    assert caught.value.page.endswith(f"/{ID}")


def test_a_file_can_be_resolved(hub: Hub) -> None:
    found = hub.resolve(listed(hub), MODEL, CancelToken())
    assert (found.size_bytes, found.etag) == (len(CONTENT), Bytes(CONTENT).sha256)
    assert found.address.startswith("http")
    with pytest.raises(RepositoryFileNotFoundError):
        hub.resolve(listed(hub), "other.gguf", CancelToken())


def test_a_card_is_text_for_people(hub: Hub) -> None:
    repository = listed(hub)
    assert hub.model_card(repository, CancelToken()) == "# Small"
    assert hub.model_card(Repository(ID, repository.revision, ()), CancelToken()) == ""


def test_a_search_finds_by_name_and_licence(hub: Hub) -> None:
    def ids(query: HubSearch) -> set[str]:
        return {one.id for one in hub.search(query, CancelToken()).found}

    assert ids(HubSearch()) >= {ID}
    assert ids(HubSearch("  small ", page_size=2)) == {ID, "nobody/Small-1B-GGUF"}
    assert ids(HubSearch(licenses=("apache-2.0",))) == {"somebody/Large-70B-GGUF"}
    assert ids(HubSearch("nothing like it")) == set()


def test_a_search_comes_in_pages(hub: Hub) -> None:
    query, found, after = HubSearch(page_size=2), [], ""
    for _ in range(2):
        page = hub.search(HubSearch(page_size=query.page_size, after=after), CancelToken())
        found += [one.id for one in page.found]
        after = page.next
    assert sorted(found) == sorted([ID, *OTHERS])
    assert after == ""


def test_a_search_can_be_cancelled(hub: Hub) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(InglenookError):
        hub.search(HubSearch(), cancel)
