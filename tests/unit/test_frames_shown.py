"""The session asks the worker about frames if a panel shows them and there are new ones."""

from renderjuice.jobs.snapshot import FrameCounts, JobSnapshot
from renderjuice.jobs.worker_events import FramesInspected
from renderjuice.session.frames_shown import MAX_JOBS, FramesShown


def jobs(**files):
    return {
        name: JobSnapshot(name, frames=FrameCounts(files=count)) for name, count in files.items()
    }


def test_nothing_is_asked_that_no_panel_shows():
    frames = FramesShown()
    assert not frames.wanted(jobs(a=3))
    assert frames.due(jobs(a=3), 0.0) == ""


def test_new_frames_are_asked_about_once_and_not_too_often():
    frames = FramesShown()
    frames.show("a")
    assert frames.due(jobs(a=0), 0.0) == ""
    assert frames.due(jobs(a=3), 1.0) == "a"
    assert not frames.wanted(jobs(a=3))
    assert frames.wanted(jobs(a=4))
    assert frames.due(jobs(a=4), 1.5) == ""
    assert frames.due(jobs(a=4), 2.5) == "a"


def test_a_job_that_is_gone_is_not_asked_about():
    frames = FramesShown()
    frames.show("a")
    assert frames.due(jobs(b=3), 0.0) == ""


def test_what_a_dead_worker_did_not_say_is_asked_again():
    frames = FramesShown()
    frames.show("a")
    assert frames.due(jobs(a=3), 0.0) == "a"
    frames.unanswered()
    assert frames.due(jobs(a=3), 2.0) == "a"
    frames.answered(FramesInspected("a", (), 0))
    frames.unanswered()
    assert not frames.wanted(jobs(a=3))


def test_the_oldest_is_forgotten_and_asked_again():
    frames = FramesShown()
    everything = jobs(**{f"j{n}": 1 for n in range(MAX_JOBS + 1)})
    for number, name in enumerate(everything):
        frames.show(name)
        assert frames.due(everything, 2.0 * number) == name
        frames.answered(FramesInspected(name, (), 0))
    assert (len(frames.found), "j0" in frames.found) == (MAX_JOBS, False)
    frames.show("j0")
    assert frames.wanted(everything)
