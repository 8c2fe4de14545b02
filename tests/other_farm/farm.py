"""The farm: its jobs, its two servers, and the log of all requests."""

import hashlib
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from . import objects
from .endpoints import answer_api
from .habits import Habits, stream
from .names import Scene, draw_scene
from .shapes import error, formed, page
from .timeline import Job
from .wire import Answer, Listener, Request

PRESS = re.compile(rb"PRESS:([\w-]+);")
MAX_REQUESTS = 6000


@dataclass
class Entry:
    """A logged request, for the judge. `press` and `job` are empty if the request names none."""

    at: float  # monotonic
    host: str
    method: str
    path: str
    who: str  # owner of the key; "nobody" for an unknown key, empty without a key
    body: Any
    job: str = ""
    press: str = ""
    status: int = 0
    fault: str = ""
    said: dict[str, str] = field(default_factory=dict)  # each job's status in the response

    def __str__(self) -> str:
        asked = f"{self.who:5} {self.host:7} {self.method:4} {self.path[:90]}"
        body = json.dumps(self.body)[:160] if self.body else ""
        said = self.said.get(self.job, "")
        return f"{asked} {self.status} {self.fault} {self.press} {said} {body}"


@dataclass
class Farm:
    """The farm of one seed. `scene` is the content of every package."""

    seed: int
    scene: Scene = field(init=False)
    keys: dict[str, str] = field(default_factory=dict)  # by user
    calm: bool = False  # behave normally from now on
    log: list[Entry] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)
    uploads: dict[str, bytes | None] = field(default_factory=dict)
    expiries: dict[str, float] = field(default_factory=dict)  # by signature, monotonic
    counters: Counter[str] = field(default_factory=Counter)
    answering: Entry | None = None
    private: tuple[str, ...] = ()  # text that no request may contain
    leaks: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.habits = Habits(self.seed)
        self.scene = draw_scene(stream(self.seed, "scene"))
        for number in range(self.habits.others):
            self._other(number)
        self._listener = Listener(self.handle, MAX_REQUESTS)
        self.api_url = self._listener.address("api") + "/api/external/v1"
        self.storage_url = self._listener.address("storage")

    def _other(self, number: int) -> None:
        """Add a job of the dashboard or of another program, which the extension must not touch."""
        rng = stream(self.seed, f"other {number}")
        job = Job(slug=f"other-{number}", press="", made=time.time() - rng.uniform(0, 9e5))
        statuses = ("created", "validated", "completed", "failed", "rendering", "canceled")
        job.go([(rng.choice(statuses), 0)])
        self.jobs[job.id] = job

    def close(self) -> None:
        self._listener.close()

    @property
    def crashes(self) -> list[BaseException]:
        return self._listener.crashes

    @property
    def flooded(self) -> bool:
        return self._listener.left <= 0

    def count(self, name: str) -> int:
        """Return how often `name` was counted, including this call."""
        self.counters[name] += 1
        return self.counters[name]

    def sign(self, path: str, seconds: float | None = None) -> str:
        """Return a query that gives access to a storage path for a limited time."""
        life = self.habits.url_life if seconds is None else seconds
        number = self.count("sign")
        name = f"{self.seed} {path} {0 if self.habits.same_url else number}"
        signature = "SIG" + hashlib.sha256(name.encode()).hexdigest()[:40]
        self.expiries[signature] = time.monotonic() + (600 if self.calm else life)
        return f"X-Amz-Expires=600&token={signature}"

    def signed(self, request: Request) -> bool:
        return self.expiries.get(request.query.get("token", ""), 0) > time.monotonic()

    def key(self, user: str) -> str:
        """Return a user's key; each user has a different one, so that the log shows the sender."""
        secret = hashlib.sha256(f"key {self.seed} {user}".encode()).hexdigest()
        return self.keys.setdefault(user, f"RJ-{secret[:32]}")

    def who(self, request: Request) -> str:
        given = request.headers.get("authorization")
        known = {f"Bearer {key}": user for user, key in self.keys.items()}
        return known.get(given, "nobody") if given else ""

    def handle(self, host: str, request: Request) -> Answer:
        """Log a request and return its response."""
        entry = Entry(
            time.monotonic(), host, request.method, request.path, self.who(request), None,
        )  # fmt: skip
        self.log.append(entry)
        self.answering = entry
        sent = f"{request.target} {request.headers} {request.body.decode(errors='replace')}"
        self.leaks |= {one for one in self.private if one in sent}
        if host == "storage":
            answer = (
                objects.put(self, request)
                if request.method == "PUT"
                else objects.get(self, request)
            )
            if request.method == "PUT":
                found = PRESS.search(request.body)
                entry.press = found[1].decode() if found else ""
        else:
            entry.body = parsed(request.body)
            found_job = next((id for id in self.jobs if f"/{id}" in request.path), "")
            entry.job = found_job
            entry.press = self.jobs[found_job].press if found_job else ""
            answer = self.refused(request) or self.trouble(request)
            if answer is None:
                answer = answer_api(self, request)
                if not entry.job and entry.method == "POST":
                    entry.job, entry.press = answer.headers.pop("X-Log", " ").split(" ")
            if not self.calm:
                answer = formed(self.habits.json_form, answer)
        answer.headers.pop("X-Log", None)
        answer.close = answer.close or self.habits.close_always
        entry.status, entry.fault = answer.status, answer.fault
        return answer

    def error(self, request: Request, status: int, words: str, headers: Any = None) -> Answer:
        rng = stream(self.seed, f"error {self.count('error')}")
        url = f"{self.storage_url}/quoted?{self.sign('/quoted')}"
        kind = "message" if self.calm else self.habits.error_body
        answer = error(rng, kind, status, words, request, url)
        answer.headers |= headers or {}
        return answer

    def refused(self, request: Request) -> Answer | None:
        """Return 401 or 403 if the key is wrong or is refused for a while, else None."""
        if self.who(request) in ("", "nobody"):
            return self.error(request, 401, "Unauthorized")
        span = self.habits.key_refused
        number = self.count("keyed")
        if self.calm or not span or not span[0] <= number < span[0] + span[1]:
            return None
        return self.error(request, self.habits.key_status, "API access is not enabled")

    def trouble(self, request: Request) -> Answer | None:
        """Return a random failure of a call that has no effect on the farm, or None."""
        rng = stream(self.seed, f"trouble {self.count('call')}")
        if self.calm or rng.random() >= self.habits.trouble:
            return None
        if self.count("trouble") > self.habits.most_troubles:
            return None
        kind = rng.choice(self.habits.troubles)
        later = self.habits.retry_after
        if later == "date":
            later = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 1))
        headers = {} if later is None else {"Retry-After": later}
        others = {
            "mute": Answer(fault="mute"),
            "reset": Answer(200, b'{"data": {"id"' * 40, fault="reset"),
            "cut": Answer(200, b'{"data": {"id"' * 40, fault="cut"),
            "short": Answer(200, b'{"data": {"id"' * 40, fault="short"),
            "html-200": page(200),
            "empty-200": Answer(200),
            "gzip": Answer(200, b"no gzip", {"Content-Encoding": "gzip"}),
            "redirect": Answer(307, b"", {"Location": self.storage_url + "/api" + request.path}),
        }
        if kind == "slow":
            answer = answer_api(self, request)
            answer.delay = 0.3
            return answer
        if kind in others:
            return others[kind]
        return self.error(request, int(kind), "try again", headers)


def parsed(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return repr(body[:200])
