"""Tests that an undocumented request gets a 400 with the reason and has no effect."""

import pytest

from tests.farm.tests.driving import Driver

SAMPLE = {
    "colorManagementPreset": "aces",
    "frameRanges": ["1-2", "7"],
    "notes": "a note",
    "renderEngine": "CYCLES",
    "compositorDevice": "CPU",
    "computeDeviceType": "CUDA",
    "gpuCount": 1,
    "sampleCount": 1,
    "denoisingEnabled": True,
    "denoiserType": "OPTIX",
    "resolution": [8, 8],
    "resolutionPercentage": 100,
    "outputFormat": "PNG",
    "fps": 1,
    "useTiling": True,
    "tileSize": 1,
    "outputSettings": {
        "colorMode": "BW",
        "colorDepth": "8",
        "exrCodec": "NONE",
        "tiffCodec": "NONE",
        "compression": 100,
        "quality": 100,
    },
    "minimumRam": 1,
}


@pytest.fixture
def job(driver: Driver, package: bytes) -> str:
    identity: str = driver.validated(package)["id"]
    return identity


def test_every_documented_field_is_taken(driver: Driver, job: str):
    started = driver.post(f"/jobs/{job}/render", {"requestedRenderConfig": SAMPLE})
    assert started["requestedConfig"] == SAMPLE


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("blenderVersion", "4.2"),
        ("colorManagementPreset", "filmic"),
        ("colorManagementPreset", None),
        ("frameRanges", "1-5"),
        ("frameRanges", []),
        ("frameRanges", [1]),
        ("frameRanges", ["1-10x2"]),
        ("frameRanges", ["-3"]),
        ("frameRanges", ["1, 2"]),
        ("frameRanges", ["5-1"]),
        ("frameRanges", [" 1"]),
        ("frameRanges", [""]),
        ("renderEngine", "cycles"),
        ("computeDeviceType", "HIP"),
        ("gpuCount", 0),
        ("gpuCount", "1"),
        ("sampleCount", True),
        ("sampleCount", 1.5),
        ("denoisingEnabled", 1),
        ("denoisingEnabled", "true"),
        ("resolution", [1920]),
        ("resolution", [0, 10]),
        ("resolution", "1920x1080"),
        ("resolutionPercentage", 0),
        ("resolutionPercentage", 32768),
        ("outputFormat", "FFMPEG"),
        ("notes", None),
        ("outputSettings", {"colorDepth": 8}),
        ("outputSettings", {"colorMode": "rgb"}),
        ("outputSettings", {"codec": "ZIP"}),
        ("outputSettings", {"quality": 101}),
        ("outputSettings", {"quality": None}),
    ],
)
def test_anything_else_is_refused_by_name(driver: Driver, job: str, field: str, value: object):
    config = {**SAMPLE, field: value}
    said = driver.post(f"/jobs/{job}/render", {"requestedRenderConfig": config}, 400)["message"]
    assert field in said
    assert driver.job(job)["status"] == "validated"
    assert driver.job(job)["requestedConfig"] is None


def test_the_preset_is_required(driver: Driver, job: str):
    config = {"frameRanges": ["1"]}
    said = driver.post(f"/jobs/{job}/render", {"requestedRenderConfig": config}, 400)["message"]
    assert "colorManagementPreset" in said


@pytest.mark.parametrize(
    "body",
    [
        {"fileName": "shot.zip"},
        {"fileType": "zip"},
        {"fileName": "shot.zip", "fileType": "blend"},
        {"fileName": "shot.tar", "fileType": "tar"},
        {"fileName": "../shot.zip", "fileType": "zip"},
        {"fileName": "shot.zip", "fileType": "zip", "fileSize": 5},
        ["shot.zip"],
    ],
)
def test_uploads(driver: Driver, body: object):
    driver.post("/uploads", body, 400)


def test_other_bodies_and_queries(driver: Driver, job: str):
    driver.post("/jobs", {"slug": "x", "name": "y"}, 400)
    driver.post(f"/jobs/{job}/cancel", {"reason": "none"}, 400)
    driver.post(f"/jobs/{job}/validate", {"again": True}, 400)
    for query in ({"page": 0}, {"pageSize": 101}, {"limit": 5}):
        assert driver.http.get("/jobs", params=query).status_code == 400
    text = driver.http.post("/jobs", content="not JSON", headers={"content-type": "text/plain"})
    assert text.status_code == 400
