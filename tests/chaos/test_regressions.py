"""Errors that random runs have found, each reproduced by a run with fixed faults."""

import pytest

from tests.chaos.proxy import Fault
from tests.chaos.run import Run
from tests.chaos.scenarios import Event, Scenario

DOWNLOADS = "/downloads$"


def expired(skip: int = 0) -> Fault:
    return Fault("status", "GET", "", skip, status=403)


def gone() -> Fault:
    """A missing frame: after six of these responses, the worker gives up the frame."""
    return Fault("status", "GET", "pattern_0002", status=404)


REGRESSIONS = {
    # The list that was fetched again for new addresses lacked a frame: finished without it.
    "a list that gets shorter": {
        "api": [Fault("some outputs", "GET", DOWNLOADS, 1)],
        "storage": [expired(), expired(), expired()],
    },
    # One frame's address expired, then another frame was missing: no frame was reported as missing.
    "a lost frame in a second list": {
        "storage": [*(expired() for _ in range(3)), *(gone() for _ in range(6))]
    },
    "a byte of a frame is another one": {"storage": [Fault("flipped byte", "GET", "", 1)]},
    # Frames were already being downloaded when the farm failed the job.
    "canceled while frames come": {
        "early": True,
        "seconds_per_frame": 2.0,
        "storage": [Fault("stall", "GET", "", 0, seconds=4.0)],
        "events": [Event(5.0, "cancel", 0.0, 0.0)],
    },
    "a file of ours is deleted as the others come": {
        "storage": [Fault("drip", "GET", "", 2, seconds=2.5)],
        "events": [Event(1.5, "files deleted", 0.0, 0.0)],
    },
}


@pytest.mark.parametrize("name", REGRESSIONS)
def test_regression(where, tmp_path, name):
    settled = {
        "seed": 0,
        "frames": 3,
        "package_bytes": 1000,
        "early": False,
        "seconds_per_frame": 0.0,
        "delay": 0.0,
        "api": [],
        "storage": [],
        "events": [],
    }
    scenario = Scenario(**settled | REGRESSIONS[name])
    wanted = len(scenario.api + scenario.storage)
    outcome = Run(where, tmp_path, scenario).play()
    assert not outcome.broken
    assert outcome.fired.total() == wanted + len(scenario.events)
