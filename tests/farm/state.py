"""The farm's state: its settings, uploads and jobs, and the log of requests and events.

The state is in memory and only used from one event loop, so it needs no locks.
"""

import asyncio
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from tests.farm.faults import Fault
from tests.farm.signing import Signer

ENDED = {"completed", "failed", "canceled"}
LOG_LENGTH = 100_000


class Refused(Exception):
    """The job fails: `name` is the reason as text, `type` is a stable id."""

    def __init__(self, name: str, type_: str):
        super().__init__(name)
        self.name = name
        self.type = type_


@dataclass
class Settings:
    """Settings that tests may change while the farm runs."""

    delays: dict[str, float]  # minimum seconds that a job stays in a status
    url_lifetime: float = 3600.0
    list_outputs_early: bool = False  # list frames before `completed`, which is undocumented
    key_refused: int | None = None  # 401 or 403: the response to every API call
    seconds_per_frame: float = 0.0  # minimum duration of a frame
    normalized_seconds_per_frame: float | None = None  # billed per frame; None: measured
    pattern_size: tuple[int, int] = (64, 64)  # pixels, if the config has no resolution
    deleted_for_client: bool = False  # the outputs of all jobs are deleted
    storage_url: str = ""  # start of signed URLs, e.g. a proxy's address


@dataclass(frozen=True)
class Output:
    """A file below the job's folder that the client may download."""

    path: Path
    file_name: str
    relative_path: str = ""
    view: str | None = None
    node: str | None = None


@dataclass
class Upload:
    """An upload target in the storage for one package."""

    slug: str
    file_name: str
    file_type: str
    path: Path


@dataclass
class Job:
    """The farm's state of one job; `documents.job_document` makes the API's object from it."""

    upload: Upload
    folder: Path
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "created"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    failed: Refused | None = None
    requested: dict[str, Any] | None = None
    final: dict[str, Any] | None = None
    analysis: dict[str, Any] | None = None
    analysis_id: str | None = None
    blend: Path | None = None  # the top-level .blend, unpacked
    seconds: float | None = None
    total: int | None = None
    done: int = 0
    frames: list[Output] = field(default_factory=list)
    nodes: list[Output] = field(default_factory=list)
    zips: dict[str, Output] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None


class Renderer(Protocol):
    """The interface of the objects that validate packages and render frames."""

    async def inspect(self, job: Job) -> dict[str, Any]:
        """Return findings about `job.blend`; raises Refused."""

    async def render(self, job: Job) -> dict[str, Any]:
        """Append to `job.frames` and `job.nodes`, and return the final config; raises Refused."""


class Log:
    """The newest requests and events, oldest first."""

    def __init__(self) -> None:
        self.entries: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self._number = 0

    def add(self, kind: str, **details: Any) -> None:
        """Append one entry with its number and time."""
        self._number += 1
        now = datetime.now(UTC).isoformat()
        self.entries.append({"n": self._number, "at": now, "kind": kind, **details})

    def event(self, event: str, job: Job, **details: Any) -> None:
        """Append an event of a job."""
        self.add("event", event=event, job=job.id, **details)


class Farm:
    """The complete state of one farm."""

    def __init__(
        self, folder: Path, key: str, renderer: Renderer, settings: Settings, storage_url: str
    ):
        self.folder = folder
        self.key = key
        self.renderer = renderer
        self.settings = settings
        self.settings.storage_url = storage_url
        self.log = Log()
        self.faults: list[Fault] = []
        self.calm = asyncio.Event()  # set when the faults are cleared; ends their delays
        self.signer = Signer()
        self.uploads: dict[str, Upload] = {}
        self.jobs: dict[str, Job] = {}
        self.workspace_id = str(uuid.uuid4())
        self.user_id = str(uuid.uuid4())

    def new_upload(self, file_name: str, file_type: str) -> Upload:
        """Create an upload target."""
        slug = uuid.uuid4().hex
        upload = Upload(slug, file_name, file_type, self.folder / "uploads" / slug / file_name)
        upload.path.parent.mkdir(parents=True)
        self.uploads[slug] = upload
        return upload

    def new_job(self, upload: Upload) -> Job:
        """Create a job in `created`."""
        job = Job(upload, self.folder)
        job.folder = self.folder / "jobs" / job.id
        job.folder.mkdir(parents=True)
        self.jobs[job.id] = job
        self.log.event("job created", job, fileName=upload.file_name)
        return job

    def move(self, job: Job, status: str) -> None:
        """Set a job's status."""
        job.status = status
        job.updated_at = datetime.now(UTC)
        self.log.event("status", job, status=status)

    def fail(self, job: Job, reason: Refused) -> None:
        """Set a job to `failed`."""
        job.failed = reason
        self.move(job, "failed")

    def sign(self, method: str, path: Path) -> str:
        """Return a signed storage URL for a file below the farm's folder."""
        key = path.relative_to(self.folder).as_posix()
        lifetime = self.settings.url_lifetime
        return self.settings.storage_url + self.signer.sign(method, key, lifetime)
