"""A job's lifecycle from `created` to its end, as tasks on the event loop."""

import asyncio
import contextlib
import time
import traceback
import uuid
from collections.abc import Coroutine
from typing import Any

from tests.farm import package
from tests.farm.state import Farm, Job, Output, Refused

WAITING = ("validating", "booting", "finalizing")  # statuses with a minimum duration


def same_delays(seconds: float) -> dict[str, float]:
    """Return the same delay for every status that has one."""
    return dict.fromkeys(WAITING, seconds)


def start_validation(farm: Farm, job: Job) -> None:
    """Start the validation of the package."""
    farm.move(job, "validating")
    job.task = asyncio.create_task(_guarded(farm, job, _validate(farm, job)))


def start_render(farm: Farm, job: Job, config: dict[str, Any]) -> None:
    """Start the render."""
    job.requested = config
    farm.move(job, "booting")
    job.task = asyncio.create_task(_guarded(farm, job, _render(farm, job)))


async def stop(farm: Farm, job: Job, status: str) -> None:
    """Stop the job's work, including its Blender process, and set its status."""
    task, job.task = job.task, None
    farm.move(job, status)
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _guarded(farm: Farm, job: Job, work: Coroutine[Any, Any, None]) -> None:
    """Run the work; any exception fails the job and is logged."""
    try:
        await work
    except Refused as reason:
        farm.fail(job, reason)
    except Exception:
        traceback.print_exc()
        farm.log.event("farm error", job, traceback=traceback.format_exc())
        farm.fail(job, Refused("The local farm has a fault of its own: see its log", "FARM_ERROR"))


async def _validate(farm: Farm, job: Job) -> None:
    await _wait(farm, job)
    job.blend = await asyncio.to_thread(package.unpack, job.upload.path, job.folder / "package")
    job.analysis = await farm.renderer.inspect(job)
    job.analysis_id = str(uuid.uuid4())
    farm.move(job, "validated")


async def _render(farm: Farm, job: Job) -> None:
    await _wait(farm, job)
    farm.log.event("render started", job)
    farm.move(job, "rendering")
    started = time.monotonic()
    job.final = await farm.renderer.render(job)
    counted = farm.settings.normalized_seconds_per_frame
    job.seconds = time.monotonic() - started if counted is None else counted * job.done
    farm.move(job, "finalizing")
    await _wait(farm, job)
    await asyncio.to_thread(_zip_outputs, job)
    farm.move(job, "completed")


async def _wait(farm: Farm, job: Job) -> None:
    await asyncio.sleep(farm.settings.delays.get(job.status, 0.0))


def _zip_outputs(job: Job) -> None:
    for name, outputs in (("framesZip", job.frames), ("compositeNodesZip", job.nodes)):
        if outputs:
            file_name = "frames.zip" if name == "framesZip" else "composite-nodes.zip"
            path = job.folder / "zips" / file_name
            package.pack(path, outputs)
            job.zips[name] = Output(path, file_name)
