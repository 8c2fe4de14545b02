"""The farm's control endpoints, `/_farm/...`: no API key, but only reachable from loopback."""

import asyncio
import ipaddress
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict

from tests.farm import lifecycle
from tests.farm.documents import job_document
from tests.farm.faults import Fault
from tests.farm.state import Farm, Refused


class Changes(BaseModel):
    """Body of `POST /_farm/settings`: see `state.Settings`. `delay` sets all delays."""

    model_config = ConfigDict(extra="forbid")

    delay: float | None = None
    delays: dict[str, float] | None = None
    url_lifetime: float | None = None
    list_outputs_early: bool | None = None
    key_refused: int | None = None
    seconds_per_frame: float | None = None
    normalized_seconds_per_frame: float | None = None
    pattern_size: tuple[int, int] | None = None
    deleted_for_client: bool | None = None
    storage_url: str | None = None


class NewStatus(BaseModel):
    """Body of `POST /_farm/jobs/{id}`: any status; `name` and `type` are for `failed`."""

    model_config = ConfigDict(extra="forbid")

    status: str
    name: str = "The farm failed this job"
    type: str = "FARM"


def _only_loopback(request: Request) -> None:
    if request.client is None or not ipaddress.ip_address(request.client.host).is_loopback:
        raise HTTPException(403, "Only for programs on the farm's own machine")


def control_router(farm: Farm) -> APIRouter:
    """Return the routes of the control endpoints."""
    router = APIRouter(dependencies=[Depends(_only_loopback)])

    @router.get("/log")
    async def log(since: int = 0) -> list[dict[str, Any]]:
        return [entry for entry in farm.log.entries if entry["n"] > since]

    @router.get("/jobs")
    async def jobs() -> list[dict[str, Any]]:
        return [job_document(farm, job) for job in farm.jobs.values()]

    @router.post("/faults")
    async def add_fault(fault: Fault) -> dict[str, int]:
        farm.faults.append(fault)
        return {"faults": len(farm.faults)}

    @router.delete("/faults")
    async def no_faults() -> dict[str, int]:
        farm.faults.clear()
        farm.calm.set()
        farm.calm = asyncio.Event()
        return {"faults": 0}

    @router.post("/settings")
    async def change(changes: Changes) -> dict[str, Any]:
        given = changes.model_dump(exclude_unset=True)
        if "delay" in given:
            farm.settings.delays = lifecycle.same_delays(given.pop("delay"))
        farm.settings.delays |= given.pop("delays", {})
        for name, value in given.items():
            setattr(farm.settings, name, value)
        return asdict(farm.settings)

    @router.post("/revoke")
    async def revoke() -> dict[str, str]:
        farm.signer.revoke()
        return {}

    @router.post("/jobs/{job_id}")
    async def set_status(job_id: str, new: NewStatus) -> dict[str, Any]:
        if job_id not in farm.jobs:
            raise HTTPException(404, "There is no such job")
        job = farm.jobs[job_id]
        if new.status == "failed":
            job.failed = Refused(new.name, new.type)
        await lifecycle.stop(farm, job, new.status)
        return job_document(farm, job)

    return router
