"""The documented API, with strict validation of requests."""

import hmac
import math
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from tests.farm import documents, lifecycle
from tests.farm.control import control_router
from tests.farm.models import JobRequest, RenderRequest, UploadRequest
from tests.farm.state import ENDED, Farm, Job

PREFIX = "/api/external/v1"


class Page(BaseModel):
    """Query parameters of `GET /jobs`."""

    model_config = ConfigDict(extra="forbid")

    page: Annotated[int, Field(ge=1)] = 1
    pageSize: Annotated[int, Field(ge=1, le=100)] = 20
    status: list[str] = []


def api_app(farm: Farm) -> FastAPI:
    """Return the API, and the farm's control endpoints below `/_farm`, as an ASGI app."""
    app = FastAPI(title="Local Renderjuice", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(StarletteHTTPException, _refusal)
    app.include_router(_routes(farm), prefix=PREFIX)
    app.include_router(control_router(farm), prefix="/_farm")
    return app


def _routes(farm: Farm) -> APIRouter:
    def known_key(request: Request) -> None:
        if farm.settings.key_refused:
            raise HTTPException(farm.settings.key_refused, "This API key has no access")
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {farm.key}".encode()):
            raise HTTPException(401, "Missing or unknown API key")

    def existing(job_id: UUID) -> Job:
        job = farm.jobs.get(str(job_id))
        if job is None:
            raise HTTPException(404, "There is no such job")
        return job

    router = APIRouter(dependencies=[Depends(known_key)])
    existing_job = Depends(existing)

    @router.post("/uploads")
    async def create_upload(body: UploadRequest) -> dict[str, Any]:
        upload = farm.new_upload(body.fileName, body.fileType)
        expires_at = datetime.now(UTC) + timedelta(seconds=farm.settings.url_lifetime)
        return documents.upload_document(farm, upload.path, upload.slug, expires_at)

    @router.post("/jobs")
    async def create_job(body: JobRequest) -> dict[str, Any]:
        upload = farm.uploads.get(body.slug)
        if upload is None:
            raise HTTPException(400, "There is no upload with this slug")
        if not upload.path.is_file():
            raise HTTPException(400, "Nothing was uploaded for this slug")
        return documents.job_document(farm, farm.new_job(upload))

    @router.get("/jobs")
    async def list_jobs(query: Annotated[Page, Query()]) -> dict[str, Any]:
        newest_first = list(farm.jobs.values())[::-1]
        jobs = [job for job in newest_first if not query.status or job.status in query.status]
        start = (query.page - 1) * query.pageSize
        return {
            "jobs": [
                documents.job_document(farm, job) for job in jobs[start : start + query.pageSize]
            ],
            "pagination": {
                "page": query.page,
                "pageSize": query.pageSize,
                "total": len(jobs),
                "totalPages": math.ceil(len(jobs) / query.pageSize),
            },
        }

    @router.get("/jobs/progress")
    async def all_progress() -> list[dict[str, Any]]:
        return [counter for job in farm.jobs.values() for counter in documents.counters(job)]

    @router.get("/jobs/{job_id}")
    async def get_job(job: Job = existing_job) -> dict[str, Any]:
        return {"data": documents.job_document(farm, job)}

    @router.post("/jobs/{job_id}/validate", dependencies=[Depends(_no_body)])
    async def validate(job: Job = existing_job) -> dict[str, Any]:
        if job.status != "created":
            raise HTTPException(400, f"Only a created job can be validated, this is {job.status}")
        lifecycle.start_validation(farm, job)
        return documents.job_document(farm, job)

    @router.post("/jobs/{job_id}/render")
    async def render(
        body: RenderRequest, request: Request, response: Response, job: Job = existing_job
    ) -> dict[str, Any]:
        if job.requested is not None:
            response.headers["X-Idempotent-Replay"] = "true"
        elif job.status != "validated":
            raise HTTPException(400, f"Only a validated job can be rendered, this is {job.status}")
        else:
            as_sent = (await request.json())["requestedRenderConfig"]
            lifecycle.start_render(farm, job, as_sent)
        return documents.job_document(farm, job)

    @router.get("/jobs/{job_id}/progress")
    async def progress(job: Job = existing_job) -> list[dict[str, Any]]:
        return documents.counters(job)

    @router.post("/jobs/{job_id}/cancel", dependencies=[Depends(_no_body)])
    async def cancel(job: Job = existing_job) -> dict[str, Any]:
        if job.status in ENDED:
            raise HTTPException(400, f"This job is {job.status} and cannot be canceled")
        await lifecycle.stop(farm, job, "canceled")
        return documents.job_document(farm, job)

    @router.get("/jobs/{job_id}/downloads")
    async def downloads(job: Job = existing_job) -> dict[str, Any]:
        return documents.downloads_document(farm, job)

    return router


async def _no_body(request: Request) -> None:
    if (await request.body()).strip() not in (b"", b"{}"):
        raise HTTPException(400, "This call takes no body")


async def _bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = [
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors()
    ]
    return JSONResponse({"message": "; ".join(problems)}, 400)


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    return JSONResponse({"message": error.detail}, error.status_code, error.headers)
