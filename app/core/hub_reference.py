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
_QUANTIZATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NO_OWNERS = frozenset(
    ("api", "blog", "buckets", "collections", "datasets", "docs", "kernels", "organizations", "papers", "posts")
    + ("search", "settings", "spaces", "tasks")
)
_NO_TAGS = frozenset(("latest", "main"))


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
    if not slash or len(text) > _MOST_PER_NAME or owner in _NO_OWNERS or name.endswith(".git"):
        return False
    return all(_PART.fullmatch(part) and "--" not in part and ".." not in part for part in (owner, name))


def parse_reference(text: str, hosts: tuple[str, ...] = HUB_HOSTS) -> HubReference | None:
    """What "owner/name", "owner/name:Q4_K_M", "hf.co/owner/name:Q4_K_M" or a page's address stands for.

    None for everything else, other hosts' addresses included. `hosts` are those of the hub and its mirrors.
    """
    text = text.strip()
    if len(text) > MOST_CHARACTERS or not text.isprintable():
        return None
    scheme = next((scheme for scheme in _SCHEMES if text.lower().startswith(scheme)), "")
    rest = text[len(scheme) :]
    if scheme != "hf://":
        rest = _without_host(rest, hosts, bool(scheme))
    rest = unquote(urlsplit("//host/" + rest).path)
    owner, _, behind = rest.strip("/").partition("/")
    name, _, page = behind.partition("/")
    name, colon, tag = name.partition(":")
    repository = f"{owner}/{name}"
    if not is_repository_id(repository) or (colon and not _QUANTIZATION.fullmatch(tag)):
        return None
    if page and not scheme and rest == text:  # "folder/sub/file.gguf" is a path on this computer
        return None
    revision, file = _page(page)
    if tag.lower().endswith(".gguf"):
        return HubReference(repository, file=tag, revision=revision)
    return HubReference(repository, "" if tag.lower() in _NO_TAGS else tag.upper(), file, revision)


def _without_host(rest: str, hosts: tuple[str, ...], required: bool) -> str:
    """What follows the hub's host; empty when another host stands there, or none although one is `required`."""
    host, _, path = rest.partition("/")
    if host.lower() in hosts:
        return path
    return "" if required else rest


def _page(page: str) -> tuple[str, str]:
    """Revision and file of an address such as ".../blob/main/folder/model.gguf"."""
    kind, _, rest = page.partition("/")
    if kind not in ("blob", "resolve", "raw", "tree"):
        return "", ""
    revision, _, path = rest.partition("/")
    file = path if kind != "tree" else ""
    return ("" if revision == "main" else revision), file
