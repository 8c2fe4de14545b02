"""Tests of the eleven documented API calls."""

import io
import uuid
import zipfile
from datetime import datetime

import httpx
import pytest
from PIL import Image

from tests.farm.running import Farm
from tests.farm.tests.driving import Driver, web

REQUIRED = {"id", "status", "workspaceId", "createdAt", "updatedAt"}
OPTIONAL = {
    "userId",
    "rootFolderId",
    "normalizedSeconds",
    "previewUrl",
    "failedReason",
    "requestedConfig",
    "finalConfig",
    "output",
    "isAnalysisSkipped",
    "analysisId",
    "analysis",
    "sceneFile",
}
PREVIEW = {"frameRanges": ["3-4", "9"], "resolution": [32, 16], "outputFormat": "PNG"}


def statuses(farm: Farm, job: str) -> list[str]:
    return [entry["status"] for entry in farm.log(event="status") if entry["job"] == job]


def test_a_job_goes_through_its_statuses_in_order(farm: Farm, driver: Driver, package: bytes):
    job, downloads = driver.rendered(package, **PREVIEW)
    assert statuses(farm, job["id"]) == [
        "validating",
        "validated",
        "booting",
        "rendering",
        "finalizing",
        "completed",
    ]
    assert farm.renders(job["id"]) == 1
    assert set(job) >= REQUIRED
    assert set(job) <= REQUIRED | OPTIONAL
    assert job["requestedConfig"] == {"colorManagementPreset": "default", **PREVIEW}
    assert job["finalConfig"]["frameRanges"] == ["3-4", "9"]
    assert job["normalizedSeconds"] >= 0
    assert "failedReason" not in job
    assert web.get(job["previewUrl"]).status_code == 200
    names = [output["fileName"] for output in downloads["frameOutputs"]]
    assert names == ["pattern_0003.png", "pattern_0004.png", "pattern_0009.png"]


def test_outputs_are_distinct_images_and_come_as_legacy_list_and_zip(
    driver: Driver, package: bytes
):
    _, downloads = driver.rendered(package, **PREVIEW)
    contents = [web.get(output["url"]).content for output in downloads["frameOutputs"]]
    assert len(set(contents)) == 3
    assert {Image.open(io.BytesIO(content)).size for content in contents} == {(32, 16)}
    assert [web.get(url).content for url in downloads["frames"]] == contents
    transforms = downloads["transforms"]
    zipped = zipfile.ZipFile(io.BytesIO(web.get(transforms["framesZip"]).content))
    assert [zipped.read(name) for name in zipped.namelist()] == contents
    assert transforms["framesZipOutputs"]["fileName"] == "frames.zip"
    assert set(downloads["frameOutputs"][0]) == {
        "url",
        "fileName",
        "view",
        "legacy",
        "relativePath",
        "compositeNodeName",
    }


@pytest.mark.parametrize(
    ("format_", "ending", "pillow"), [("JPEG", "jpg", "JPEG"), ("TIFF", "tif", "TIFF")]
)
def test_pattern_formats(driver: Driver, package: bytes, format_, ending, pillow):
    _, downloads = driver.rendered(package, outputFormat=format_, frameRanges=["1"])
    (output,) = downloads["frameOutputs"]
    assert output["fileName"] == f"pattern_0001.{ending}"
    assert Image.open(io.BytesIO(web.get(output["url"]).content)).format == pillow


def test_upload_target_and_new_job_are_bare(driver: Driver, package: bytes):
    target = driver.target()
    assert set(target) == {"uploadUrl", "slug", "expiresAt"}
    assert datetime.fromisoformat(target["expiresAt"]).tzinfo
    assert httpx.URL(target["uploadUrl"]).host != httpx.URL(driver.farm.api_url).host
    assert httpx.URL(target["uploadUrl"]).port != httpx.URL(driver.farm.api_url).port
    web.put(target["uploadUrl"], content=package).raise_for_status()
    job = driver.post("/jobs", {"slug": target["slug"]})
    assert job["status"] == "created"
    assert uuid.UUID(job["id"])
    assert driver.get(f"/jobs/{job['id']}") == {"data": job}


def test_a_job_needs_an_uploaded_package(driver: Driver):
    assert (
        "Nothing was uploaded"
        in driver.post("/jobs", {"slug": driver.target()["slug"]}, 400)["message"]
    )
    driver.post("/jobs", {"slug": "unknown"}, 400)


def test_validate_only_from_created(driver: Driver, package: bytes):
    job = driver.validated(package)
    assert "validated" in driver.post(f"/jobs/{job['id']}/validate", status=400)["message"]


def test_render_only_from_validated_and_with_a_config(driver: Driver, package: bytes):
    config = {"requestedRenderConfig": {"colorManagementPreset": "default"}}
    job = driver.created(package)
    driver.post(f"/jobs/{job}/render", config, 400)
    driver.post(f"/jobs/{job}/validate")
    driver.wait(job, "validated")
    for body in (None, {}, {"requestedRenderConfig": {}}, {"requestedRenderConfig": None}):
        driver.post(f"/jobs/{job}/render", body, 400)
    assert driver.job(job)["status"] == "validated"
    driver.post(f"/jobs/{job}/render", config)


def test_a_second_render_is_a_replay(farm: Farm, driver: Driver, package: bytes):
    job, _ = driver.rendered(package, frameRanges=["1"])
    config = {"colorManagementPreset": "aces", "frameRanges": ["5"]}
    answer = driver.http.post(f"/jobs/{job['id']}/render", json={"requestedRenderConfig": config})
    assert answer.status_code == 200
    assert answer.headers["X-Idempotent-Replay"] == "true"
    assert answer.json()["requestedConfig"]["frameRanges"] == ["1"]
    assert farm.renders(job["id"]) == 1


def test_progress_counts_frames_while_rendering(farm: Farm, driver: Driver, package: bytes):
    farm.settings(seconds_per_frame=0.1)
    job = driver.validated(package)["id"]
    assert driver.get(f"/jobs/{job}/progress") == []
    driver.render(job, frameRanges=["1-5"])
    driver.wait(job, "rendering")
    seen = set()
    while driver.job(job)["status"] == "rendering":
        for counter in driver.get("/jobs/progress"):
            assert counter["jobId"] == job
            seen.add((counter["completed"], counter["total"]))
    assert len(seen) >= 3
    assert {total for _, total in seen} == {5}
    assert driver.wait(job, "completed")["status"] == "completed"
    assert driver.get(f"/jobs/{job}/progress") == []


def test_downloads_are_empty_until_completed_unless_told(
    farm: Farm, driver: Driver, package: bytes
):
    farm.settings(seconds_per_frame=0.1)
    empty = {
        "frames": [],
        "compositeNodes": [],
        "transforms": {},
        "frameOutputs": [],
        "compositeNodeOutputs": [],
    }
    job = driver.validated(package)["id"]
    driver.render(job, frameRanges=["1-8"])
    while driver.job(job)["previewUrl"] is None:
        pass
    assert driver.get(f"/jobs/{job}/downloads") == empty
    farm.settings(list_outputs_early=True)
    early = driver.get(f"/jobs/{job}/downloads")
    assert 1 <= len(early["frameOutputs"]) < 8
    assert web.get(early["frames"][0]).status_code == 200
    driver.wait(job, "completed")
    assert len(driver.get(f"/jobs/{job}/downloads")["frameOutputs"]) == 8


def test_cancel_in_the_middle_and_never_after_the_end(farm: Farm, driver: Driver, package: bytes):
    farm.settings(seconds_per_frame=0.1)
    job = driver.validated(package)["id"]
    driver.render(job, frameRanges=["1-1000"])
    driver.wait(job, "rendering")
    assert driver.post(f"/jobs/{job}/cancel")["status"] == "canceled"
    assert driver.job(job)["status"] == "canceled"
    driver.post(f"/jobs/{job}/cancel", status=400)
    driver.post(f"/jobs/{job}/validate", status=400)
    finished, _ = driver.rendered(package, frameRanges=["1"])
    driver.post(f"/jobs/{finished['id']}/cancel", status=400)
    assert driver.job(finished["id"])["status"] == "completed"


def test_jobs_come_in_pages_newest_first(driver: Driver, package: bytes):
    made = [driver.created(package) for _ in range(3)]
    total = driver.get("/jobs")["pagination"]["total"]
    first = driver.get("/jobs", page=1, pageSize=2)
    assert [job["id"] for job in first["jobs"]] == made[:0:-1]
    assert first["pagination"] == {
        "page": 1,
        "pageSize": 2,
        "total": total,
        "totalPages": -(-total // 2),
    }
    assert driver.get("/jobs", page=2, pageSize=2)["jobs"][0]["id"] == made[0]
    driver.post(f"/jobs/{made[0]}/cancel")
    assert {job["status"] for job in driver.get("/jobs", status="canceled")["jobs"]} == {"canceled"}


def test_unknown_jobs_and_keys(farm: Farm, driver: Driver):
    driver.post(f"/jobs/{uuid.uuid4()}/validate", status=404)
    assert driver.http.get(f"/jobs/{uuid.uuid4()}").status_code == 404
    assert driver.http.get("/jobs/not-a-uuid").status_code == 400
    assert Driver(farm, "RJ-WRONG").http.get("/jobs").status_code == 401
    assert web.get(f"{farm.api_url}/jobs").status_code == 401
    farm.settings(key_refused=403)
    assert driver.http.get("/jobs").status_code == 403
