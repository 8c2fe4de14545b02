"""The faults of one random run, chosen by its seed: the same seed gives the same scenario."""

import json
from dataclasses import dataclass
from random import Random

from tests.chaos.proxy import Fault

TIME_SCALE = 0.03
"""Makes timeouts 0.3 s to connect, 1.8 s to read, 3.6 s to read the storage's response to a PUT."""
SECONDS_OF_EVENTS = 3.0

BODIES = (
    json.dumps({"message": "made at random"}).encode(),
    json.dumps({"error": {"message": "random", "code": 7}}).encode(),
    b"<html><head><title>Bad Gateway</title></head><body>nginx</body></html>",
    b"<Error><Code>SlowDown</Code><Message>random</Message></Error>",
    b"",
)
STATUSES = (400, 401, 403, 404, 408, 409, 410, 418, 429, 500, 502, 503)
DATES = ("Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT")
REDIRECTS = (301, 302, 303, 307, 308)
BY_BYTE = (
    "reset before",
    "reset in request",
    "reset in answer",
    "reset after",
    "refused",
    "stall",
    "silence",
    "drip",
    "truncated",
    "too long",
    "length too small",
    "length too large",
    "garbage",
)
API_CALLS = (
    ("POST", "/uploads$"),
    ("POST", "/jobs$"),
    ("POST", "/validate$"),
    ("POST", "/render$"),
    ("GET", "/jobs/[0-9a-f-]{36}$"),
    ("GET", "/progress$"),
    ("GET", "/downloads$"),
    ("POST", "/cancel$"),
)
LIES = (
    ("status unknown", "GET", "/jobs/[0-9a-f-]{36}$"),
    ("status backwards", "GET", "/jobs/[0-9a-f-]{36}$"),
    ("status ahead", "GET", "/jobs/[0-9a-f-]{36}$"),
    ("deleted for client", "GET", "/jobs/[0-9a-f-]{36}$"),
    ("no outputs", "GET", "/downloads$"),
    ("some outputs", "GET", "/downloads$"),
)
EVENTS = (
    "worker killed",
    "worker killed",  # repeated: the most important event is the most frequent
    "worker killed",
    "worker asleep",
    "second worker",
    "key refused",
    "storage not found",
    "storage speaks no TLS",
    "storage has another certificate",
    "addresses expire",
    "addresses revoked",
    "job not known",
    "outputs deleted",
    "job deleted for client",
    "clock moved",
    "disk full",
    "disk really full",
    "folder read-only",
    "folder gone",
    "folder is a file",
    "files deleted",
    "record cut",
    "cancel",
)


@dataclass
class Event:
    """Something that happens `at` seconds after the start and lasts `seconds`, if it lasts."""

    at: float
    kind: str
    seconds: float
    share: float  # from 0 to 1: how much of a file, or which one


@dataclass
class Scenario:
    """All parameters of one run."""

    seed: int
    frames: int
    package_bytes: int
    early: bool
    seconds_per_frame: float
    delay: float
    api: list[Fault]
    storage: list[Fault]
    events: list[Event]

    def __str__(self) -> str:
        faults = [f"{f.kind} {f.method} {f.path} +{f.skip}" for f in self.api + self.storage]
        return "; ".join([*faults, *(f"{e.kind} at {e.at:.2f} s" for e in self.events)])


def random_scenario(seed: int) -> Scenario:
    """The scenario for this seed."""
    random = Random(seed)
    return Scenario(
        seed=seed,
        frames=random.randint(1, 6),
        package_bytes=random.choice((1_000, 50_000, 600_000)),
        early=random.random() < 0.4,
        seconds_per_frame=random.choice((0.0, 0.05, 0.15)),
        delay=random.choice((0.0, 0.05, 0.2)),
        api=[_api_fault(random) for _ in range(random.choice((0, 1, 2, 4)))],
        storage=[_storage_fault(random) for _ in range(random.choice((0, 1, 2, 4)))],
        events=sorted(
            (_event(random) for _ in range(random.choice((0, 1, 1, 2, 3)))), key=lambda e: e.at
        ),
    )


def _api_fault(random: Random) -> Fault:
    if random.random() < 0.2:
        kind, method, path = random.choice(LIES)
        return Fault(kind, method, path, random.randint(0, 2))
    method, path = random.choice(API_CALLS)
    return _fault(random, method, path, random.choice((0, 0, 0, 1, 2)))


def _storage_fault(random: Random) -> Fault:
    method = random.choice(("PUT", "GET", "GET"))
    if method == "GET" and random.random() < 0.15:
        return Fault("flipped byte", "GET", "", random.randint(0, 3), random.random())
    return _fault(random, method, "", 0 if method == "PUT" else random.randint(0, 4))


def _fault(random: Random, method: str, path: str, skip: int) -> Fault:
    if random.random() < 0.45:
        return _status(random, method, path, skip)
    kind = random.choice(BY_BYTE)
    seconds = {"stall": 4.0, "silence": 4.0, "drip": 1.0}.get(kind, random.uniform(0.05, 0.6))
    return Fault(kind, method, path, skip, random.random(), seconds)


def _status(random: Random, method: str, path: str, skip: int) -> Fault:
    kind = random.choice(("status", "status after"))
    headers: tuple[tuple[str, str], ...] = ()
    status = random.choice(STATUSES)
    if random.random() < 0.15:
        status = random.choice(REDIRECTS)
        headers = (("Location", random.choice(("/", "http://127.0.0.1:9/", "https://a.invalid/"))),)
    elif status in (429, 503) and random.random() < 0.6:
        headers = (("Retry-After", random.choice(("0", "1", "soon", "", *DATES))),)
    body = random.choice(BODIES)
    return Fault(kind, method, path, skip, status=status, headers=headers, body=body)


def _event(random: Random) -> Event:
    return Event(
        random.uniform(0.3, SECONDS_OF_EVENTS),
        random.choice(EVENTS),
        random.uniform(0.1, 1.2),
        random.random(),
    )
