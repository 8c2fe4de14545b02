"""Limits on the benchmark results that do not depend on the machine's speed."""

import json

import pytest
from renderjuice.worker.poller import LONG_PAUSE, SHORT_PAUSE

from benchmarks.figures import exponent
from benchmarks.growth import (
    FLAT_SIZE,
    JOBS,
    LINEAR,
    MEASURED,
    MIN_MEMORY,
    lines_told,
    requests_a_look,
)
from benchmarks.polling import HOUR, calls_a_look, requests_an_hour
from benchmarks.worker import held, held_while_run, idle
from tests.farm.running import running_farm

LOOKS = HOUR / (LONG_PAUSE * 0.9) + 10  # polls of the farm within an hour without changes
CHANGE = 400  # maximum bytes of a message about one more frame; 200 jobs then fit into one read


@pytest.mark.parametrize("jobs", [1, 50, 500])
def test_many_jobs_are_asked_about_together(jobs):
    quiet = requests_an_hour(jobs, 2 * HOUR)
    assert quiet <= calls_a_look(jobs) * LOOKS


def test_a_look_at_the_farm_grows_no_faster_than_the_jobs():
    looks = {jobs: requests_a_look(jobs) for jobs in (*JOBS, 5000)}
    assert exponent(looks) <= LINEAR
    assert all(calls <= calls_a_look(jobs) for jobs, calls in looks.items())


def test_old_jobs_of_a_large_workspace_are_not_looked_for_on_all_its_pages():
    pages, singles, counters = 2, 2, 1
    assert requests_an_hour(2, 2 * HOUR, others=5000) <= (pages + singles + counters) * LOOKS


def test_what_changes_all_the_time_is_not_asked_about_all_the_time():
    assert requests_an_hour(10, 1.0) <= calls_a_look(10) * HOUR / (SHORT_PAUSE * 0.9)


@pytest.fixture(scope="module")
def farm():
    with running_farm(renderer="pattern") as farm:
        yield farm


@pytest.mark.posix("Windows has no /proc")
def test_jobs_and_frames_take_little_of_the_workers_memory(farm):
    bare = held(farm, jobs=0, frames=0)
    assert held(farm, jobs=50, frames=250) - bare < 16
    frames = {number: held_while_run(farm, number) - bare for number in (1_000, 10_000)}
    assert frames[10_000] < 24
    assert exponent({number: max(more, MIN_MEMORY) for number, more in frames.items()}) < MEASURED


@pytest.mark.posix("Windows has no /proc")
def test_a_worker_without_a_job_sleeps(farm):
    woken, _ = idle(farm, 1.0)
    assert woken.value <= 2


def test_what_is_told_grows_with_the_jobs_and_not_with_their_frames(tmp_path):
    def size(jobs, frames):
        return sum(map(len, lines_told(tmp_path, jobs, frames)))

    assert exponent({jobs: size(jobs, 10) for jobs in (10, 40, 160)}) < 1.05
    assert size(5, 20_000) < size(5, 10) + 5 * 64


def test_a_frame_more_is_told_in_a_few_letters(tmp_path):
    *_, change = lines_told(tmp_path, 50, 250)
    (job,) = json.loads(change)["changes"]
    assert "title" not in job["members"], "what has not changed is not told"
    assert len(change) < CHANGE


def test_a_frame_more_is_told_in_as_many_letters_whatever_other_jobs_there_are(tmp_path):
    changes = {jobs: len(lines_told(tmp_path, jobs, 10)[-1]) for jobs in (5, 50, 200)}
    assert exponent(changes) <= FLAT_SIZE
