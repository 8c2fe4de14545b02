"""The documented API calls, one function each."""

import json
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import outputs
from .habits import stream
from .job_list import listed
from .shapes import plain, progress, wrapped
from .timeline import ENDS, Job, rendering, shown, validation, when
from .wire import Answer, Request

if TYPE_CHECKING:
    from .farm import Farm

BASE = "/api/external/v1"
ID = r"([0-9a-f-]{36})"


def answer_api(farm: "Farm", request: Request) -> Answer:
    """Return the API's response to a request with a valid key."""
    for method, pattern, call in CALLS:
        match = re.fullmatch(BASE + pattern, request.path)
        if not match or method != request.method:
            continue
        if not match.groups():
            return call(farm, request)
        job = farm.jobs.get(match[1])
        unseen = 0 if farm.calm else farm.habits.unseen_reads
        if job is None or job.gone:
            return farm.error(request, 404, "Job not found")
        if job.press and method == "GET" and farm.count(f"unseen {job.id}") <= unseen:
            return farm.error(request, 404, "Job not found")
        return call(farm, request, job)
    return farm.error(request, 404, f"Cannot {request.method} {request.path}")


def _json(request: Request) -> dict[str, Any]:
    try:
        value = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _lost(answer: Answer) -> Answer:
    """Close the connection without a response, although the call had its effect."""
    return Answer(answer.status, answer.body, answer.headers, fault="mute")


def post_upload(farm: "Farm", request: Request) -> Answer:
    body = _json(request)
    name, kind = body.get("fileName"), body.get("fileType")
    if not isinstance(name, str) or kind not in ("blend", "zip") or not name.endswith(f".{kind}"):
        return farm.error(request, 400, "fileName and fileType do not match")
    if not re.search("[A-Za-z]", name):
        return farm.error(request, 400, "fileName has at least one letter")
    slug = f"upload-{farm.count('upload')}"
    farm.uploads[slug] = None
    life = 600 if farm.calm or farm.count("short upload") > 2 else farm.habits.upload_expires
    path = f"/uploads/{slug}"
    answer = {
        "uploadUrl": f"{farm.storage_url}{path}?{farm.sign(path, abs(life))}",
        "slug": slug,
        "expiresAt": when(farm.habits, time.time() + life),
    }
    return plain(answer, farm.habits.success)


def post_job(farm: "Farm", request: Request) -> Answer:
    slug = _json(request).get("slug")
    body = farm.uploads.get(slug) if isinstance(slug, str) else None
    if body is None or not isinstance(slug, str):
        return farm.error(request, 400, "There is no upload of that slug")
    habit = "ok" if farm.calm else farm.habits.create
    number = farm.count("create")
    if number == 1 and habit.endswith("-once"):
        return farm.error(request, int(habit[:3]), "The upload is being looked at")
    found = re.search(rb"PRESS:([\w-]+);", body)
    press = found[1].decode() if found else "unknown"
    same = [job for job in farm.jobs.values() if job.slug == slug]
    if same and farm.habits.duplicate_slug in ("400", "409"):
        return farm.error(request, int(farm.habits.duplicate_slug), "This upload has a job already")
    job = same[0] if same and farm.habits.duplicate_slug == "same" else Job(slug, press)
    farm.jobs[job.id] = job
    answer = plain(_shown(farm, job))
    answer.headers["X-Log"] = f"{job.id} {press}"
    if habit == "slow":
        answer.delay = 0.4
    lost = {"lost": 1, "lost-twice": 2}.get(habit, 0)
    return _lost(answer) if number <= lost else answer


def _shown(farm: "Farm", job: Job) -> dict[str, Any]:
    path = f"/preview/{job.id}.png"
    answer = shown(farm.habits, job, f"{farm.storage_url}{path}?{farm.sign(path)}")
    if farm.calm:
        answer["status"] = job.status()
    if farm.answering:
        farm.answering.said[job.id] = str(answer["status"])
    return answer


def _effect(farm: "Farm", request: Request, habit: str, answer: Answer) -> Answer:
    """Return a successful call's response as the habit changes it: lost, late, or an error."""
    first = farm.count(f"effect {request.path}") == 1
    if farm.calm or not first:
        return answer
    if "lost" in habit:
        return _lost(answer)
    if habit.endswith("-after"):
        return farm.error(request, int(habit[:3]), "Something went wrong")
    if habit == "slow":
        answer.delay = 0.3
    return answer


def post_validate(farm: "Farm", request: Request, job: Job) -> Answer:
    if job.status() != "created":
        return farm.error(request, 400, f"Job is {job.status()}, not created")
    rng = stream(farm.seed, f"validation {job.press}")
    job.go(validation(farm.habits, rng))
    answer = wrapped(farm.habits.validate_shape, _shown(farm, job), farm.habits.success)
    return _effect(farm, request, farm.habits.validate, answer)


def post_render(farm: "Farm", request: Request, job: Job) -> Answer:
    config = _json(request).get("requestedRenderConfig")
    if job.renders:
        answer = plain(_shown(farm, job))
        if farm.habits.replay_header:
            answer.headers["X-Idempotent-Replay"] = "true"
        return answer
    if job.status() != "validated":
        return farm.error(request, 400, f"Job is {job.status()}, not validated")
    if not isinstance(config, dict) or config.get("colorManagementPreset") not in (
        "default",
        "aces",
    ):
        return farm.error(request, 400, "colorManagementPreset is required")
    if not farm.calm and (words := _objection(farm, config)):
        return farm.error(request, farm.habits.refused_status, words)
    frames = frames_of(farm, config)
    job.config, job.renders = config, job.renders + 1
    rng = stream(farm.seed, f"rendering {job.press}")
    job.go(rendering(farm.habits, rng))
    job.outputs = outputs.make(farm, job, farm.scene, frames)
    if farm.habits.end == "gone":
        job.outputs = []
    return _effect(farm, request, farm.habits.render, plain(_shown(farm, job)))


def _objection(farm: "Farm", config: dict[str, Any]) -> str:
    """Return why this farm refuses a config, or an empty string if it accepts it."""
    habit = farm.habits.refuses
    ranges = config.get("frameRanges", [])
    known = {"colorManagementPreset", "frameRanges", "notes", "renderEngine", "sampleCount"}
    number = farm.count("objection")
    if habit == "all" or (habit == "twice" and number <= 2):
        return "requestedRenderConfig is not valid"
    if habit == "frameRanges" and ranges:
        return "frameRanges[0]: does not match the pattern"
    if habit == "ranges-single" and any("-" not in one for one in ranges):
        return "frameRanges[0]: must be a range such as 1-250"
    if habit == "field" and (odd := sorted(set(config) - known)):
        return f"{odd[0]}: invalid enum value"
    return ""


def frames_of(farm: "Farm", config: dict[str, Any]) -> list[int]:
    """Return the frames that a config requests; the scene's own if it names none."""
    frames: list[int] = []
    for text in config.get("frameRanges") or []:
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", str(text).strip())
        if match:
            frames += range(int(match[1]), int(match[2] or match[1]) + 1)
    return sorted(set(frames))[:60] or list(farm.scene.frames)


def get_job(farm: "Farm", request: Request, job: Job) -> Answer:
    if farm.habits.end == "gone" and job.renders and not farm.calm:
        started = farm.count(f"gone {job.id}")
        job.gone = started > 5
    return plain({"data": _shown(farm, job)})


def post_cancel(farm: "Farm", request: Request, job: Job) -> Answer:
    habit = "ok" if farm.calm else farm.habits.cancel
    if job.status() in ENDS:
        return farm.error(request, 400, f"Job is {job.status()}")
    if habit in ("refused", "409", "404", "500"):
        status = 400 if habit == "refused" else int(habit)
        return farm.error(request, status, "Job cannot be canceled now")
    if "ignored" not in habit:
        job.canceled_at = time.monotonic()
        job.go([(job.status(), 0.15 if habit == "late" else 0.0), ("canceled", 0)])
    answer = wrapped(farm.habits.cancel_shape, _shown(farm, job), farm.habits.success)
    return _effect(farm, request, habit, answer)


def get_downloads(farm: "Farm", request: Request, job: Job) -> Answer:
    body = outputs.listing(farm, job)
    habit = "empty" if farm.calm else farm.habits.before
    empty = not any(body.get(one) for one in ("frames", "frameOutputs", "compositeNodes"))
    if empty and habit == "204":
        return Answer(204)
    if empty and habit.isdigit():
        return farm.error(request, int(habit), "Outputs are not ready")
    if empty and habit == "null-lists":
        body |= {"frameOutputs": None, "compositeNodeOutputs": None}
    return plain(body)


def _counters(farm: "Farm", habit: str, jobs: list[Job]) -> Answer:
    rng = stream(farm.seed, f"progress {farm.count('progress')}")
    done = sum(o.versions[0][0] <= time.monotonic() for job in jobs for o in job.outputs)
    total = sum(len(job.outputs) for job in jobs)
    return progress(rng, habit, done, total, [job.id for job in jobs])


def get_progress(farm: "Farm", request: Request, job: Job) -> Answer:
    return _counters(farm, farm.habits.progress, [job])


def get_all_progress(farm: "Farm", request: Request) -> Answer:
    running = [job for job in farm.jobs.values() if job.renders and not job.over]
    return _counters(farm, farm.habits.all_progress, running)


def get_jobs(farm: "Farm", request: Request) -> Answer:
    return listed(farm, request, lambda job: _shown(farm, job))


CALLS: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("POST", "/uploads", post_upload),
    ("POST", "/jobs", post_job),
    ("GET", "/jobs", get_jobs),
    ("GET", "/jobs/progress", get_all_progress),
    ("GET", f"/jobs/{ID}", get_job),
    ("POST", f"/jobs/{ID}/validate", post_validate),
    ("POST", f"/jobs/{ID}/render", post_render),
    ("POST", f"/jobs/{ID}/cancel", post_cancel),
    ("GET", f"/jobs/{ID}/progress", get_progress),
    ("GET", f"/jobs/{ID}/downloads", get_downloads),
)
