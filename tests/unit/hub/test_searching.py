"""Searches at the real hub: what is asked, how its pages are gone through, and what of odd answers is believed."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.core.cancel import CancelToken
from app.core.errors import HubError, HubFaultError
from app.core.hub_search import FoundRepository, HubSearch, SearchOrder, SearchPage
from app.hub.huggingface import HuggingFaceHub
from tests.hub_server.contents import Bytes
from tests.hub_server.faults import Fault, Part, too_many_requests
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

FACTS = {"total": 134_515_008, "architecture": "llama", "context_length": 8192, "chat_template": "{% if tools %}"}


def add(served: HubServer, name: str, license_name: str = "mit", gated: str | bool = False, **facts: Any) -> None:
    served.add(ServedRepository(name, {"x.gguf": Bytes(b"x")}, gated, license_name, facts))


def found(served: HubServer, query: HubSearch | None = None) -> SearchPage:
    return HuggingFaceHub(served.endpoint).search(query or HubSearch(), CancelToken())


def asked(served: HubServer, number: int = -1) -> dict[str, list[str]]:
    """The parameters of a request."""
    return parse_qs(urlsplit(served.asked(Part.API)[number].path).query)


def test_an_entry_tells_all_that_the_hub_says(hub_server: HubServer) -> None:
    add(hub_server, "a/one", gguf=FACTS, downloads=7, likes=3, gated="auto", pipeline_tag="image-text-to-text")
    (one,) = found(hub_server).found
    assert one == FoundRepository(
        id="a/one",
        page=f"{hub_server.endpoint}/a/one",
        downloads=7,
        likes=3,
        updated=datetime(2026, 11, 1, tzinfo=UTC),
        license="mit",
        gated=True,
        architecture="llama",
        parameter_count=134_515_008,
        context_length=8192,
        abilities=("tools", "vision"),
    )


def test_what_is_asked_is_what_was_wanted(hub_server: HubServer) -> None:
    query = HubSearch(" small ", ("mit",), ("vision",), order=SearchOrder.NEWEST, without_account=True, page_size=7)
    found(hub_server, query)
    said = asked(hub_server)
    assert "gguf" in said.pop("expand")
    assert said == {
        "search": ["small"],
        "filter": ["gguf", "license:mit", "image-text-to-text"],
        "sort": ["createdAt"],
        "limit": ["7"],
        "gated": ["false"],
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (HubSearch(order=SearchOrder.LIKES), ["b/two", "a/one", "c/three"]),
        (HubSearch(order=SearchOrder.DOWNLOADS), ["c/three", "b/two", "a/one"]),
        (HubSearch(abilities=("tools",)), ["a/one"]),
        (HubSearch(abilities=("vision",)), ["b/two"]),
        (HubSearch(abilities=("tools", "vision")), []),
        (HubSearch(licenses=("mit", "gemma")), ["b/two", "a/one"]),
        (HubSearch(parameters=(1, 200_000_000)), ["a/one"]),
        (HubSearch(parameters=(134_515_008, 134_515_008)), ["a/one"]),
        (HubSearch(parameters=(200_000_000, 10**12)), []),
        (HubSearch(without_account=True), ["b/two", "a/one"]),
    ],
)
def test_filters_and_order(hub_server: HubServer, query: HubSearch, names: list[str]) -> None:
    hub_server.page_size = 10
    add(hub_server, "a/one", likes=2, downloads=1, gguf=FACTS)
    add(hub_server, "b/two", "gemma", likes=3, downloads=2, pipeline_tag="image-text-to-text")
    add(hub_server, "c/three", "apache-2.0", gated="manual", likes=1, downloads=3)
    assert [one.id for one in found(hub_server, query).found] == names


def test_a_projector_among_the_files_shows_that_a_model_can_see(hub_server: HubServer) -> None:
    hub_server.add(ServedRepository("a/one", {"x.gguf": Bytes(b"x"), "mmproj-F16.gguf": Bytes(b"x")}))
    assert found(hub_server).found[0].abilities == ("vision",)


def test_all_pages_are_gone_through_without_a_repeat(hub_server: HubServer) -> None:
    names = [f"a/m{number}" for number in range(7)]
    for name in names:
        add(hub_server, name)
    seen: list[str] = []
    after = ""
    while True:
        page = found(hub_server, HubSearch(page_size=2, after=after))
        seen += [one.id for one in page.found]
        after = page.next
        if not after:
            break
    assert seen == names


def test_filters_of_our_own_ask_on_for_a_while(hub_server: HubServer) -> None:
    for number in range(20):
        add(hub_server, f"a/m{number:02}", gguf=FACTS if number == 5 else {})
    page = found(hub_server, HubSearch(abilities=("tools",), page_size=2))
    assert [one.id for one in page.found] == ["a/m05"]
    assert page.next
    assert len(hub_server.asked(Part.API)) == 3
    hub_server.requests.clear()
    page = found(hub_server, HubSearch(abilities=("tools",), page_size=2, after=page.next))
    assert page.found == ()
    assert page.next, "more is there, and nothing was asked without end"
    assert len(hub_server.asked(Part.API)) == 4


def test_the_next_page_is_asked_at_the_hub_wherever_its_address_leads(hub_server: HubServer) -> None:
    link = '<http://127.0.0.1:9/api/models?cursor=1>; rel="next"'
    add(hub_server, "a/one")
    hub_server.fail(Part.API, Fault(headers=(("Link", link),)), times=1)
    page = found(hub_server, HubSearch(page_size=2))
    assert page.next == "1"
    found(hub_server, HubSearch(after=page.next))
    assert asked(hub_server)["cursor"] == ["1"]


def test_the_token_goes_along(hub_server: HubServer) -> None:
    HuggingFaceHub(hub_server.endpoint, lambda: "hf_good").search(HubSearch(), CancelToken())
    assert hub_server.requests[0].authorization == "Bearer hf_good"


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"null", b"7", b"<html>", b"[" * 100_000])
def test_an_answer_that_makes_no_sense_is_called_that(hub_server: HubServer, body: bytes) -> None:
    hub_server.fail(Part.API, Fault(body=body))
    with pytest.raises(HubFaultError, match="cannot be used"):
        found(hub_server)


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(drop_at=1), too_many_requests(5)])
def test_a_failure_is_told_at_once(hub_server: HubServer, fault: Fault) -> None:
    hub_server.fail(Part.API, fault)
    with pytest.raises(HubError):
        found(hub_server)
    assert len(hub_server.requests) == 1


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, {"downloads": None, "likes": None, "updated": None, "license": "", "gated": None}),
        ({"downloads": -1, "likes": "many", "lastModified": 5}, {"downloads": None, "likes": None, "updated": None}),
        ({"lastModified": "yesterday"}, {"updated": None}),
        ({"gguf": [], "tags": 7, "siblings": {}}, {"architecture": "", "parameter_count": 0, "abilities": ()}),
        ({"gguf": {"total": "x", "chat_template": ["tools"]}}, {"parameter_count": 0, "abilities": ()}),
        ({"siblings": [None, 7, {}]}, {"abilities": ()}),
        ({"tags": ["license:gemma", 5]}, {"license": "gemma"}),
        ({"cardData": {"license": "other", "license_name": "mine"}}, {"license": "mine"}),
        ({"cardData": 5}, {"license": ""}),
    ],
)
def test_of_an_odd_entry_only_what_holds_up_is_taken(
    hub_server: HubServer, facts: dict[str, Any], expected: dict[str, Any]
) -> None:
    odd: list[Any] = [5, None, {}, {"id": "../etc"}, {"id": "a/one", **facts}]
    hub_server.fail(Part.API, Fault(body=json.dumps(odd).encode()))
    (one,) = found(hub_server).found
    assert one.id == "a/one"
    assert {name: getattr(one, name) for name in expected} == expected
