"""Tests of fault injection, the log, and the other control endpoints."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.farm.running import ROOT, Farm
from tests.farm.tests.driving import Driver, gone, web


def test_a_fault_comes_as_often_as_asked(farm: Farm, driver: Driver):
    page = {"status": 503, "body": "<html>busy</html>", "headers": {"Retry-After": "7"}}
    farm.fault("GET", "/api/external/v1/jobs$", times=2, skip=1, **page)
    answers = [driver.http.get("/jobs") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
    assert answers[1].headers["Retry-After"] == "7"
    assert answers[1].text == "<html>busy</html>"
    faults = [entry for entry in farm.log("request") if entry["fault"]]
    assert [entry["status"] for entry in faults[-2:]] == [503, 503]


def test_a_fault_is_for_its_method_path_and_server(farm: Farm, driver: Driver, package: bytes):
    farm.fault("PUT", server="storage", status=500)
    farm.fault("POST", ".*/jobs$", status=429, body={"error": {"message": "slow down"}})
    assert driver.http.get("/jobs").status_code == 200
    target = driver.target()
    assert web.put(target["uploadUrl"], content=package).status_code == 500
    assert web.put(target["uploadUrl"], content=package).status_code == 200
    refused = driver.post("/jobs", {"slug": target["slug"]}, 429)
    assert refused == {"error": {"message": "slow down"}}
    driver.post("/jobs", {"slug": target["slug"]})


def test_an_answer_can_get_lost_after_the_work_was_done(farm: Farm, driver: Driver, package: bytes):
    job = driver.created(package)
    farm.fault("POST", ".*/validate", status=504, after=True)
    assert driver.http.post(f"/jobs/{job}/validate").status_code == 504
    assert driver.wait(job, "validated")["status"] == "validated"


def test_a_delay_alone_only_delays(farm: Farm, driver: Driver):
    farm.fault("GET", ".*/jobs", delay=0.3)
    started = time.monotonic()
    assert driver.get("/jobs")["jobs"] is not None
    assert time.monotonic() - started >= 0.3


def test_statuses_last_as_long_as_set(farm: Farm, driver: Driver, package: bytes):
    farm.settings(delays={"validating": 0.3})
    job = driver.created(package)
    started = time.monotonic()
    driver.post(f"/jobs/{job}/validate")
    assert driver.job(job)["status"] == "validating"
    driver.wait(job, "validated")
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("status", ["failed", "canceled", "suspended", "a later version's"])
def test_the_farm_can_put_a_running_job_anywhere(
    farm: Farm, driver: Driver, package: bytes, status: str
):
    farm.settings(seconds_per_frame=0.1)
    job = driver.validated(package)["id"]
    driver.render(job, frameRanges=["1-1000"])
    driver.wait(job, "rendering")
    reason = {"name": "Out of memory", "type": "OOM"} if status == "failed" else {}
    farm.set_status(job, status, **reason)
    time.sleep(0.25)
    assert driver.job(job)["status"] == status
    assert driver.job(job).get("failedReason", {}) == reason


def test_log_has_requests_and_events(farm: Farm, driver: Driver, package: bytes):
    before = len(farm.log())
    job, _ = driver.rendered(package, frameRanges=["1"])
    entries = farm.log()[before:]
    assert [entry["n"] for entry in entries] == sorted(entry["n"] for entry in entries)
    posts = [entry["path"].rpartition("/")[2] for entry in entries if entry.get("method") == "POST"]
    assert posts == ["uploads", "jobs", "validate", "render"]
    events = [entry["event"] for entry in entries if entry.get("job") == job["id"]]
    assert events[0] == "job created"
    assert events.count("render started") == 1


def test_what_a_frame_counts_can_be_fixed(farm: Farm, driver: Driver, package: bytes):
    farm.settings(normalized_seconds_per_frame=2.5)
    job, _ = driver.rendered(package, frameRanges=["1-3"])
    assert job["normalizedSeconds"] == 7.5
    farm.settings(normalized_seconds_per_frame=None)
    job, _ = driver.rendered(package, frameRanges=["1-3"])
    assert 0 <= job["normalizedSeconds"] != 7.5


def test_wrong_switches_are_refused(farm: Farm):
    with pytest.raises(ValueError, match="colour"):
        farm.settings(colour="red")
    with pytest.raises(ValueError, match="sometimes"):
        farm.fault(sometimes=True)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes below /proc")
def test_the_farm_ends_with_the_process_that_started_it():
    script = (
        "import sys, time\n"
        "from tests.farm.running import running_farm\n"
        "with running_farm(renderer='pattern') as farm:\n"
        "    print(farm.process.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    farm = int(parent.stdout.readline())
    parent.stdout.close()
    assert not gone(farm)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    end = time.monotonic() + 45
    while not gone(farm):
        assert time.monotonic() < end, "the farm still runs"
        time.sleep(0.05)
