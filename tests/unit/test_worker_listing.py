"""Which jobs the list shows, and in which order."""

import pytest
from renderjuice.jobs import sorting
from renderjuice.jobs.record import Stage
from renderjuice.jobs.snapshot import JobSnapshot


def job(title, stage, *, waiting=False, foreign=False):
    return JobSnapshot(title, title, stage, waiting=waiting, foreign=foreign)


JOBS = [
    job("beach 2", Stage.FINISHED),
    job("Beach", Stage.RENDERING),
    job("castle", Stage.FAILED),
    job("dune", Stage.UPLOADING, waiting=True),
    job("alley", Stage.INCOMPLETE),
    job("other", Stage.RENDERING, foreign=True),
]


def seen(**wanted):
    """The titles from top to bottom."""
    shown, places = sorting.filter_and_sort(JOBS, **wanted)
    assert sorted(places) == list(range(len(JOBS)))
    rows = sorted(zip(places, shown, JOBS, strict=True), key=lambda row: row[0])
    return [one.title for _, is_shown, one in rows if is_shown]


def test_what_is_under_way_stands_above_what_has_ended():
    assert seen() == ["Beach", "dune", "other", "beach 2", "castle", "alley"]


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        ({"name": "BEACH"}, ["Beach", "beach 2"]),
        ({"name": "nothing"}, []),
        ({"state": sorting.ACTIVE}, ["Beach", "dune", "other"]),
        ({"state": sorting.HOME}, ["beach 2"]),
        ({"state": sorting.TROUBLE}, ["dune", "other", "castle", "alley"]),
        ({"state": sorting.TROUBLE, "name": "al"}, ["alley"]),
        ({"sort": sorting.NAME}, ["alley", "Beach", "beach 2", "castle", "dune", "other"]),
        ({"sort": sorting.STATE}, ["dune", "Beach", "other", "alley", "castle", "beach 2"]),
    ],
)
def test_filters_and_orders(wanted, titles):
    assert seen(**wanted) == titles


def test_every_stage_has_its_place():
    shown, _ = sorting.filter_and_sort([job("a", stage) for stage in Stage], sort=sorting.STATE)
    assert all(shown)


def test_what_runs_and_what_can_go():
    jobs = {one.title: one for one in JOBS}
    assert [one.title for one in sorting.running(jobs)] == ["Beach", "dune"]
    assert sorting.over(jobs) == ["beach 2", "castle"]
