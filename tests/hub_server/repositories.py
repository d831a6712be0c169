"""The repositories of the tests' hub, and what it says of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.hub_server.contents import Content, bytes_of

LARGE_FILES = (".gguf", ".bin", ".safetensors")
LARGE_BYTES = 10_000_000


@dataclass
class ServedRepository:
    """A repository "owner/name". `facts` go into its JSON as they are.

    `gated` is "auto" where the hub's token may have it, "manual" where its makers have yet to say so, or False.
    """

    id: str
    files: dict[str, Content]
    gated: str | bool = False
    license: str = "apache-2.0"
    facts: Mapping[str, Any] = field(default_factory=dict)
    _version: int = 0

    @property
    def commit(self) -> str:
        """Another one after each replace()."""
        return self._commit(self._version)

    def has(self, revision: str) -> bool:
        """Whether this branch or commit exists; older commits serve what is there now."""
        return revision == "main" or any(revision == self._commit(version) for version in range(self._version + 1))

    def replace(self, path: str, content: Content) -> None:
        """Put other content in a file's place."""
        self.files[path] = content
        self._version += 1

    def is_large(self, path: str) -> bool:
        """Whether the file lies in the storage and is known by its SHA-256."""
        return path.endswith(LARGE_FILES) or self.files[path].size > LARGE_BYTES

    def etag(self, path: str) -> str:
        """SHA-256 of a large file, Git's object id of a small one."""
        content = self.files[path]
        return content.sha256 if self.is_large(path) else _object_id(bytes_of(content))

    def as_json(self, *, with_files: bool) -> dict[str, Any]:
        """What /api/models/{id} says; `with_files` adds sizes and hashes."""
        return {
            "_id": hashlib.md5(self.id.encode()).hexdigest()[:24],
            "id": self.id,
            "modelId": self.id,
            "author": self.id.split("/")[0],
            "sha": self.commit,
            "lastModified": "2026-11-01T00:00:00.000Z",
            "createdAt": "2026-10-01T00:00:00.000Z",
            "private": False,
            "gated": self.gated,
            "disabled": False,
            "downloads": 10,
            "likes": 1,
            "library_name": "gguf",
            "tags": ["gguf", f"license:{self.license}"],
            "pipeline_tag": "text-generation",
            "cardData": {"license": self.license},
            "siblings": [self._sibling(path, with_files) for path in self.files],
            **self.facts,
        }

    def _sibling(self, path: str, with_files: bool) -> dict[str, Any]:
        entry: dict[str, Any] = {"rfilename": path}
        if not with_files:
            return entry
        content = self.files[path]
        entry["size"] = content.size
        if not self.is_large(path):
            return {**entry, "blobId": self.etag(path)}
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{content.sha256}\nsize {content.size}\n"
        lfs = {"sha256": content.sha256, "size": content.size, "pointerSize": len(pointer)}
        return {**entry, "blobId": _object_id(pointer.encode()), "lfs": lfs}

    def _commit(self, version: int) -> str:
        return hashlib.sha1(f"{self.id} {version}".encode()).hexdigest()


def _object_id(data: bytes) -> str:
    """Git's name for a file of these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
