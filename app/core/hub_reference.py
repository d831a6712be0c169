"""Reads what people paste to name a model at the hub: owner and name, or the address of a page."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

HUB_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
MOST_CHARACTERS = 1000
_SCHEMES = ("https://", "http://", "hf://")
# The hub's own rule for names; https://github.com/huggingface/huggingface_hub, utils/_validators.py.
_PART = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?")
_MOST_PER_NAME = 96
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_NO_OWNERS = re.compile(  # the hub's own pages
    "api|blog|buckets|collections|datasets|docs|kernels|organizations|papers|posts|search|settings|spaces|tasks"
)
_NO_QUANTIZATIONS = frozenset(("latest", "main"))


@dataclass(frozen=True, slots=True)
class HubReference:
    """A repository ("owner/name"), and what the text says beyond it; empty when nothing.

    `quantization` is in upper case ("Q4_K_M"), `file` a path in the repository, `revision` a branch or commit.
    """

    repository: str
    quantization: str = ""
    file: str = ""
    revision: str = ""


def is_repository_id(text: str) -> bool:
    """Whether `text` is a well-formed "owner/name"."""
    owner, slash, name = text.partition("/")
    if not slash or len(text) > _MOST_PER_NAME or _NO_OWNERS.fullmatch(owner) or name.endswith(".git"):
        return False
    return all(_PART.fullmatch(part) and "--" not in part and ".." not in part for part in (owner, name))


def page_of(repository: str, endpoint: str = "") -> str:
    """The address of a repository's page at the hub, or at its mirror `endpoint`."""
    return f"{endpoint.rstrip('/') or 'https://' + HUB_HOSTS[0]}/{repository}"


def parse_reference(text: str, hosts: tuple[str, ...] = HUB_HOSTS) -> HubReference | None:
    """What "owner/name", "owner/name:Q4_K_M", "hf.co/owner/name:Q4_K_M" or a page's address stands for.

    None for everything else, other hosts' addresses included. `hosts` are those of the hub and its mirrors.
    """
    text = text.strip()
    if len(text) > MOST_CHARACTERS or not text.isprintable():
        return None
    scheme = next((scheme for scheme in _SCHEMES if text.lower().startswith(scheme)), "")
    rest = text[len(scheme) :]
    host, _, path = rest.partition("/")
    is_address = host.lower() in hosts or scheme == "hf://"
    if scheme and not is_address:
        return None
    if host.lower() in hosts:
        rest = path
    return _parsed(unquote(urlsplit(f"//hub/{rest}").path).strip("/"), is_address)


def _parsed(path: str, is_address: bool) -> HubReference | None:
    """What "owner/name:tag/page…" stands for; without an address before it, it may be a path on this computer."""
    owner, _, behind = path.partition("/")
    name, _, page = behind.partition("/")
    name, colon, tag = name.partition(":")
    repository = f"{owner}/{name}"
    if not is_repository_id(repository) or (colon and not _TAG.fullmatch(tag)):
        return None
    if not is_address and (page or name.lower().endswith(".gguf")):
        return None
    if tag.lower().endswith(".gguf"):
        return HubReference(repository, file=tag)
    revision, file = _page(page)
    return HubReference(repository, "" if tag.lower() in _NO_QUANTIZATIONS else tag.upper(), file, revision)


def _page(page: str) -> tuple[str, str]:
    """Revision and file of an address such as ".../blob/main/folder/model.gguf"."""
    kind, _, rest = page.partition("/")
    if kind not in ("blob", "resolve", "raw", "tree"):
        return "", ""
    revision, _, path = rest.partition("/")
    file = path if kind != "tree" else ""
    return ("" if revision == "main" else revision), file
