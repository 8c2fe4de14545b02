"""What the benchmarks measure that no machine's speed changes: it may not get worse unseen."""

import io
import json

import pytest
from renderjuice.jobs import record as rec
from renderjuice.jobs.poller import LATE, SOON
from renderjuice.jobs.running import Job
from renderjuice.jobs.store import Store
from renderjuice.jobs.teller import Teller

from benchmarks.figures import exponent
from benchmarks.polling import HOUR, calls_a_look, requests_an_hour
from benchmarks.worker import held, held_while_run, idle
from tests.farm.running import running_farm

pytestmark = pytest.mark.timeout(90)
LOOKS = HOUR / (LATE * 0.9) + 10  # at the farm within an hour in which nothing changes
CHANGE = 400  # bytes that a frame more may take to tell; 200 jobs then fit into one read


@pytest.mark.parametrize("jobs", [1, 50, 500])
def test_many_jobs_are_asked_about_together(jobs):
    quiet = requests_an_hour(jobs, 2 * HOUR)
    assert quiet <= calls_a_look(jobs) * LOOKS


def test_old_jobs_of_a_large_workspace_are_not_looked_for_on_all_its_pages():
    pages, singles, counters = 2, 2, 1
    assert requests_an_hour(2, 2 * HOUR, others=5000) <= (pages + singles + counters) * LOOKS


def test_what_changes_all_the_time_is_not_asked_about_all_the_time():
    assert requests_an_hour(10, 1.0) <= calls_a_look(10) * HOUR / (SOON * 0.9)


@pytest.fixture(scope="module")
def farm():
    with running_farm(renderer="pattern") as farm:
        yield farm


def test_jobs_and_frames_take_little_of_the_workers_memory(farm):
    bare = held(farm, jobs=0, frames=0)
    assert held(farm, jobs=50, frames=250) - bare < 16
    assert held_while_run(farm, 10_000) - bare < 24


def test_a_worker_without_a_job_sleeps(farm):
    woken, _ = idle(farm, 1.0)
    assert woken.value <= 2


def told(tmp_path, jobs: int, frames: int) -> list[bytes]:
    """What the worker writes of jobs with so many frames, and then of one frame more in one."""
    pipe = io.BytesIO()
    teller = Teller(pipe)
    store = Store(tmp_path)
    known = [job_of(store, teller, frames) for _ in range(jobs)]
    for job in known:
        job.announce()
    teller.say({"then": 1})
    known[0].show(frames - 1, frames, "frames")
    teller.close()
    return pipe.getvalue().splitlines(keepends=True)


def job_of(store: Store, teller: Teller, frames: int) -> Job:
    record = rec.new("shot", store.home, "/project/renderjuice/shot", stage=rec.RENDERING)
    record.frames = [[1, frames]]
    record.farm = rec.Farm("1234", "rendering")
    record.files = {f"{number:06}.png": 1 for number in range(1, frames)}
    return Job(record, store, teller.show)


def test_what_is_told_grows_with_the_jobs_and_not_with_their_frames(tmp_path):
    def size(jobs, frames):
        return sum(map(len, told(tmp_path, jobs, frames)))

    assert exponent({jobs: size(jobs, 10) for jobs in (10, 40, 160)}) < 1.05
    assert size(5, 20_000) < size(5, 10) + 5 * 64


def test_a_frame_more_is_told_in_a_few_letters(tmp_path):
    *_, change = told(tmp_path, 50, 250)
    (job,) = json.loads(change)["jobs"]
    assert "title" not in job, "what has not changed is not told"
    assert len(change) < CHANGE
