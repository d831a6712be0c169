"""Answers one request to the tests' hub as huggingface.co would, or as badly as its fault says."""

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from tests.hub_server.bodies import Body
from tests.hub_server.contents import Content
from tests.hub_server.faults import Fault, Part
from tests.hub_server.repositories import ServedRepository

if TYPE_CHECKING:
    from tests.hub_server.server import HubServer

_MODEL = re.compile(r"/api/models/(?P<id>[^/]+/[^/]+)(?:/revision/(?P<revision>[^/]+))?")
_FILE = re.compile(r"/(?P<id>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")
_LINK = re.compile(r"/repos/(?P<number>\d+)")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class Handler(BaseHTTPRequestHandler):
    """See the module; it belongs to one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fault: Fault

    def do_GET(self) -> None:
        """Answer GET and HEAD: they differ in the body alone."""
        address = urlsplit(self.path)
        path = unquote(address.path)
        part = Part.API if path.startswith("/api/") else self._part
        self._note(part)
        self.fault = self._hub.fault_for(part, self.command)
        if self.fault.status:
            self._error(self.fault.status, "", "", self.fault.body)
        elif part is Part.STORAGE:
            self._answer_link(path)
        elif part is Part.API:
            self._answer_api(path, parse_qs(address.query))
        elif found := _FILE.fullmatch(path):
            self._answer_file(found["id"], found["revision"], found["path"])
        else:
            self._error(404, "", "Not found")

    def do_HEAD(self) -> None:
        """See do_GET."""
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        """Nothing is printed."""

    @property
    def _hub(self) -> "HubServer":
        return cast("HubServer", self.server.hub)  # type: ignore[attr-defined] # it is a _Listener

    @property
    def _part(self) -> Part:
        return cast(Part, self.server.part)  # type: ignore[attr-defined] # it is a _Listener

    def _note(self, part: Part) -> None:
        from tests.hub_server.server import Request

        said = self.headers
        self._hub.requests.append(
            Request(
                part,
                self.command,
                self.path,
                said.get("Range", ""),
                said.get("Authorization", ""),
                said.get("User-Agent", ""),
                tuple(said.items()),
            )
        )

    def _answer_api(self, path: str, query: dict[str, list[str]]) -> None:
        if path == "/api/models":
            self._list(query)
        elif path == "/api/whoami-v2" and self._may_see_gated():
            self._json({"type": "user", "name": "somebody", "auth": {"type": "access_token"}})
        elif path == "/api/whoami-v2":
            self._error(401, "", "Invalid credentials in Authorization header")
        elif (found := _MODEL.fullmatch(path)) is None:
            self._error(404, "", "Not found")
        elif repository := self._repository(found["id"], found["revision"] or "main"):
            said = repository.as_json(with_files="blobs" in query)
            wanted = {"_id", "id", "modelId", *query.get("expand", said)}
            self._json({key: value for key, value in said.items() if key in wanted})

    def _list(self, query: dict[str, list[str]]) -> None:
        """One page of the models, with the address of the next."""
        words, author = query.get("search", [""])[0].lower(), query.get("author", [""])[0]
        facts = [
            repository.as_json(with_files=False)
            for id_, repository in sorted(self._hub.repositories.items())
            if words in id_.lower() and author in ("", id_.split("/")[0])
        ]
        found = [
            said
            for said in facts
            if set(query.get("filter", [])) <= {*said["tags"], said["pipeline_tag"]}
            and ("gated" not in query or bool(said["gated"]) == (query["gated"][0] == "true"))
        ]
        if "sort" in query:
            found.sort(key=lambda said: said[query["sort"][0]], reverse=True)
        start = int(query.get("cursor", ["0"])[0])
        end = start + min(self._hub.page_size, int(query.get("limit", ["1000"])[0]))
        headers: tuple[tuple[str, str], ...] = ()
        if end < len(found):
            following = urlencode({**query, "cursor": [str(end)]}, doseq=True)
            headers = (("Link", f'<{self._hub.endpoint}/api/models?{following}>; rel="next"'),)
        wanted = {"_id", "id", "modelId", *query["expand"]} if "expand" in query else None
        page = [{key: said[key] for key in said if wanted is None or key in wanted} for said in found[start:end]]
        self._json(page, headers)

    def _repository(self, id_: str, revision: str) -> ServedRepository | None:
        """The repository; None once the error is sent."""
        authorization = self.headers.get("Authorization", "")
        repository = self._hub.repositories.get(id_)
        if authorization and not self._may_see_gated():
            self._error(401, "", "Invalid credentials in Authorization header")
        elif repository is None:  # without a token the hub does not say whether it exists
            said = "Repository not found" if authorization else "Invalid username or password."
            self._error(404 if authorization else 401, "RepoNotFound", said)
        elif not repository.has(revision):
            self._error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        else:
            return repository
        return None

    def _may_see_gated(self) -> bool:
        return self.headers.get("Authorization", "") == f"Bearer {self._hub.token}"

    def _answer_file(self, id_: str, revision: str, path: str) -> None:
        repository = self._repository(id_, revision)
        if repository is None:
            return
        if repository.gated == "manual" or (repository.gated and not self._may_see_gated()):
            status = 403 if self.headers.get("Authorization") else 401
            self._error(status, "GatedRepo", f"Access to model {id_} is restricted.")
        elif path not in repository.files:
            self._error(404, "EntryNotFound", "Entry not found")
        else:
            content, large = repository.files[path], repository.is_large(path)
            etag = f'"{self.fault.etag or repository.etag(path)}"'
            headers = [("X-Repo-Commit", repository.commit), ("ETag", etag)]
            if large:
                size = content.size if self.fault.size is None else self.fault.size
                headers += [("X-Linked-ETag", etag), ("X-Linked-Size", str(size))]
            if large and self._hub.redirects:
                self._start(302, [*headers, ("Location", self._hub.make_link(id_, path)), ("Content-Length", "0")])
            else:
                self._send(path, content, headers)

    def _answer_link(self, path: str) -> None:
        found = _LINK.fullmatch(path)
        linked = self._hub.follow_link(int(found["number"])) if found else None
        if linked is None:
            self._error(403, "", "", b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
            return
        content = self._hub.repositories[linked[0]].files[linked[1]]
        # The storage has an ETag of its own, which is not the hub's.
        self._send(linked[1], content, [("ETag", f'"s3-{content.size:x}"')])

    def _send(self, path: str, content: Content, headers: list[tuple[str, str]]) -> None:
        """The file, or the range of it that was asked for."""
        start, end = 0, content.size
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        status = 206 if asked and not self.fault.ignores_range else 200
        if asked and status == 206:
            start = int(asked[1]) + self.fault.range_shift
            end = min(int(asked[2]) + 1 if asked[2] else end, end)
            if start >= content.size:
                return self._start(416, [("Content-Range", f"bytes */{content.size}"), ("Content-Length", "0")])
            headers = [*headers, ("Content-Range", f"bytes {start}-{end - 1}/{content.size}")]
        if not self.fault.ignores_range:
            headers = [*headers, ("Accept-Ranges", "bytes")]
        self._body(status, headers, content.pieces(start, end), end - start, start, path)
        return None

    def _json(self, said: Any, headers: tuple[tuple[str, str], ...] = ()) -> None:
        data = json.dumps(said).encode() if self.fault.body is None else self.fault.body
        self._body(200, [*headers, ("Content-Type", "application/json")], iter((data,)), len(data))

    def _error(self, status: int, code: str, message: str, body: bytes | None = None) -> None:
        data = json.dumps({"error": message or "failed"}).encode() if body is None else body
        headers = [("X-Error-Code", code), ("X-Error-Message", message)]
        self._body(status, [pair for pair in headers if pair[1]], iter((data,)), len(data))

    def _start(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in (*headers, *self.fault.headers):
            self.send_header(name, value)
        self.end_headers()

    def _body(
        self,
        status: int,
        headers: list[tuple[str, str]],
        pieces: Iterator[bytes | memoryview],
        length: int,
        start: int = 0,
        path: str = "",
    ) -> None:
        """Headers and body, as whole as the fault lets them be."""
        body = Body(self.fault, self.wfile, self._hub.stopping)
        if not self.fault.endless:
            headers = [*headers, ("Content-Length", str(max(length + self.fault.length_error, 0)))]
        self._start(status, headers)
        if self.command == "HEAD":
            return
        try:
            body.write(pieces, length, start)
        finally:
            self.close_connection = self.close_connection or body.is_odd
            if path:
                from tests.hub_server.server import Sent

                self._hub.sent.append(Sent(self._part, path, start, body.sent))
        if body.is_odd:
            with contextlib.suppress(OSError):  # the client was faster
                self.connection.shutdown(socket.SHUT_RDWR)
