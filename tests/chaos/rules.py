"""The rules that must hold after a random run."""

import os
from typing import TYPE_CHECKING

from renderjuice.jobs.record import DamagedRecord, Record, Stage

if TYPE_CHECKING:
    from tests.chaos.run import Run


def check(run: "Run") -> None:
    """Add each rule that was violated to `run.outcome.broken`."""
    broken = run.outcome.broken
    left_over = list((run.state / "jobs").glob("*.lock"))
    if run.outcome.renders > 1:
        broken.append(f"{run.outcome.renders} renders for one press")
    lock = run.store.lock(run.job.id)
    if lock is None:
        broken.append("somebody still holds the job's lock")
    elif not run.cut and left_over and not run.outcome.fired["worker killed"]:
        broken.append("the lock's file is left")
    if lock is not None:
        lock.release()
    broken += [f"process {pid} is left" for pid in run.pids if _lives(pid)]
    key = run.site.farm.key.encode()
    for path in run.state.rglob("*"):
        if path.is_file() and key in path.read_bytes():
            broken.append(f"the key stands in {path.name}")
    if run.cut:
        run.outcome.stage = "damaged"
        return
    try:
        _check_job(run, run.store.load(run.job.id))
    except (DamagedRecord, OSError) as error:
        broken.append(f"the record cannot be read: {error}")


def _check_job(run: "Run", job: Record) -> None:
    broken, outcome = run.outcome.broken, run.outcome
    outcome.stage = job.stage
    outcome.error = f"{job.error.id}: {job.error.message}" if job.error else ""
    if not job.ended:
        broken.append(f"the job has not ended: {job.stage}, {job.error}")
    if job.stage in (Stage.FINISHED, Stage.INCOMPLETE) and outcome.renders != 1:
        broken.append(f"{job.stage} with {outcome.renders} renders")
    here = {p.name: p for p in run.output.rglob("[!.]*") if p.is_file()}
    originals = run.site.folder / "jobs" / job.farm.id / "outputs"
    for name, path in here.items():
        original = originals / name
        if name.endswith((".part", ".etag")):
            if job.ended:
                broken.append(f"{name} is left")
        elif not original.is_file():
            broken.append(f"{name} is no output of the farm")
        elif original.read_bytes() != path.read_bytes():
            broken.append(f"{name} differs from the farm's")
    outcome.frames = sum(name.endswith(".png") for name in here)
    if job.stage not in (Stage.FINISHED, Stage.INCOMPLETE) or run.deleted_after:
        return
    named = set(job.missing or [])
    outcome.missing = len(named)
    if named and not job.error:
        broken.append("frames are missing and no reason is given")
    for frame in range(1, run.scenario.frames + 1):
        if f"pattern_{frame:04d}.png" not in here and frame not in named:
            broken.append(f"frame {frame} is neither here nor named as missing")
    if job.stage == Stage.FINISHED and len(here) != run.scenario.frames:
        broken.append(f"finished with {len(here)} of {run.scenario.frames} frames")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
