"""The API's response objects, with exactly the documented members."""

from datetime import datetime
from pathlib import Path
from typing import Any

from tests.farm.state import Farm, Job, Output


def job_document(farm: Farm, job: Job) -> dict[str, Any]:
    """Return the API's object for a job."""
    document: dict[str, Any] = {
        "id": job.id,
        "status": job.status,
        "workspaceId": farm.workspace_id,
        "createdAt": _time(job.created_at),
        "updatedAt": _time(job.updated_at),
        "userId": farm.user_id,
        "rootFolderId": None,
        "previewUrl": farm.sign("GET", job.frames[0].path) if job.frames else None,
        "requestedConfig": job.requested,
        "finalConfig": job.final,
        "output": {"isDeletedForClient": farm.settings.deleted_for_client},
        "isAnalysisSkipped": False,
        "analysisId": job.analysis_id,
        "analysis": job.analysis,
        "sceneFile": {"name": job.blend.name} if job.blend else None,
    }
    if job.seconds is not None:
        document["normalizedSeconds"] = round(job.seconds, 3)
    if job.failed:
        document["failedReason"] = {"name": job.failed.name, "type": job.failed.type}
    return document


def counters(job: Job) -> list[dict[str, Any]]:
    """Return a rendering job's progress counters, else an empty list. The names are a guess."""
    if job.status != "rendering" or job.total is None:
        return []
    return [{"jobId": job.id, "name": "frames", "completed": job.done, "total": job.total}]


def downloads_document(farm: Farm, job: Job) -> dict[str, Any]:
    """Return the outputs of a job; empty until they are ready."""
    ready = job.status == "completed" or farm.settings.list_outputs_early
    ready = ready and not farm.settings.deleted_for_client
    frames = [_output(farm, output) for output in job.frames] if ready else []
    nodes = [_output(farm, output) for output in job.nodes] if ready else []
    transforms: dict[str, Any] = {}
    if job.status == "completed" and ready:
        for name, output in job.zips.items():
            transforms[name] = farm.sign("GET", output.path)
            transforms[f"{name}Outputs"] = _output(farm, output)
    return {
        "frames": [output["url"] for output in frames],
        "compositeNodes": [output["url"] for output in nodes],
        "transforms": transforms,
        "frameOutputs": frames,
        "compositeNodeOutputs": nodes,
    }


def upload_document(farm: Farm, path: Path, slug: str, expires_at: datetime) -> dict[str, Any]:
    """Return the API's object for an upload target."""
    return {"uploadUrl": farm.sign("PUT", path), "slug": slug, "expiresAt": _time(expires_at)}


def _output(farm: Farm, output: Output) -> dict[str, Any]:
    return {
        "url": farm.sign("GET", output.path),
        "fileName": output.file_name,
        "view": output.view,
        "legacy": False,
        "relativePath": output.relative_path,
        "compositeNodeName": output.node,
    }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
