"""Errors appear in the panel with what to do, and disappear when their cause is gone."""

from typing import Any

import pytest
from renderjuice.jobs.store import Store

from tests.window.harness import Blender, BlenderError
from tests.window.pictures import picture
from tests.window.studio import Studio

NOWHERE = "http://127.0.0.1:9/api/external/v1"


def submit(studio: Studio, blender: Blender) -> None:
    """Submit and wait until the job is rendering."""
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'rendering' and job.status == 'rendering'")


def said(job: dict[str, Any]) -> str:
    """The message that the panel shows for a job's error."""
    return f"{job['error']['message']} {job['error']['hint']}"


def test_a_key_that_was_withdrawn(studio: Studio):
    studio.state.mkdir(parents=True, exist_ok=True)
    (studio.state / "key").write_text("RJ-WITHDRAWN", encoding="utf-8")
    blender = studio.open(key="")
    studio.submit(blender)
    job = studio.wait_for(blender, "job.waiting")
    assert (job["stage"], job["error"]["id"]) == ("uploading", "refused-key")
    assert "refused" in said(job)
    assert "Preferences" in said(job) or "preferences" in said(job)
    blender.screenshot("key-withdrawn")

    studio.type_preferences(blender, key=studio.farm.key)
    studio.wait_for(blender, "job.stage == 'finished'")
    assert studio.farm.renders() == 1


def test_no_network(studio: Studio):
    blender = studio.open(RENDERJUICE_API_URL="")
    studio.type_preferences(blender, api_url=NOWHERE)
    studio.submit(blender)
    job = studio.wait_for(blender, "job.waiting")
    assert (job["stage"], job["error"]["id"]) == ("uploading", "network")
    assert "127.0.0.1" in said(job)
    picture(blender, "no-network")

    # A job that was submitted to one farm must not be charged on another.
    studio.type_preferences(blender, api_url=studio.farm.api_url)
    job = studio.wait_for(blender, "job.waiting and job.error.id == 'another-farm'")
    assert job["stage"] == "uploading"
    assert studio.farm.jobs() == []


def test_offline_and_then_continued_here(studio: Studio):
    studio.farm.settings(seconds_per_frame=1.0)
    blender = studio.open()
    submit(studio, blender)
    blender.close()

    blender = studio.open("--offline-mode")
    blender.show_sidebar("Renderjuice")
    job = studio.wait_for(blender, "True")
    assert job["stage"] == "rendering"
    with pytest.raises(BlenderError, match="started with --offline-mode: start it without"):
        blender.run("bpy.ops.renderjuice.submit()")
    assert studio.processes() == []
    picture(blender, "offline")
    blender.close()

    # As if the state folder came from another computer, where a worker may still run the job.
    store = Store(studio.state)
    record = store.load(job["id"])
    record.origin = "anna.local:/home/anna"
    store.save(record)
    blender = studio.open()
    studio.wait_for(blender, "job.foreign")
    assert studio.processes() == []
    blender.show_sidebar("Renderjuice")
    blender.screenshot("made-elsewhere")
    blender.click_operator("renderjuice.claim")
    studio.wait_for(blender, "job.stage == 'finished'")
    assert studio.farm.renders() == 1


def test_farm_fails_the_job(studio: Studio):
    studio.farm.settings(seconds_per_frame=20.0)
    blender = studio.open()
    submit(studio, blender)
    (farm_job,) = studio.farm.jobs()
    studio.farm.set_status(farm_job["id"], "failed", name="Texture noise.png is missing", type="X")
    job = studio.wait_for(blender, "job.stage == 'failed'")
    assert "Texture noise.png is missing" in said(job)
    assert "render again" in said(job)
    picture(blender, "farm-failed")


def test_canceled(studio: Studio):
    studio.farm.settings(seconds_per_frame=20.0)
    blender = studio.open()
    submit(studio, blender)
    blender.click_operator("renderjuice.cancel")
    blender.screenshot("cancel-asks")
    assert studio.farm.jobs()[0]["status"] == "rendering"
    blender.key("RET")
    job = studio.wait_for(blender, "job.stage == 'canceled'")
    assert job["error"] is None
    assert studio.farm.jobs()[0]["status"] == "canceled"
    blender.screenshot("canceled")

    submit(studio, blender)
    studio.farm.set_status(studio.farm.jobs()[1]["id"], "canceled")
    job = studio.wait_for(blender, "job.stage == 'canceled' and job.error")
    assert "canceled on the farm" in said(job)
    blender.screenshot("farm-canceled")


def test_upload_address_expires(studio: Studio):
    studio.farm.settings(url_lifetime=0.0)
    blender = studio.open()
    studio.submit(blender)
    job = studio.wait_for(blender, "job.waiting")
    assert (job["stage"], job["error"]["id"]) == ("uploading", "expired-url")
    assert "asked for by itself" in said(job)
    blender.screenshot("expired")
    studio.farm.settings(url_lifetime=3600.0)
    studio.wait_for(blender, "job.stage == 'finished'")
    assert studio.farm.renders() == 1
