"""Drives a farm over plain HTTP, without any code of the extension."""

import time
import zipfile
from pathlib import Path
from typing import Any

import httpx

from tests.farm.running import Farm

TIMEOUT = 120.0  # seconds to wait for a status; Blender is slow on a busy machine
ENDED = ("completed", "failed", "canceled")
web = httpx.Client(timeout=60, trust_env=False, verify=False)  # plain HTTP on loopback


class Driver:
    """An HTTP client of one farm."""

    def __init__(self, farm: Farm, key: str | None = None):
        self.farm = farm
        headers = {"Authorization": f"Bearer {key or farm.key}"}
        self.http = httpx.Client(
            base_url=farm.api_url, headers=headers, timeout=60, trust_env=False, verify=False
        )

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of a GET that must succeed."""
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """Return the JSON of a POST that must have this status."""
        answer = self.http.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def target(self, name: str = "shot.zip") -> dict[str, str]:
        """Return an upload target."""
        target: dict[str, str] = self.post(
            "/uploads", {"fileName": name, "fileType": name.rpartition(".")[2]}
        )
        return target

    def created(self, content: bytes, name: str = "shot.zip") -> str:
        """Upload a package, create a job from it, and return the job's id."""
        target = self.target(name)
        web.put(target["uploadUrl"], content=content).raise_for_status()
        job: str = self.post("/jobs", {"slug": target["slug"]})["id"]
        return job

    def validated(self, content: bytes, name: str = "shot.zip") -> dict[str, Any]:
        """Return the job after its validation, which may have failed."""
        job = self.created(content, name)
        self.post(f"/jobs/{job}/validate")
        return self.wait(job, "validated")

    def rendered(
        self, content: bytes, name: str = "shot.zip", **config: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Upload, validate and render a package; return the completed job and its downloads."""
        job = self.validated(content, name)
        assert job["status"] == "validated", job.get("failedReason")
        self.render(job["id"], **config)
        job = self.wait(job["id"], "completed")
        assert job["status"] == "completed", job.get("failedReason")
        return job, self.get(f"/jobs/{job['id']}/downloads")

    def render(self, job: str, **config: Any) -> dict[str, Any]:
        """Start a render with this config; the color management preset is added."""
        requested = {"colorManagementPreset": "default", **config}
        started: dict[str, Any] = self.post(
            f"/jobs/{job}/render", {"requestedRenderConfig": requested}
        )
        return started

    def job(self, job: str) -> dict[str, Any]:
        """Return a job."""
        data: dict[str, Any] = self.get(f"/jobs/{job}")["data"]
        return data

    def wait(self, job: str, *statuses: str) -> dict[str, Any]:
        """Return the job once it has one of these statuses, or has ended."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            data = self.job(job)
            if data["status"] in (*statuses, *ENDED):
                return data
            time.sleep(0.02)
        raise AssertionError(f"still {data['status']} after {TIMEOUT} s")


def zip_of(folder: Path, where: Path) -> bytes:
    """Return a zip of all files below a folder."""
    with zipfile.ZipFile(where, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder).as_posix())
    return where.read_bytes()


def plain_zip(where: Path, name: str = "shot.blend") -> bytes:
    """Return a zip with a .blend that has only a header: enough for the pattern renderer."""
    with zipfile.ZipFile(where, "w") as archive:
        archive.writestr(name, b"BLENDER-v402 nothing more")
    return where.read_bytes()


def gone(process: int) -> bool:
    """Return whether a process has ended; a zombie process counts as ended."""
    status = Path(f"/proc/{process}/stat")
    return (
        not status.exists()
        or status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    )
