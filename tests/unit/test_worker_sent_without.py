"""A job is sent without the missing files that the artist allowed, and lists them."""

import os

import pytest
from renderjuice.jobs import protocol
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store

from tests.farm.running import running_farm
from tests.unit.test_worker_scan import PACKS, blender, job_to_pack
from tests.worker import working

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Blender is played by scripts")
WOOD = {"path": "/s/wood.png", "datablock": "wood.png", "used_by": "wood", "id_type": "IMAGE"}
LACKS = PACKS.replace('"missing": []', f'"missing": [{WOOD!r}]')


@pytest.fixture(scope="module")
def farm():
    with running_farm(renderer="pattern") as running:
        yield running


def ended(tmp_path, farm, program, **changes):
    job = job_to_pack(tmp_path, blender(tmp_path, "packs", program))
    for name, value in changes.items():
        setattr(job, name, value)
    store = Store(tmp_path)
    store.save(job)
    with working(tmp_path, farm, time_scale=0.03) as worker:
        worker.idle(worker.send(protocol.Start(job.id)))
    return store.load(job.id)


def test_a_job_without_a_file_that_is_not_allowed_fails_and_says_the_way_on(tmp_path, farm):
    done = ended(tmp_path, farm, LACKS, allowed=["/s/ash.png"])
    assert (done.stage, done.error.id) == (Stage.FAILED, "missing-file")
    assert "Send Anyway" in done.error.hint
    assert "--allow" in done.error.hint
    assert done.sent_without == []


def test_a_job_without_a_file_that_is_allowed_goes_all_the_way_and_names_it(tmp_path, farm):
    done = ended(tmp_path, farm, LACKS, allowed=["/s/ash.png", "/s/wood.png"])
    assert done.stage == Stage.FINISHED
    assert done.sent_without == ["/s/wood.png"]
    assert not any("wood" in note for note in done.notes), "it is named once"


def test_an_allowed_file_that_has_come_back_is_not_named(tmp_path, farm):
    done = ended(tmp_path, farm, PACKS, allowed=["/s/wood.png"])
    assert (done.stage, done.sent_without) == (Stage.FINISHED, [])
