"""Asks huggingface_hub, and takes from its answers only what holds up: sizes that can be, hashes that are hashes."""

import logging
import re
from typing import Any
from urllib.parse import urljoin

from huggingface_hub import HfApi, get_hf_file_metadata, get_session, hf_hub_url
from huggingface_hub.hf_api import ModelInfo, RepoSibling

from app import __version__
from app.core.errors import HubChangedError, HubConnectionError
from app.core.hub_reference import is_repository_id
from app.hub.base import MOST_RANGE_BYTES, FileAddress, Repository, RepositoryFile
from app.hub.refusals import host_of, not_understood

LIBRARY = "inglenook"
MOST_FILES = 20_000
MOST_FILE_BYTES = 1 << 50
_MOST_PATH = 1024
MOST_COUNT = 1 << 50
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)")
_PARTIAL = 206

_log = logging.getLogger(__name__)


def repository(endpoint: str, repository_id: str, revision: str, token: str) -> Repository:
    """See Hub.repository."""
    api = HfApi(endpoint, token=token or False, library_name=LIBRARY, library_version=__version__)
    try:
        info = api.model_info(repository_id, revision=revision or None, files_metadata=True)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        # What the library raises for JSON that is malformed or not of the expected form; it checks neither.
        raise not_understood(host_of(endpoint), f"{type(error).__name__}: {error}") from error
    return _repository(info, endpoint, repository_id)


def address(endpoint: str, of: Repository, file: RepositoryFile, token: str) -> FileAddress:
    """Where the file's bytes lie. Raises HubChangedError when it is no longer the one that was listed."""
    url = hf_hub_url(of.id, file.path, revision=of.revision, endpoint=endpoint)
    try:
        found = get_hf_file_metadata(
            url, token=token or False, library_name=LIBRARY, library_version=__version__, endpoint=endpoint
        )
    except (ValueError, AttributeError) as error:  # a length that is no number
        raise not_understood(host_of(endpoint), f"{type(error).__name__}: {error}") from error
    etag = found.etag if found.etag and _OBJECT_ID.fullmatch(found.etag) else ""
    other_content = bool(etag) and len(etag) == len(file.etag) and etag != file.etag
    other_size = None not in (found.size, file.size_bytes) and found.size != file.size_bytes
    if other_content or other_size:
        raise _changed(of.id, file.path)
    return FileAddress(urljoin(url, found.location), found.size, etag)


def read_range(url: str, host: str, offset: int, length: int, file: RepositoryFile, token: str) -> bytes:
    """The bytes of the file that lies at `url`; a server that knows no ranges is read from the file's beginning on."""
    headers = {**plain_headers(token), "Range": f"bytes={offset}-{offset + length - 1}"}
    read = bytearray()
    with get_session().stream("GET", url, headers=headers) as response:
        skipped = unwanted(response, host, offset, file, MOST_RANGE_BYTES)
        for chunk in response.iter_raw():
            read += chunk
            if len(read) >= skipped + length:
                break
    if len(read) < skipped + length and file.size_bytes is not None:
        raise HubConnectionError(f"The connection to {host} broke off. Try again.", f"{len(read)} bytes of {length}")
    return bytes(memoryview(read)[skipped : skipped + length])


def plain_headers(token: str) -> dict[str, str]:
    """Who asks."""
    headers = {"User-Agent": f"{LIBRARY}/{__version__}"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def unwanted(response: Any, host: str, offset: int, file: RepositoryFile, most: int = MOST_FILE_BYTES) -> int:
    """How many bytes of the answer lie before `offset`: fewer than `most`, all of them in a server without ranges."""
    if response.status_code != _PARTIAL:
        if offset >= most:
            raise not_understood(host, "it gives whole files only")
        return offset
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != offset:
        raise not_understood(host, f"it gives {response.headers.get('Content-Range')} for {offset}")
    if file.size_bytes is not None and found[3] not in ("*", str(file.size_bytes)):
        raise _changed("", file.path)
    return 0


def _changed(repository: str, path: str) -> HubChangedError:
    return HubChangedError(f"{repository}/{path} has changed at the hub. Look at its page again.".lstrip("/"))


def _repository(info: ModelInfo, endpoint: str, asked: str) -> Repository:
    siblings = info.siblings if isinstance(info.siblings, list) else []
    if len(siblings) > MOST_FILES:
        raise not_understood(host_of(endpoint), f"it lists {len(siblings)} files")
    if not isinstance(info.sha, str) or not _OBJECT_ID.fullmatch(info.sha):
        raise not_understood(host_of(endpoint), f"it has no commit: {info.sha!r}")
    gguf: dict[str, Any] = info.gguf if isinstance(info.gguf, dict) else {}
    named = info.id if is_repository_id(str(info.id)) else asked
    files = tuple(file for sibling in siblings if (file := _file(sibling)) is not None)
    if len(files) < len(siblings):
        _log.info("%s: %d files have impossible names and are left out", named, len(siblings) - len(files))
    return Repository(
        id=named,
        revision=info.sha,
        files=files,
        page=f"{endpoint}/{named}",
        license=license_of(info.card_data),
        gated=None if info.gated is None else bool(info.gated),
        architecture=text_of(gguf.get("architecture")),
        parameter_count=count_of(gguf.get("total"), MOST_COUNT) or 0,
        context_length=count_of(gguf.get("context_length"), MOST_COUNT) or 0,
    )


def _file(sibling: RepoSibling) -> RepositoryFile | None:
    path: object = sibling.rfilename
    if not isinstance(path, str) or not 0 < len(path) <= _MOST_PATH or not path.isprintable():
        return None
    if "\\" in path or not {"", ".", ".."}.isdisjoint(path.split("/")):
        return None
    size = count_of(sibling.size, MOST_FILE_BYTES)
    sha256 = _matching(_SHA256, sibling.lfs.sha256 if sibling.lfs is not None else "")
    return RepositoryFile(path, size, sha256, sha256 or _matching(_OBJECT_ID, sibling.blob_id))


def license_of(card: Any) -> str:
    """As its card says; a licence that the hub has no short name for goes by the name on the card."""
    if not hasattr(card, "get"):
        return ""
    named = text_of(card.get("license_name")) if card.get("license") == "other" else ""
    return named or text_of(card.get("license"))


def _matching(form: re.Pattern[str], value: object) -> str:
    """The text if it has this form; empty for whatever else it is."""
    return value if isinstance(value, str) and form.fullmatch(value) else ""


def text_of(value: object) -> str:
    """A short text; empty for whatever else it is."""
    return value if isinstance(value, str) and len(value) <= 200 and value.isprintable() else ""


def count_of(value: object, most: int) -> int | None:
    """A whole number from 0 to `most`; None for whatever else it is."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None
