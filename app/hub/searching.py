"""Searches the hub a page at a time, and takes from its answers only what holds up.

The library's own paging asks again by itself for a minute and more when a request fails, so it is not used.
"""

import logging
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from huggingface_hub import get_session

from app.core.hub_reference import is_repository_id
from app.core.hub_search import FoundRepository, HubSearch, SearchOrder, SearchPage
from app.hub.answers import MOST_COUNT, count_of, license_of, plain_headers, text_of
from app.hub.refusals import host_of, not_understood

MOST_PER_PAGE = 100
_MOST_REQUESTS = 4  # for one page, when our own filters leave little of each answer
_MOST_CURSOR = 2000
_SORTS = {SearchOrder.DOWNLOADS: "downloads", SearchOrder.LIKES: "likes", SearchOrder.NEWEST: "createdAt"}
_FACTS = ("downloads", "likes", "lastModified", "gated", "gguf", "tags", "cardData", "pipeline_tag", "siblings")
_VISION = "image-text-to-text"  # https://huggingface.co/tasks/image-text-to-text

_log = logging.getLogger(__name__)


def search(endpoint: str, query: HubSearch, token: str) -> SearchPage:
    """See Hub.search."""
    found: list[FoundRepository] = []
    after = query.after
    for _ in range(_MOST_REQUESTS):
        page, after = _asked(endpoint, query, after, token)
        found += [one for one in page if _is_wanted(one, query)]
        if not after or len(found) >= query.page_size // 2:
            break
    return SearchPage(tuple(found), after)


def _asked(endpoint: str, query: HubSearch, after: str, token: str) -> tuple[list[FoundRepository], str]:
    """One answer of the hub, and where the next begins; empty when there is none."""
    response = get_session().get(
        f"{endpoint}/api/models", params=_parameters(query, after), headers=plain_headers(token)
    )
    try:
        said = response.json()
    except (ValueError, RecursionError) as error:
        raise not_understood(host_of(endpoint), f"{type(error).__name__}: {error}") from error
    if not isinstance(said, list):
        raise not_understood(host_of(endpoint), f"a list of models is {type(said).__name__}")
    found = [one for entry in said if (one := _found(entry, endpoint)) is not None]
    if len(found) < len(said):
        _log.info("%d of %d repositories make no sense and are left out", len(said) - len(found), len(said))
    # Only the cursor is taken from the address of the next page, which could lead anywhere.
    link = response.links.get("next", {}).get("url", "")
    cursor = parse_qs(urlsplit(link).query).get("cursor", [""])[0]
    return found, cursor if len(cursor) <= _MOST_CURSOR and cursor != after else ""


def _parameters(query: HubSearch, after: str) -> list[tuple[str, str | int | float | bool | None]]:
    """What goes behind the question mark; several filters must all hold."""
    filters = ["gguf"]
    if len(query.licenses) == 1:
        filters.append(f"license:{query.licenses[0]}")
    if "vision" in query.abilities:
        filters.append(_VISION)
    asked = [
        ("search", query.text.strip()),
        ("gated", "false" if query.without_account else ""),
        ("sort", _SORTS[query.order]),
        ("limit", str(min(max(query.page_size, 1), MOST_PER_PAGE))),
        ("cursor", after),
    ]
    return [
        *(pair for pair in asked if pair[1]),
        *(("filter", name) for name in filters),
        *(("expand", name) for name in _FACTS),
    ]


def _is_wanted(one: FoundRepository, query: HubSearch) -> bool:
    """Whether it passes the filters that the hub may not know."""
    if query.licenses and one.license not in query.licenses:
        return False
    if query.without_account and one.gated:
        return False
    if query.parameters is not None:
        least, most = query.parameters
        if not one.parameter_count or not least <= one.parameter_count <= most:
            return False
    return set(query.abilities) <= set(one.abilities)


def _found(said: Any, endpoint: str) -> FoundRepository | None:
    """What one entry says; None when it names no repository."""
    if not isinstance(said, dict) or not is_repository_id(str(said.get("id"))):
        return None
    gguf = said.get("gguf")
    facts: dict[str, Any] = gguf if isinstance(gguf, dict) else {}
    gated = said.get("gated")
    return FoundRepository(
        id=said["id"],
        page=f"{endpoint}/{said['id']}",
        downloads=count_of(said.get("downloads"), MOST_COUNT),
        likes=count_of(said.get("likes"), MOST_COUNT),
        updated=_time(said.get("lastModified")),
        license=license_of(said.get("cardData")) or _tagged_license(said.get("tags")),
        gated=None if gated is None else bool(gated),
        architecture=text_of(facts.get("architecture")),
        parameter_count=count_of(facts.get("total"), MOST_COUNT) or 0,
        context_length=count_of(facts.get("context_length"), MOST_COUNT) or 0,
        abilities=_abilities(said, facts),
    )


def _abilities(said: dict[str, Any], gguf: dict[str, Any]) -> tuple[str, ...]:
    """A template that has a place for tools can be given some; a projector or the hub's task shows that it can see."""
    template = gguf.get("chat_template")
    siblings = said.get("siblings")
    names = (
        [str(one.get("rfilename")) for one in siblings if isinstance(one, dict)] if isinstance(siblings, list) else []
    )
    found = []
    if isinstance(template, str) and "tools" in template:
        found.append("tools")
    if said.get("pipeline_tag") == _VISION or any("mmproj" in name.lower() for name in names):
        found.append("vision")
    return tuple(found)


def _tagged_license(tags: object) -> str:
    named = (
        [tag for tag in tags if isinstance(tag, str) and tag.startswith("license:")] if isinstance(tags, list) else []
    )
    return text_of(named[0].partition(":")[2]) if named else ""


def _time(said: object) -> datetime | None:
    try:
        return datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
