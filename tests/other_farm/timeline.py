"""A job's real state on the farm, and the state that the farm reports."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from .habits import UNKNOWN, Habits, stream
from .outputs import Output
from .shapes import details

ENDS = ("completed", "failed", "canceled")
Steps = list[tuple[str, float]]


@dataclass
class Job:
    """One job of the farm. `steps` are its statuses, each with its duration in seconds."""

    slug: str
    press: str  # the press of Submit named in its package; empty: made by another program
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    made: float = field(default_factory=time.time)
    begun: float = field(default_factory=time.monotonic)
    steps: Steps = field(default_factory=lambda: [("created", 0.0)])
    config: Any = None
    renders: int = 0  # number of started renders, which cost money
    canceled_at: float | None = None
    gone: bool = False
    reads: int = 0
    outputs: list[Output] = field(default_factory=list)
    ready: float | None = None  # when the first outputs are listed
    completed_reads: list[float] = field(default_factory=list)  # monotonic, consecutive reads

    def status(self) -> str:
        """Return the current status."""
        passed = time.monotonic() - self.begun
        for status, seconds in self.steps[:-1]:
            if passed < seconds:
                return status
            passed -= seconds
        return self.steps[-1][0]

    def go(self, steps: Steps) -> None:
        self.begun, self.steps = time.monotonic(), steps

    def seconds(self) -> float:
        """Return the seconds until the last step."""
        return sum(seconds for _, seconds in self.steps[:-1])

    @property
    def over(self) -> bool:
        return self.status() in ENDS

    def over_at(self) -> float:
        """Return the monotonic time of its end, infinite if it never ends."""
        return self.begun + self.seconds() if self.steps[-1][0] in ENDS else float("inf")


def validation(habits: Habits, rng: Random) -> Steps:
    """Return the steps after `validate`. A job that fails there stays failed."""
    steps: Steps = [("created", 0.05)] if habits.validate == "late" else []
    steps.append(("validating", rng.choice((0.0, 0.02, 0.08))))
    if rng.random() < habits.flap:
        steps += [("validated", 0.02), ("validating", 0.03)]
    if habits.validation_fails == "failed":
        return [*steps, ("failed", 0)]
    if habits.validation_fails == "stuck":
        return steps
    if habits.validation_fails == "unknown":
        steps.append((rng.choice(UNKNOWN), 0.2))
    return [*steps, ("validated", 0)]


def rendering(habits: Habits, rng: Random) -> Steps:
    """Return the steps after `render`; any may be missing, and the end may be of any kind."""
    steps: Steps = [("validated", 0.06)] if "late" in habits.render else []
    for status in ("booting", "rendering", "finalizing"):
        if rng.random() < 0.85:
            steps.append((status, rng.choice((0.01, 0.03, 0.1))))
        if rng.random() < habits.flap:
            steps.append((rng.choice((*UNKNOWN, "validated", "booting")), 0.03))
    for _ in range(habits.completed_early):
        steps += [("completed", rng.choice((0.005, 0.03))), ("rendering", 0.03)]
    ends = {"unknown": rng.choice(UNKNOWN), "gone": "rendering"}
    return [*steps, (ends.get(habits.end, habits.end), 0)]


def when(habits: Habits, seconds: float) -> str:
    """Return a time in one of the ISO 8601 formats."""
    moment = datetime.fromtimestamp(seconds + habits.clock_skew, UTC)
    forms = {
        "Z": lambda: moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "+00:00": lambda: moment.isoformat(timespec="seconds"),
        "ms": lambda: moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z",
        "us": lambda: moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "ns": lambda: moment.strftime("%Y-%m-%dT%H:%M:%S.%f123Z"),
        "naive": lambda: moment.strftime("%Y-%m-%dT%H:%M:%S"),
        "+09:00": lambda: moment.astimezone(timezone(timedelta(hours=9))).isoformat(),
    }
    return forms[habits.date_form]()


def shown(habits: Habits, job: Job, preview: str) -> dict[str, Any]:
    """Return the Job object for a response."""
    rng = stream(habits.seed, f"shown {job.press or job.id} {job.reads}")
    job.reads += 1
    status: Any = job.status()
    if rng.random() < habits.flap and job.reads < 40:
        pools: dict[str, list[Any]] = {
            "previous": [job.steps[0][0], "validating", "created"],
            "unknown": list(UNKNOWN),
            "any": [
                *UNKNOWN,
                "created",
                "validated",
                "rendering",
                "booting",
                "completed",
                "failed",
            ],
            "null": ["unknown_to_you", "Completed", "canceled "],
            "completed": ["completed"],
        }
        status = rng.choice(pools[habits.flap_to])
    if status == "completed":
        job.completed_reads.append(time.monotonic())
    else:
        job.completed_reads.clear()
    answer: dict[str, Any] = {
        "id": job.id,
        "status": status,
        "workspaceId": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
        "createdAt": when(habits, job.made),
        "updatedAt": when(habits, time.time()),
    }
    if status == "failed":
        reasons = (None, {}, {"name": "OutOfMemory", "type": "render"}, {"name": None, "type": ""})
        answer["failedReason"] = rng.choice(reasons)
    return answer | details(habits.details, job.config, preview)
