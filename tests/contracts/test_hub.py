"""What every hub promises: the same tests on the fake and on the real one, which talks to a server on loopback."""

from collections.abc import Callable
from typing import Any

import pytest

from app.core.cancel import CancelToken
from app.core.errors import (
    CancelledError,
    HubBusyError,
    HubConnectionError,
    HubError,
    HubOfflineError,
    HubTokenError,
    RepositoryFileNotFoundError,
    RepositoryNotFoundError,
)
from app.hub.base import MOST_RANGE_BYTES, Hub
from app.hub.fake import FakeHub, HubScript, PretendedFile
from app.hub.huggingface import HuggingFaceHub
from tests.hub_server.contents import Bytes
from tests.hub_server.faults import Fault, Part, too_many_requests
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

ID = "somebody/Small-7B-GGUF"
MODEL = "Small-7B-Q4_K_M.gguf"
CONTENT = bytes(range(256)) * 1000
FILES = {
    "README.md": b"# Small",
    MODEL: CONTENT,
    "BF16/Small-7B-BF16-00001-of-00002.gguf": b"12345",
    "BF16/Small-7B-BF16-00002-of-00002.gguf": b"678",
    "mmproj-F16.gguf": b"not a model",
}
Failing = Callable[[str], Hub]
"""A hub that fails: "offline", "broken" or "busy"."""


class RealHub(HuggingFaceHub):
    """The real one, with the server that it talks to."""

    def __init__(self, server: HubServer) -> None:
        super().__init__(server.endpoint)
        self.server = server


@pytest.fixture(params=["fake", "real"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def hub(kind: str, hub_server: HubServer) -> Hub:
    """A hub that has FILES."""
    if kind == "fake":
        return FakeHub(HubScript().having(ID, {path: PretendedFile(data) for path, data in FILES.items()}, "mit"))
    hub_server.add(ServedRepository(ID, {path: Bytes(data) for path, data in FILES.items()}, license="mit"))
    return RealHub(hub_server)


@pytest.fixture
def failing(kind: str, hub: Hub) -> Failing:
    sentence = "As its script says."
    errors: dict[str, HubError] = {
        "broken": HubConnectionError(sentence),
        "busy": HubBusyError(sentence, retry_after_seconds=7),
    }

    def make(how: str) -> Hub:
        if isinstance(hub, FakeHub):
            hub.script = HubScript(offline=how == "offline", failures={ID: errors[how]} if how in errors else {})
        elif how == "offline":
            return HuggingFaceHub("http://127.0.0.1:9")  # nobody listens there
        else:
            assert isinstance(hub, RealHub)
            hub.server.fail(Part.API, Fault(drop_at=10) if how == "broken" else too_many_requests(7))
        return hub

    return make


def test_a_repository_tells_its_commit_and_its_files(hub: Hub) -> None:
    found = hub.repository(ID, CancelToken())
    assert found.id == ID
    assert len(found.revision) == 40
    assert found.page.endswith(f"/{ID}")
    assert (found.license, found.gated) == ("mit", False)
    assert {file.path: file.size_bytes for file in found.files} == {path: len(data) for path, data in FILES.items()}
    assert found.file(MODEL).sha256 == Bytes(CONTENT).sha256 == found.file(MODEL).etag
    assert all(file.etag for file in found.files)


def test_models_are_the_files_that_one_can_talk_to_with_split_ones_as_one(hub: Hub) -> None:
    found = hub.repository(ID, CancelToken()).models
    assert [(model.name, model.quantization, model.size_bytes) for model in found] == [
        (MODEL, "Q4_K_M", len(CONTENT)),
        ("BF16/Small-7B-BF16-00001-of-00002.gguf", "BF16", 8),
    ]
    assert found[0].sha256 == Bytes(CONTENT).sha256
    assert found[1].sha256 == ""


def test_the_same_revision_can_be_had_by_its_commit(hub: Hub) -> None:
    found = hub.repository(ID, CancelToken())
    assert hub.repository(ID, CancelToken(), found.revision) == found


@pytest.mark.parametrize("id_", ["somebody/Nothing", "nobody/Small-7B-GGUF"])
def test_what_is_not_there_is_not_found(hub: Hub, id_: str) -> None:
    with pytest.raises(RepositoryNotFoundError, match=id_):
        hub.repository(id_, CancelToken())


def test_a_revision_that_is_not_there_is_not_found(hub: Hub) -> None:
    with pytest.raises(RepositoryFileNotFoundError, match="no longer has the version"):
        hub.repository(ID, CancelToken(), "0" * 40)


@pytest.mark.parametrize("text", ["", "small", "../etc", "a/b/c", "a b/c", "a/..", "datasets/x", "a/" + "b" * 200])
def test_a_name_that_cannot_be_is_not_found(hub: Hub, text: str) -> None:
    with pytest.raises(RepositoryNotFoundError):
        hub.repository(text, CancelToken())


@pytest.mark.parametrize("path", [MODEL, "README.md"])
def test_ranges_are_the_bytes_there_and_shorter_at_the_end_alone(hub: Hub, path: str) -> None:
    repository, data = hub.repository(ID, CancelToken()), FILES[path]
    for offset, length in ((0, 4), (1, 5), (0, len(data)), (len(data) - 2, 100), (len(data), 10), (len(data) + 9, 1)):
        expected = data[offset : offset + length]
        assert hub.read_range(repository, path, offset, length, CancelToken()) == expected
    assert hub.read_range(repository, path, 0, 0, CancelToken()) == b""


@pytest.mark.parametrize(("offset", "length"), [(-1, 5), (0, -5), (0, MOST_RANGE_BYTES + 1)])
def test_a_range_out_of_bounds_is_a_mistake_in_the_program(hub: Hub, offset: int, length: int) -> None:
    with pytest.raises(ValueError, match="out of bounds"):
        hub.read_range(hub.repository(ID, CancelToken()), MODEL, offset, length, CancelToken())


def test_a_file_that_is_not_listed_is_not_found(hub: Hub) -> None:
    with pytest.raises(RepositoryFileNotFoundError, match=r"has no file 'other\.gguf'"):
        hub.read_range(hub.repository(ID, CancelToken()), "other.gguf", 0, 5, CancelToken())


def test_a_header_s_reader_gets_ranges_from_the_file_s_start(hub: Hub) -> None:
    read = hub.read_range_of(hub.repository(ID, CancelToken()), MODEL, CancelToken())
    assert read(0, 4) == CONTENT[:4]
    assert read(200_000, 100) == CONTENT[200_000:200_100]
    assert read(len(CONTENT) - 3, 100) == CONTENT[-3:]


@pytest.mark.parametrize(
    ("how", "expected", "attributes"),
    [
        ("offline", HubOfflineError, {}),
        ("broken", HubConnectionError, {}),
        ("busy", HubBusyError, {"retry_after_seconds": 7}),
    ],
)
def test_a_failure_is_told_by_its_kind(
    failing: Failing, how: str, expected: type[HubError], attributes: dict[str, Any]
) -> None:
    with pytest.raises(expected) as caught:
        failing(how).repository(ID, CancelToken())
    assert caught.value.sentence.endswith(".")
    assert {name: getattr(caught.value, name) for name in attributes} == attributes


def test_nothing_is_asked_once_it_is_cancelled(hub: Hub) -> None:
    repository = hub.repository(ID, CancelToken())
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        hub.repository(ID, cancel)
    with pytest.raises(CancelledError):
        hub.read_range(repository, MODEL, 0, 5, cancel)


def test_a_token_is_somebodys_or_nobodys(hub: Hub) -> None:
    assert hub.account("hf_good", CancelToken()) == "somebody"
    with pytest.raises(HubTokenError, match="does not accept your token"):
        hub.account("hf_no", CancelToken())


def test_whose_a_token_is_cannot_be_told_offline(failing: Failing) -> None:
    with pytest.raises(HubOfflineError):
        failing("offline").account("hf_good", CancelToken())
