"""How long a command waits for its jobs, and what it prints while it waits."""

import itertools

import pytest
from renderjuice.jobs.protocol import Jobs, Resume
from renderjuice.jobs.record import Problem, Stage
from renderjuice.jobs.snapshot import JobSnapshot, LiveProgress
from renderjuice.jobs.worker_events import Idle
from renderjuice.session import follow
from renderjuice.session.follow import Ended, Follower


class Link:
    """A fake worker with its own clock that sends one event a minute and then repeats the last."""

    alive = True

    def __init__(self, *said):
        self.said = said
        self.minutes = -1

    def send(self, _):
        return 1

    def wait(self, _):
        self.minutes += 1

    def receive(self):
        said = self.said[min(self.minutes, len(self.said) - 1)]
        return [said] if isinstance(said, Idle) else [Jobs((said,) if said else ())]


@pytest.fixture
def clock(monkeypatch):
    """Follow a fake worker by its clock; fail if the command waits for more than a day."""

    def run(link, ids=("a",), **more) -> Ended:
        def now():
            assert link.minutes < 24 * 60, "it hangs"
            return 60.0 * link.minutes

        monkeypatch.setattr(follow.time, "monotonic", now)
        return Follower(link).follow(Resume(), ids, timeout=None, **more)

    return run


def waits(id="network", job="a", **changes):
    return JobSnapshot(
        job, "shot", Stage.RENDERING, waiting=True, error=Problem(id, "Why.", ""), **changes
    )


def test_patience_is_a_quarter_of_an_hour(clock):
    link = Link(waits())
    clock(link)
    assert link.minutes == 16


@pytest.mark.parametrize(("minutes", "ends"), [(0, 1), (2, 3), (60, 61)])
def test_patience_is_an_option(clock, minutes, ends):
    link = Link(waits())
    clock(link, patience=60.0 * minutes)
    assert link.minutes == ends


def test_patience_counts_from_the_last_thing_that_came(clock):
    """The job makes progress all night, although the network is down most of the time."""
    frames = [waits(live=LiveProgress(done, 40, "files")) for done in range(40)]
    night = [frame for frame in frames for _ in range(10)]
    link = Link(*night)
    clock(link)
    assert link.minutes > len(night)


def test_what_passes_is_outlasted(clock):
    storm = [waits()] * 14
    link = Link(*storm, JobSnapshot("a", "shot", Stage.RENDERING), *storm, Idle(1))
    assert clock(link) == Ended()
    assert link.minutes == 29


@pytest.mark.parametrize("id", ["refused-key", "disk-full", "folder-claimed", "no-locks"])
def test_what_waits_for_somebody_is_said_at_once(clock, id):
    link = Link(waits(id))
    clock(link)
    assert link.minutes <= 1


def test_a_job_that_has_ended_does_not_keep_a_command_that_waits_with_another(clock):
    done = JobSnapshot("b", "other", Stage.FINISHED)
    link = Link(done, waits("folder-claimed"))
    clock(link, ids=("a", "b"))
    assert link.minutes <= 3


def test_a_job_that_goes_on_keeps_it(clock):
    busy = JobSnapshot("b", "other", Stage.RENDERING)
    link = Link(*itertools.chain([busy], [waits("folder-claimed")] * 100, [Idle(1)]))
    assert clock(link, ids=("a", "b")) == Ended()


def test_lines_do_not_repeat_themselves_where_it_is_no_terminal(clock, capsys):
    busy = JobSnapshot("a", "shot", Stage.RENDERING, live=LiveProgress(1, 3, "frames"))
    more = JobSnapshot("a", "shot", Stage.RENDERING, live=LiveProgress(2, 3, "frames"))
    clock(Link(*[busy] * 30, *[more] * 30, Idle(1)))
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["shot: rendering 1 of 3 frames", "shot: rendering 2 of 3 frames"]
