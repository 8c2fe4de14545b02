"""Records of released versions (tests/earlier) can be read, shown, and continued."""

import json
import re
import shutil
from pathlib import Path

import pytest
from renderjuice.jobs import protocol, snapshot
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store

from tests.farm.running import running_farm
from tests.worker import ready_job, working

ROOT = Path(__file__).resolve().parents[2]
EARLIER = sorted(path for path in (ROOT / "tests/earlier").iterdir() if path.name[0].isdigit())
pytestmark = [
    pytest.mark.parametrize("version", EARLIER, ids=lambda path: path.name),
]


def kept(version: Path, state: Path, name: str) -> rec.Record:
    """Copy a record of the released version into a current store, and load it."""
    data = json.loads((version / name).read_text(encoding="utf-8"))
    (state / "jobs").mkdir(parents=True, exist_ok=True)
    shutil.copy(version / name, state / "jobs" / f"{data['id']}.json")
    return Store(state).load(data["id"])


def test_nothing_of_a_finished_job_is_lost(version, tmp_path):
    written = json.loads((version / "finished.json").read_text(encoding="utf-8"))
    record = kept(version, tmp_path, "finished.json")
    read = record.to_json()
    read["farm"] = {name: read["farm"].get(name) for name in written["farm"]}
    assert {name: read.get(name) for name in written} == written
    shown = snapshot.snapshot(record)
    assert (shown.stage, shown.title) == ("finished", "shot")
    assert shown.frames == snapshot.FrameCounts(4, 4, 0, files=4)


ALL = [f"shot_{n:04}.png" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        (ALL[:3], [4]),
        (["shot_0001_v2.png", "shot_0003_v2.png"], [2, 4]),
        ([*ALL[1:], "preview.png"], [1]),
        ([*ALL[:2], *(f"Mist/{name}" for name in ALL[:2])], [3, 4]),
        ([f"shot_{n:04}_L.png" for n in (1, 2, 3, 4)], None),
        ([f"left/{name}" for name in ALL], None),
    ],
)
def test_a_job_that_was_falsely_finished_is_incomplete(version, tmp_path, files, missing):
    """0.1.0 only counted files, and did not notice a view that the farm did not list."""
    record = kept(version, tmp_path, "finished.json")
    record.files = dict.fromkeys(files, 192317)
    Store(tmp_path).save(record)
    shown = snapshot.document(Store(tmp_path).load(record.id))
    assert shown["stage"] == "incomplete"
    assert shown["frames"]["missing"] == missing
    assert "0.1.0" in shown["error"]["message"]
    assert "Download Again" in shown["error"]["hint"]


@pytest.mark.parametrize(
    "files",
    [
        [f"{n}_4k.png" for n in (1, 2, 3, 4)],
        [*ALL, *(f"Mist/{name}" for name in ALL), "preview.png"],
        [f"{eye}/shot_{n:04}.exr" for eye in ("left", "right") for n in (1, 2, 3, 4)],
        [f"shot_{n:04}{eye}.exr" for eye in ("_L", "_R") for n in (1, 2, 3, 4)],
        ["frames.zip"],
    ],
)
def test_a_job_that_is_finished_stays_so(version, tmp_path, files):
    record = kept(version, tmp_path, "finished.json")
    record.files = dict.fromkeys(files, 192317)
    Store(tmp_path).save(record)
    assert Store(tmp_path).load(record.id).stage is Stage.FINISHED


def test_a_job_that_was_falsely_finished_brings_the_rest(version, tmp_path):
    with running_farm(renderer="pattern") as farm:
        today = ready_job(tmp_path / "today", 4)
        with working(tmp_path / "today", farm) as worker:
            worker.idle(worker.send(protocol.Start(today.id)))
        state = tmp_path / "earlier"
        record = kept(version, state, "finished.json")
        record.farm.id = Store(tmp_path / "today").load(today.id).farm.id
        record.output = str(tmp_path / "frames")
        del record.files["pattern_0002.png"]
        Store(state).save(record)
        with working(state, farm) as worker:
            worker.idle(worker.send(protocol.Download(record.id)))
        assert farm.renders() == 1
    done = Store(state).load(record.id)
    assert (done.stage, done.missing, len(done.files)) == (Stage.FINISHED, [], 4)
    assert len(list((tmp_path / "frames").glob("[!.]*"))) == 4
    assert any("0.1.0" in note for note in done.notes), "views are not known"


def test_a_job_that_was_rendering_comes_home(version, tmp_path):
    with running_farm(renderer="pattern") as farm:
        today = ready_job(tmp_path / "today", 4)
        with working(tmp_path / "today", farm) as worker:
            worker.idle(worker.send(protocol.Start(today.id, Stage.RENDERING)))
        state = tmp_path / "earlier"
        record = kept(version, state, "rendering.json")
        assert not Store(state).made_here(record), "it would run by itself elsewhere, too"
        record.farm.id = Store(tmp_path / "today").load(today.id).farm.id
        record.output = str(tmp_path / "frames")
        Store(state).save(record)
        with working(state, farm) as worker:
            worker.idle(worker.send(protocol.Claim(record.id)))
        assert farm.renders() == 1
    done = Store(state).load(record.id)
    assert (done.stage, len(done.files)) == (Stage.FINISHED, 4)
    assert len(list((tmp_path / "frames").glob("[!.]*"))) == 4


def test_each_released_version_is_kept(version):
    """`python -m tests.earlier` writes these files; the release script requires them."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = set(re.findall(r"^## (\S+), \d{4}-", changelog, flags=re.MULTILINE))
    assert released <= {path.name for path in EARLIER}
