"""A stand-in for Renderjuice's API and its storage, on loopback. It renders nothing.

It answers as the API is documented, and notes every request that the documentation does not allow.
A job goes on when it is read, and is rendered when `finish` is called: its one frame is `picture`.
"""

import json
import threading
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.1"
NEXT = {"validating": "validated", "booting": "rendering", "finalizing": "completed"}
STARTED = {"booting", "rendering", "finalizing", "completed"}


@dataclass
class Request:
    """A request; `body` is shorter than `length` if the client went away."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    length: int


@dataclass
class Answer:
    """A response. A `body` that is not bytes is sent as JSON."""

    status: int
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)


class Farm:
    """The stand-in. It serves until `close`."""

    def __init__(self, key: str, picture: bytes) -> None:
        """Start it. Raises OSError."""
        self.key = key
        self.picture = picture
        self.frame_name = "0001.png"
        self.package = b""
        """The package that was uploaded."""
        self.jobs: dict[str, dict[str, Any]] = {}
        self.renders = 0
        """How many renders were started."""
        self.reads = 0
        """How often a job or the list of jobs was read."""
        self.complaints: list[str] = []
        """The requests that the documentation does not allow."""
        self._slugs: dict[str, str] = {}
        self._signature = uuid.uuid4().hex
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"farm": self})
        self._server = _Server((HOST, 0), handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        """The address of the server."""
        return f"http://{HOST}:{self._server.server_port}"

    @property
    def api_url(self) -> str:
        """The API's address."""
        return f"{self.address}/api/external/v1"

    def finish(self) -> None:
        """Let the render end."""
        with self._lock:
            for job in self.jobs.values():
                if job["status"] in STARTED:
                    job["status"] = "finalizing"

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        with self._lock:
            if request.path.startswith("/storage/"):
                return self._storage(request)
            if request.headers.get("authorization") != f"Bearer {self.key}":
                return Answer(401, {"message": "Invalid API key"})
            return self._call(request)

    # -- the API -----------------------------------------------------------------------------------

    def _call(self, request: Request) -> Answer:
        path = request.path.removeprefix("/api/external/v1")
        body: Any = json.loads(request.body) if request.body else {}
        match request.method, *path.strip("/").split("/"):
            case "POST", "uploads":
                return self._upload(body)
            case "POST", "jobs":
                return self._create(body)
            case "GET", "jobs":
                return self._list()
            case "GET", "jobs", "progress":
                return Answer(200, [])
            case method, "jobs", job_id, *action if job_id in self.jobs:
                return self._job(method, self.jobs[job_id], "".join(action), body)
        return self._refuse(404, f"{request.method} {path}")

    def _upload(self, body: Any) -> Answer:
        name, kind = str(body.get("fileName", "")), body.get("fileType")
        if kind not in ("blend", "zip") or not name.endswith(f".{kind}"):
            return self._refuse(400, f"an upload of {kind}")
        slug = uuid.uuid4().hex
        self._slugs[slug] = ""
        url = self._signed(slug)
        return Answer(200, {"uploadUrl": url, "slug": slug, "expiresAt": "2999-01-01T00:00:00Z"})

    def _create(self, body: Any) -> Answer:
        if self._slugs.get(body.get("slug")) != "uploaded":
            return self._refuse(400, "a job without an upload")
        job_id = str(uuid.uuid4())
        self._slugs[body["slug"]] = job_id
        moment = "2026-01-01T00:00:00Z"
        self.jobs[job_id] = {
            "id": job_id,
            "status": "created",
            "workspaceId": "selftest",
            "createdAt": moment,
            "updatedAt": moment,
        }
        return Answer(200, self.jobs[job_id])

    def _list(self) -> Answer:
        self.reads += 1
        jobs = [self._read(job) for job in self.jobs.values()]
        pages = {"page": 1, "pageSize": 100, "total": len(jobs), "totalPages": 1}
        return Answer(200, {"jobs": jobs, "pagination": pages})

    def _job(self, method: str, job: dict[str, Any], action: str, body: Any) -> Answer:
        match method, action:
            case "GET", "":
                self.reads += 1
                return Answer(200, {"data": self._read(job)})
            case "POST", "validate" if job["status"] == "created":
                job["status"] = "validating"
                return Answer(200, job)
            case "POST", "render":
                return self._render(job, body.get("requestedRenderConfig"))
            case "GET", "downloads":
                return Answer(200, self._downloads(job))
        return self._refuse(400, f"{method} {action} of a job that is {job['status']}")

    def _render(self, job: dict[str, Any], config: Any) -> Answer:
        if job["status"] in STARTED:
            return Answer(200, job, {"X-Idempotent-Replay": "true"})
        if job["status"] != "validated" or not (config or {}).get("colorManagementPreset"):
            return self._refuse(400, f"a render of a job that is {job['status']}")
        self.renders += 1
        job |= {"status": "booting", "requestedConfig": config, "finalConfig": config}
        return Answer(200, job)

    def _downloads(self, job: dict[str, Any]) -> dict[str, Any]:
        frame = {"url": self._signed("frame"), "fileName": self.frame_name, "relativePath": ""}
        ready = [frame] if job["status"] == "completed" else []
        return {"frames": [], "compositeNodes": [], "transforms": {}, "frameOutputs": ready}

    @staticmethod
    def _read(job: dict[str, Any]) -> dict[str, Any]:
        """The job as it is now; it goes on with each look."""
        now = dict(job)
        job["status"] = NEXT.get(job["status"], job["status"])
        return now

    def _refuse(self, status: int, what: str) -> Answer:
        self.complaints.append(what)
        return Answer(status, {"message": f"Not possible: {what}"})

    # -- the storage -------------------------------------------------------------------------------

    def _signed(self, name: str) -> str:
        return f"{self.address}/storage/{name}?X-Signature={self._signature}"

    def _storage(self, request: Request) -> Answer:
        name = request.path.rpartition("/")[2]
        if "authorization" in request.headers:
            return self._refuse(400, "the key sent to the storage")
        if request.query.get("X-Signature") != self._signature:
            return self._refuse(403, "a storage address that is not signed")
        if request.method == "PUT" and name in self._slugs:
            if len(request.body) != request.length or not request.length:
                return self._refuse(400, "an upload of another length")
            self.package = request.body
            self._slugs[name] = "uploaded"
            return Answer(200)
        if request.method == "GET" and name == "frame":
            return Answer(200, self.picture, {"ETag": '"1"', "Content-Type": "image/png"})
        return self._refuse(404, f"{request.method} of the storage")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without asking a name server for this computer's name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    farm: ClassVar[Farm]

    def log_message(self, *_: Any) -> None:
        """Log nothing."""

    def handle(self) -> None:
        """Serve a connection until the client closes it, or is killed."""
        with suppress(OSError):
            super().handle()

    def _handle(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = int(headers.get("content-length", 0))
        body = self.rfile.read(length)
        request = Request(self.command, address.path, query, headers, body, length)
        answer = self.farm.answer(request)
        content = answer.body if isinstance(answer.body, bytes) else _json(answer.body)
        self.send_response_only(answer.status)
        for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = _handle


def _json(data: Any) -> bytes:
    return json.dumps(data).encode()
