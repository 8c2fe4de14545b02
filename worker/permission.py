"""Guards the calls that start a validation or a render; no other module makes them.

A render costs money. The function `refusal` decides whether this worker may start one, from facts
that are collected immediately before the call.
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from ..api import fields
from ..api.addresses import is_loopback
from ..api.errors import ApiError
from ..api.responses import FarmJob
from ..jobs.record import Problem, Record, Stage
from ..system.cancellation import Cancelled
from .context import Context
from .farm_state import record_state
from .job import MAY_BEGIN, Purpose, RunningJob
from .problems import (
    ENDED_BEFORE,
    FARMS_OWN,
    MADE_ELSEWHERE,
    MISTAKE,
    NOT_STARTED,
    UNKNOWN_FARM,
    another_farm,
)


class Step(StrEnum):
    """The next step: packing, uploading and creating, or one of the two guarded calls."""

    PREPARE = "prepare"
    VALIDATE = "validate"
    RENDER = "render"


class Address(StrEnum):
    """How the record's API address compares to the worker's."""

    SAME = "same"
    ANOTHER = "another"
    UNKNOWN = "unknown"
    """The record is of version 0.1.0 and has none."""


class Refusal(StrEnum):
    """Why a step is refused."""

    LOCK = "lock"
    CANCELED = "canceled"
    PLACE = "place"
    ADDRESS = "address"
    UNKNOWN_ADDRESS = "unknown-address"
    FARMS_OWN = "farms-own"
    ENDED = "ended"
    PURPOSE = "purpose"
    STAGE = "stage"
    STATUS = "status"


@dataclass(frozen=True)
class Facts:
    """Everything that `refusal` depends on."""

    step: Step
    purpose: Purpose
    stage: Stage
    locked: bool
    """Whether this worker holds the job's lock."""
    made_here: bool
    """Whether the record was made in this state folder."""
    address: Address
    known: bool
    """Whether the job exists on the farm, so that this is the record's farm."""
    created: bool
    """Whether the farm's job was created from this record, not in the dashboard."""
    ended: bool
    """Whether the job has ever ended."""
    cancel: bool
    """Whether there is a cancel request."""
    status: str = ""
    """The job's current status on the farm."""


STAGES = {
    Step.PREPARE: {Stage.PACKING, Stage.UPLOADING, Stage.CREATING, Stage.RENDERING},
    Step.VALIDATE: {Stage.VALIDATING},
    Step.RENDER: {Stage.STARTING},
}
STATUS = {Step.VALIDATE: "created", Step.RENDER: "validated"}


def refusal(facts: Facts) -> Refusal | None:
    """Why the step is refused; None if it is permitted."""
    unknown = facts.address is Address.UNKNOWN and not facts.known
    refused = {
        Refusal.LOCK: not facts.locked,
        Refusal.CANCELED: facts.cancel,
        Refusal.PLACE: not facts.made_here,
        Refusal.ADDRESS: facts.address is Address.ANOTHER,
        Refusal.UNKNOWN_ADDRESS: unknown,
        Refusal.FARMS_OWN: facts.known and not facts.created,
        Refusal.ENDED: facts.ended,
        Refusal.PURPOSE: facts.purpose not in MAY_BEGIN,
        Refusal.STAGE: facts.stage not in STAGES[facts.step],
        Refusal.STATUS: facts.step in STATUS and facts.status != STATUS[facts.step],
    }
    return next((why for why, holds in refused.items() if holds), None)


class Refused(Exception):
    """The step is refused. `problem` says why; None if this worker has lost the lock."""

    def __init__(self, problem: Problem | None) -> None:
        super().__init__(problem.id if problem else "lock")
        self.problem = problem


def require(job: RunningJob, context: Context) -> None:
    """Check that the job may be packed, uploaded, created or restarted.

    Raises Refused and Cancelled.
    """
    _raise(refusal(_facts(job, context, Step.PREPARE)), job, context)


def validate(job: RunningJob, context: Context) -> None:
    """Start the validation if the job's status is `created`.

    Raises Refused, Cancelled and ApiError; no error if an earlier call succeeded and its response
    was lost.
    """
    if _check_now(job, context, Step.VALIDATE) is not None:
        return
    try:
        context.client().validate(job.record.farm.id)
    except ApiError as error:
        if error.id != fields.WRONG_STATE:
            raise
        if context.client().get_job(job.record.farm.id).status == "created":
            raise


def render(job: RunningJob, context: Context) -> FarmJob:
    """Start the render, the one call that costs money, if the job's status is `validated`.

    Returns the farm's last response, to this call or to the check before it. Raises Refused,
    Cancelled and ApiError.
    """
    farm_job = _check_now(job, context, Step.RENDER)
    if farm_job is not None:
        return farm_job
    return context.client().render(job.record.farm.id, job.record.config)


def other_farm(record: Record, context: Context) -> Problem | None:
    """The Problem if the job belongs to another API address, so that it must not be requested."""
    if record.farm.id and _address(record, context) is Address.ANOTHER:
        return another_farm(record.api_url, context.api_url)
    return None


def _check_now(job: RunningJob, context: Context, step: Step) -> FarmJob | None:
    """Read the job and check the step: None if it is permitted, the job if its status is wrong.

    Raises Refused and Cancelled for other refusals.
    """
    farm_job = context.client().get_job(job.record.farm.id)
    record_state(job, farm_job)
    why = refusal(_facts(job, context, step, farm_job.status))
    if why is Refusal.STATUS:
        return farm_job
    _raise(why, job, context)
    return None


def _facts(job: RunningJob, context: Context, step: Step, status: str = "") -> Facts:
    record = job.record
    return Facts(
        step,
        job.purpose,
        record.stage,
        locked=job.locked,
        made_here=job.made_here,
        address=_address(record, context),
        known=bool(record.farm.id),
        created=bool(record.slug),
        ended=record.ended_before,
        cancel=job.cancel_requested,
        status=status,
    )


def _address(record: Record, context: Context) -> Address:
    if not record.api_url:  # a farm on this computer costs nothing
        return Address.SAME if is_loopback(context.api_url) else Address.UNKNOWN
    same = _normalized(record.api_url) == _normalized(context.api_url)
    return Address.SAME if same else Address.ANOTHER


def _normalized(address: str) -> tuple[str, ...]:
    """A normalized address for comparison."""
    parts = urlsplit(address.strip())
    return parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/")


def _raise(why: Refusal | None, job: RunningJob, context: Context) -> None:
    if why is None:
        return
    if why is Refusal.CANCELED:
        raise Cancelled
    problems = {
        Refusal.PLACE: MADE_ELSEWHERE,
        Refusal.ADDRESS: another_farm(job.record.api_url, context.api_url),
        Refusal.UNKNOWN_ADDRESS: UNKNOWN_FARM,
        Refusal.FARMS_OWN: FARMS_OWN,
        Refusal.ENDED: ENDED_BEFORE,
        Refusal.PURPOSE: NOT_STARTED,
        Refusal.STAGE: MISTAKE,
    }
    raise Refused(problems.get(why))
