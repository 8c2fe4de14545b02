"""Implements the stages of a job: each reads the record, has one external effect, and saves it.

Only permission.py calls `validate` and `render`.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from ..api import fields
from ..api.errors import ApiError
from ..api.responses import Downloads
from ..api.transport import scaled_timeout
from ..api.upload import PUT_TIMEOUT, put_file
from ..frames import render_times
from ..frames.completeness import judge
from ..frames.ranges import numbers
from ..jobs import record as rec
from ..jobs.record import Stage
from ..packing import archive, findings, tracer
from ..packing.manifest import Manifest
from ..scene import checks
from ..system import scratch
from . import late_outputs, permission
from .canceling import canceling
from .config_fallback import fall_back
from .context import Context
from .download import by_place, is_downloaded
from .early_download import EarlyDownload
from .farm_state import NOT_STARTED, STARTED, as_record, ended, record_state
from .job import RunningJob
from .outputs import fetch
from .problems import NOT_SAVED, PACKAGE_GONE, incomplete, stopped_by
from .waiting import next_state

MIN_CONSECUTIVE = 5
"""Consecutive statuses before the render after which the job returns to `starting`."""
MIN_CONSECUTIVE_ENDED = 2
"""The same for a job that has ended before: it is not started again, so nothing is lost."""
MAX_RETURNS = 20
"""How often the farm may return from `completed` to an active status."""
OF_FIRST_VERSION = (
    "Version 0.1.0 of Renderjuice submitted this job: whether a view is missing that the farm has"
    " not listed is not known."
)


def saving(job: RunningJob, _: Context) -> None:
    """Fail: Blender saves the copy itself, and a job in this stage was interrupted."""
    job.fail(NOT_SAVED)


def packing(job: RunningJob, context: Context) -> None:
    """Trace the scene's files and write the package, for one job at a time."""
    permission.require(job, context)
    while not context.packing.acquire(timeout=0.2):
        job.check()
        if not job.live.step:
            job.show_step("another scene is being packed")
    try:
        manifest = trace(job)
        allowed = job.record.allowed
        found = findings.checks_of(manifest, allowed=allowed)
        free = shutil.disk_usage(job.record.scratch).free
        found += checks.disk_space(manifest.bytes, free, job.record.scratch)
        errors = [check for check in found if check.level == "error"]
        if errors:
            job.fail(stopped_by(errors, job.record.blend))
            return
        job.update(
            notes=[check.message for check in found if not check.missing],
            sent_without=findings.sent_without(manifest, allowed),
        )
        package = archive.write(
            manifest,
            Path(job.record.scratch) / "package",
            on_bytes=_adder(job, manifest.bytes),
            should_stop=job.interrupted,
        )
    finally:
        context.packing.release()
    job.enter(Stage.UPLOADING, package=package)


def trace(job: RunningJob) -> Manifest:
    """Run the packer's Blender on the saved copy. Raises PackError and Cancelled."""
    return tracer.trace(
        rec.packing_request(job.record, str(job.state_folder)),
        job.record.blender,
        should_stop=job.interrupted,
        on_step=job.show_step,
    )


def uploading(job: RunningJob, context: Context) -> None:
    """Upload the package, to a new URL at each attempt."""
    permission.require(job, context)
    package = job.record.package
    if package is None or not Path(package.path).is_file():
        job.fail(PACKAGE_GONE)
        return
    path = Path(package.path)
    target = context.client().create_upload(path.name, package.kind)
    put_file(
        target.upload_url,
        path,
        on_bytes=lambda done: job.show(done, package.bytes, "bytes"),
        should_stop=job.interrupted,
        allow_local=context.client().allow_local,
        timeout=scaled_timeout(PUT_TIMEOUT, context.time_scale),
    )
    job.enter(Stage.CREATING, slug=target.slug)


def creating(job: RunningJob, context: Context) -> None:
    """Create the job on the farm. If the response is lost, an unrendered job may remain there."""
    permission.require(job, context)
    try:
        farm_job = context.client().create_job(job.record.slug)
    except ApiError as error:
        if not _is_used(error) or _uploads(job) > 1:
            raise
        job.enter(Stage.UPLOADING, slug="")  # an earlier response was lost: the slug is used
        return
    job.enter(Stage.VALIDATING, farm=as_record(farm_job), api_url=context.api_url)
    remove_scratch(job)


def _is_used(error: ApiError) -> bool:
    """Whether the farm may already have created a job from this upload."""
    return error.status == 409 or (error.status == 400 and "already" in error.message.lower())


def _uploads(job: RunningJob) -> int:
    return sum(entry[0] == Stage.UPLOADING for entry in job.record.history)


def validating(job: RunningJob, context: Context) -> None:
    """Start the validation and wait for its end."""
    farm_job = context.client().get_job(job.record.farm.id)
    record_state(job, farm_job)
    requested = False
    with context.poller.listening(job):
        while farm_job.status not in fields.ENDED | STARTED | {"validated"}:
            # The first response may have had another status.
            if farm_job.status == "created" and not requested:
                requested = True
                permission.validate(job, context)
            farm_job = next_state(job, context.poller)
    if not ended(job, farm_job):
        job.enter(Stage.STARTING)


def starting(job: RunningJob, context: Context) -> None:
    """Start the render, unless it has started."""
    try:
        farm_job = permission.render(job, context)
    except ApiError as error:
        if error.retryable or error.read_only:
            raise  # the next attempt reads the job first
        farm_job = context.client().get_job(job.record.farm.id)
        if farm_job.status == "validated":
            if not fall_back(job, error):
                raise
            return
    if ended(job, farm_job):
        return
    if farm_job.status in {"completed", "validated"} | STARTED:
        job.enter(Stage.RENDERING, farm=as_record(farm_job))
    else:
        job.enter(Stage.VALIDATING)  # an earlier or an unknown status


def rendering(job: RunningJob, context: Context) -> None:
    """Wait for the render, and download frames as soon as they are listed."""
    early = EarlyDownload()
    back = completed = 0
    returns_after = MIN_CONSECUTIVE_ENDED if job.record.ended_before else MIN_CONSECUTIVE
    with context.poller.listening(job):
        while True:
            farm_job = next_state(job, context.poller)
            completed = completed + 1 if farm_job.status == "completed" else 0
            if completed == 2:  # a single "completed" may be wrong
                job.enter(Stage.DOWNLOADING)
                return
            if ended(job, farm_job):
                return
            back = back + 1 if farm_job.status in NOT_STARTED else 0
            if back == returns_after:  # an earlier response was wrong
                permission.require(job, context)
                job.enter(Stage.STARTING)
                return
            early.look(job, context)


def downloading(job: RunningJob, context: Context) -> None:
    """Download all outputs; end the job as finished, or as incomplete with the missing frames."""
    expected = numbers(job.record.frames) if job.record.frames is not None else None
    while True:
        fetched = fetch(job, context, lambda: listed_now(job, context), final=True)
        listed, lost = fetched.outputs, fetched.lost
        named = by_place(job.record, listed)
        absent = [name for name in named if not is_downloaded(job.record, name)]
        lost |= {name: f"{name} did not come." for name in absent if name not in lost}
        here = [output for name, output in named.items() if name not in lost]
        here += fetched.without_url
        named_as, file_format = job.record.output_names, job.record.file_format
        found = judge(expected, here, named_as, file_format)
        if job.record.test_of:
            job.update(**render_times.of_frames(Path(job.record.output), named))
        if found.complete and listed and not lost:
            if expected is not None and job.record.output_names is None:
                job.note(OF_FIRST_VERSION)
            job.enter(Stage.FINISHED, missing=found.missing, late=False)
            return
        farm_job = context.client().get_job(job.record.farm.id)
        if farm_job.status not in fields.ENDED and _returns(job.record) < MAX_RETURNS:
            job.enter(Stage.RENDERING)  # "completed" was wrong
            return
        deleted = farm_job.output is not None and farm_job.output.is_deleted_for_client is True
        unclear = bool(here) and found.missing is None and not found.complete
        problem = incomplete(
            found.missing, lost, deleted=deleted, unclear=unclear, nodes=found.nodes
        )
        offered = [*listed, *fetched.without_url]
        in_list = bool(listed) and judge(expected, offered, named_as, file_format).complete
        late = not in_list and not deleted
        if lost or not late or not late_outputs.wait(job, context, problem):
            job.enter(Stage.INCOMPLETE, missing=found.missing, error=problem, late=late)
            return


def listed_now(job: RunningJob, context: Context) -> Downloads:
    """Read the job's list of outputs. Raises ApiError.

    Archives are left out for a while: they replace frames that may only be listed later.
    """
    listed = context.client().downloads(job.record.farm.id)
    if late_outputs.waited_for(job, context) >= late_outputs.SHORT_WAIT_SECONDS:
        return listed
    return replace(listed, outputs=[one for one in listed.outputs if one.kind != "zip"])


def _returns(record: rec.Record) -> int:
    """How often the job has returned from downloading to rendering."""
    stages = [entry[0] for entry in record.history if entry]
    return list(pairwise(stages)).count((Stage.DOWNLOADING, Stage.RENDERING))


STAGES: dict[str, Callable[[RunningJob, Context], None]] = {
    Stage.SAVING: saving,
    Stage.PACKING: packing,
    Stage.UPLOADING: uploading,
    Stage.CREATING: creating,
    Stage.VALIDATING: validating,
    Stage.STARTING: starting,
    Stage.RENDERING: rendering,
    Stage.DOWNLOADING: downloading,
    Stage.CANCELING: canceling,
}


def _adder(job: RunningJob, total: int) -> Callable[[int], None]:
    """A callback for bytes since its last call, which publishes their sum."""
    done = 0

    def on_bytes(more: int) -> None:
        nonlocal done
        done += more
        job.show(done, total, "bytes")

    return on_bytes


def remove_scratch(job: RunningJob) -> None:
    """Delete the saved copy and the package, which are no longer needed."""
    folder = Path(job.record.scratch)
    if folder.name == job.record.id:  # never delete any other folder
        scratch.remove(folder)
