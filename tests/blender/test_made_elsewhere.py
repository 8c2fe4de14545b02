"""Records made in another place: `resume` lists them, and `claim` continues their jobs here."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import Headless

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")


@pytest.fixture(scope="module")
def blend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("project"), "scene.frame_end = 2")


@pytest.fixture
def user(tmp_path: Path, farm: Any) -> Headless:
    return Headless(
        tmp_path / "user",
        farm=farm,
        environment={"RENDERJUICE_STATE_DIR": str(tmp_path / "state")},
    )


def record_of(state: Path) -> Path:
    (path,) = (state / "jobs").glob("*.json")
    return path


def kept(user: Headless, farm: Any, blend: Path) -> dict[str, Any]:
    """Submit a job whose key is refused, so that it is kept before its package is uploaded."""
    farm.settings(key_refused=401)
    done = user.run(blend, "submit", "--output", str(user.resources / "frames"))
    assert done.code == 4, done.stderr
    farm.settings(key_refused=0)
    job: dict[str, Any] = done.document["job"]
    return job


def copied(user: Headless, state: Path) -> Headless:
    """The same user with a copy of the state folder."""
    shutil.copytree(user.environment["RENDERJUICE_STATE_DIR"], state)
    return Headless(user.resources, user.farm, {"RENDERJUICE_STATE_DIR": str(state)})


def claimed_and_finished(user: Headless, farm: Any, job: dict[str, Any], before: int) -> None:
    named = user.run(None, "resume")
    assert named.code == 0, named.stderr
    assert named.document["jobs"] == []
    assert f"`claim {job['id']}` goes on with it here" in named.stderr
    assert farm.renders() == before
    done = user.run(None, "claim", job["id"])
    assert done.code == 0, done.stderr
    assert done.document["job"]["stage"] in ("rendering", "downloading", "finished")
    assert user.run(None, "resume").code == 0
    assert user.run(None, "status", job["id"]).document["job"]["stage"] == "finished"
    assert farm.renders() == before + 1


def test_a_copy_of_the_state_folder(user, farm, blend, tmp_path):
    before = farm.renders()
    job = kept(user, farm, blend)
    claimed_and_finished(copied(user, tmp_path / "copy"), farm, job, before)


RESUME = """
import json
connection, records = ours("session.connection"), ours("session.records")
sent = []
connection.send = lambda command: sent.append(command.kind)
records.load()
connection.resume()
shown = [[job.foreign, job.canceling] for job in ours("session.state").state.jobs.values()]
print("SAID", json.dumps([shown, sent]))
"""


@pytest.mark.parametrize("way", ["resume", "window"])
def test_a_cancel_goes_on_wherever_the_record_was_made(user, farm, blend, tmp_path, way, request):
    """A cancel starts no work, and users do not expect to claim a job before they cancel it."""
    job = kept(user, farm, blend)
    (tmp_path / "state/jobs" / f"{job['id']}.cancel").touch()
    copy = copied(user, tmp_path / "copy")
    if way == "window":  # what a window does with a timer after it starts
        artist = Headless(request.getfixturevalue("installed").resources, farm, copy.environment)
        assert artist.said(RESUME, "SAID") == [[[True, True]], ["resume"]]
        return
    done = copy.run(None, "resume")
    assert [(one["id"], one["stage"]) for one in done.document["jobs"]] == [(job["id"], "canceled")]


@pytest.mark.parametrize("command", ["wait", "download"])
def test_who_waits_for_a_copy_is_told_how_it_goes_on(user, farm, blend, tmp_path, command):
    job = kept(user, farm, blend)
    before = len(farm.log(kind="request"))
    done = copied(user, tmp_path / "copy").run(None, command, job["id"])
    assert done.code == 2, done.stderr
    assert done.document["error"]["id"] == "made-elsewhere"
    assert "claim" in done.document["error"]["hint"]
    assert len(farm.log(kind="request")) == before


def test_a_record_of_the_first_version_on_a_computer_with_another_name(user, farm, blend, tmp_path):
    """That version identified computers by host name, which changes in containers and with DHCP."""
    before = farm.renders()
    job = kept(user, farm, blend)
    path = record_of(tmp_path / "state")
    data = json.loads(path.read_text(encoding="utf-8"))
    data["home"] = f"anna.local:{path.parent.resolve()}"
    path.write_text(json.dumps(data), encoding="utf-8")
    claimed_and_finished(user, farm, job, before)


def test_new_modes_of_all_files_change_nothing(user, farm, blend, tmp_path):
    job = kept(user, farm, blend)
    for path in (tmp_path / "state").rglob("*"):
        path.chmod(0o700)
    done = user.run(None, "resume")
    assert done.code == 0, done.stderr
    assert [(one["id"], one["stage"]) for one in done.document["jobs"]] == [(job["id"], "finished")]
