"""What each stage of a job does: it reads the record, does one thing outside, writes the record.

The money rule lives here: `validate` only from `created`, `render` only from `validated`, only for
the id in the record, and the job is read from the farm before either.
"""

import shutil
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from ..api import fields
from ..api.client import Client
from ..api.errors import ApiError
from ..api.output_file import OutputFile
from ..api.transport import TIMEOUT, scaled
from ..api.upload import PUT_TIMEOUT, put_file
from ..frames import files as out
from ..frames import render_times
from ..frames.ranges import numbers
from ..jobs import record as rec
from ..packing import archive, findings, tracer
from ..packing.manifest import Manifest
from ..scene import checks
from ..system import scratch
from .download import Download, have
from .farm_state import as_record, ended, hear, heard
from .job import Job
from .poller import Poller
from .problems import NOT_SAVED, PACKAGE_GONE, incomplete, stopped_by

STARTED = frozenset({"booting", "rendering", "finalizing"})
"""Statuses that a job has only when its render was started."""
LISTINGS = 5
NOT_STARTED = frozenset({"created", "validating", "validated"})
ANSWERS = 5
"""So many in a row that say a render has not started are believed."""
SECONDS_BETWEEN_LISTINGS = 2.0


@dataclass
class Tools:
    """What the stages work with; shared by all jobs of a worker."""

    client: Callable[[], Client]
    poller: Poller
    transfers: ThreadPoolExecutor
    packing: Lock = field(default_factory=Lock)
    pace: float = 1.0
    """What every wait and timeout is multiplied with; tests are in a hurry."""


def saving(job: Job, _: Tools) -> None:
    """Blender saves the copy itself; a job found here was interrupted in it."""
    job.fail(NOT_SAVED)


def packing(job: Job, tools: Tools) -> None:
    """Find all files that the scene needs and write the package. One job at a time."""
    while not tools.packing.acquire(timeout=0.2):
        job.check()
    try:
        manifest = trace(job)
        found = findings.checks_of(manifest)
        free = shutil.disk_usage(job.record.scratch).free
        found += checks.disk_space(manifest.bytes, free, job.record.scratch)
        errors = [check for check in found if check.level == "error"]
        if errors:
            job.fail(stopped_by(errors))
            return
        job.update(notes=[check.message for check in found])
        package = archive.write(
            manifest,
            Path(job.record.scratch) / "package",
            on_bytes=_adder(job, manifest.bytes),
            should_stop=job.interrupted,
        )
    finally:
        tools.packing.release()
    job.enter(rec.UPLOADING, package=package)


def trace(job: Job) -> Manifest:
    """Run the packer's Blender on the saved copy. Raises PackError, Cancelled."""
    return tracer.trace(
        rec.packing_request(job.record),
        job.record.blender,
        should_stop=job.interrupted,
        log=lambda line: _packer_says(job, line),
    )


def _packer_says(job: Job, line: str) -> None:
    """Show the packer's step; what else its Blender prints is for the log."""
    step = tracer.step_of(line)
    if step is None:
        print(line, file=sys.stderr)
    else:
        job.show_step(step)


def uploading(job: Job, tools: Tools) -> None:
    """PUT the package. An expired address means a new one."""
    package = job.record.package
    if package is None or not Path(package.path).is_file():
        job.fail(PACKAGE_GONE)
        return
    path = Path(package.path)
    target = tools.client().create_upload(path.name, package.kind)
    put_file(
        target.upload_url,
        path,
        on_bytes=lambda done: job.show(done, package.bytes, "bytes"),
        should_stop=job.interrupted,
        allow_local=tools.client().allow_local,
        timeout=scaled(PUT_TIMEOUT, tools.pace),
    )
    job.enter(rec.CREATING, slug=target.slug)


def creating(job: Job, tools: Tools) -> None:
    """Make the farm's job. If this answer is lost, a job that nobody renders is left behind."""
    job.check()
    farm_job = tools.client().create_job(job.record.slug)
    job.enter(rec.VALIDATING, farm=as_record(farm_job))
    remove_scratch(job)


def validating(job: Job, tools: Tools) -> None:
    """Start the scene analysis and wait for its end."""
    farm_job = tools.client().get_job(job.record.farm.id)
    heard(job, farm_job)
    asked = False
    with tools.poller.listening(job):
        while farm_job.status not in fields.ENDED | STARTED | {"validated"}:
            if farm_job.status == "created" and not asked:  # the first answer may have been another
                asked = True
                _validate(job, tools)
            farm_job = hear(job, tools.poller)
    if not ended(job, farm_job):
        job.enter(rec.STARTING)


def _validate(job: Job, tools: Tools) -> None:
    """Start the scene analysis, unless a call before this one worked and its answer was lost."""
    job.check()
    try:
        tools.client().validate(job.record.farm.id)
    except ApiError as error:
        if error.id != fields.WRONG_STATE:
            raise
        if tools.client().get_job(job.record.farm.id).status == "created":
            raise


def starting(job: Job, tools: Tools) -> None:
    """Start the render: the one call that costs money."""
    farm_job = tools.client().get_job(job.record.farm.id)
    heard(job, farm_job)
    if ended(job, farm_job):
        return
    if farm_job.status not in {"completed", "validated"} | STARTED:
        job.enter(rec.VALIDATING)  # it has gone back, or is in a state that nobody knows
        return
    if farm_job.status == "validated":
        job.check()
        try:
            farm_job = tools.client().render(farm_job.id, job.record.config)
        except ApiError as error:
            if error.retryable:
                raise  # the next run of this stage reads the job first
            farm_job = tools.client().get_job(farm_job.id)
            if farm_job.status == "validated":
                if error.status != 400 or job.record.documented_only:
                    raise
                _fall_back(job, error)
                return
    job.enter(rec.RENDERING, farm=as_record(farm_job))


def _fall_back(job: Job, error: ApiError) -> None:
    """The farm refused the config, so nothing has started: go on with what is documented."""
    job.update(
        config=fields.documented_only(job.record.config),
        documented_only=True,
        notes=[
            *job.record.notes,
            f"The farm refused a setting ({error.message}). It was asked again with the "
            "documented settings only; the others stand in the uploaded scene.",
        ],
    )


def rendering(job: Job, tools: Tools) -> None:
    """Wait for the farm; bring frames home as soon as it lists them."""
    early = _Early()
    back = 0
    with tools.poller.listening(job):
        while True:
            farm_job = hear(job, tools.poller)
            if farm_job.status == "completed":
                job.enter(rec.DOWNLOADING)
                return
            if ended(job, farm_job):
                return
            back = back + 1 if farm_job.status in NOT_STARTED else 0
            if back == ANSWERS:  # one wrong answer has led here
                job.enter(rec.STARTING)
                return
            if early.due(job.live.done):
                early.found = _bring_early(job, tools)


def _bring_early(job: Job, tools: Tools) -> bool:
    """Fetch what is listed before the end. Documented is that nothing is; farms get better."""
    shown = job.live
    try:
        listed = tools.client().downloads(job.record.farm.id).outputs
        frames = [output for output in listed if output.kind == "frame"]
        if frames:
            _download(job, tools, frames)
    except ApiError:
        return False  # the next look, or the end, brings it
    job.show(shown.done, shown.total, shown.unit, shown.fraction)
    return bool(frames)


class _Early:
    """When to look for frames before the end: at each new one, as long as looking helps."""

    def __init__(self) -> None:
        self.found = True
        self._next = 1

    def due(self, done: int) -> bool:
        """Whether to look, now that `done` frames are rendered."""
        if done < self._next:
            return False
        self._next = done + 1 if self.found else done * 4
        return True


def downloading(job: Job, tools: Tools) -> None:
    """Bring all outputs home and say which frames are missing."""
    expected = numbers(job.record.frames) if job.record.frames is not None else None
    listed = _listing(job, tools, expected)
    lost = _download(job, tools, listed)
    named = dict(zip(out.places(listed), listed, strict=True))
    absent = [name for name in named if not have(job.record, name)]
    lost |= {name: f"{name} did not come." for name in absent if name not in lost}
    missing = out.missing(expected, [one for name, one in named.items() if name not in lost])
    if job.record.scout_of:
        job.update(**render_times.of_frames(Path(job.record.output), named))
    if missing or lost or not listed:
        problem = incomplete(missing, lost, deleted=_deleted(job, tools))
        job.enter(rec.INCOMPLETE, missing=missing, error=problem)
    else:
        job.enter(rec.FINISHED, missing=missing)


def _deleted(job: Job, tools: Tools) -> bool:
    """Whether the farm says that it has thrown the job's files away."""
    output = tools.client().get_job(job.record.farm.id).output
    return output is not None and output.is_deleted_for_client is True


def _listing(job: Job, tools: Tools, expected: list[int] | None) -> list[OutputFile]:
    """The outputs of a completed job; a list that lacks frames is asked for again for a while."""
    for attempt in range(LISTINGS):
        if attempt:
            job.pause(SECONDS_BETWEEN_LISTINGS * tools.pace)
        outputs = tools.client().downloads(job.record.farm.id).outputs
        if outputs and not out.missing(expected, outputs):
            break
    return list(outputs)


def _download(job: Job, tools: Tools, outputs: Sequence[OutputFile]) -> dict[str, str]:
    """Bring `outputs` home; why some cannot be had any more, by name."""
    for attempt in range(LISTINGS):
        download = Download(
            job,
            tools.transfers,
            allow_local=tools.client().allow_local,
            timeout=scaled(TIMEOUT, tools.pace),
        )
        try:
            download.run(outputs)
            return download.lost
        except ApiError as error:
            if error.id != fields.EXPIRED_URL or attempt == LISTINGS - 1:
                raise
        outputs = tools.client().downloads(job.record.farm.id).outputs
    raise AssertionError("unreachable: the last attempt returns or raises")


def canceling(job: Job, tools: Tools) -> None:
    """Tell the farm, if it has the job and is still at it."""
    if job.record.farm.id:
        farm_job = tools.client().get_job(job.record.farm.id)
        heard(job, farm_job)
        if farm_job.status not in fields.ENDED:
            _cancel_on_farm(job, tools)
        if job.record.farm.status == "completed":
            job.note("The farm had already finished: its frames can still be downloaded.")
    job.enter(rec.CANCELED)


def _cancel_on_farm(job: Job, tools: Tools) -> None:
    """The farm refuses to cancel what has ended meanwhile, which is no reason to fail."""
    client, farm_id = tools.client(), job.record.farm.id
    try:
        client.cancel(farm_id)
    except ApiError:
        heard(job, client.get_job(farm_id))
        if job.record.farm.status not in fields.ENDED:
            raise
    else:
        heard(job, client.get_job(farm_id))


STAGES: dict[str, Callable[[Job, Tools], None]] = {
    rec.SAVING: saving,
    rec.PACKING: packing,
    rec.UPLOADING: uploading,
    rec.CREATING: creating,
    rec.VALIDATING: validating,
    rec.STARTING: starting,
    rec.RENDERING: rendering,
    rec.DOWNLOADING: downloading,
    rec.CANCELING: canceling,
}


def _adder(job: Job, total: int) -> Callable[[int], None]:
    """A callback that takes bytes done since its last call and shows the sum."""
    done = 0

    def on_bytes(more: int) -> None:
        nonlocal done
        done += more
        job.show(done, total, "bytes")

    return on_bytes


def remove_scratch(job: Job) -> None:
    """Take away the copy and the package: the farm has them, or nobody needs them."""
    folder = Path(job.record.scratch)
    if folder.name == job.record.id:  # whatever else a record names is another's
        scratch.remove(folder)
