"""The remaining time is estimated from measured progress, and only if there is any."""

import pytest
from renderjuice.worker.eta import Eta


def after(*seen: tuple[float, float]) -> Eta:
    eta = Eta()
    for now, done in seen:
        eta.measure(done, now)
    return eta


def test_nothing_is_told_before_something_is_measured():
    assert Eta().left(10, 5.0) is None
    assert after((0, 0), (30, 0)).left(10, 40.0) is None


def test_frames_done_so_far_give_the_time_of_the_others():
    eta = after((100, 0), (110, 1), (120, 2), (130, 3))
    assert eta.left(10, 130.0) == pytest.approx(70.0)
    assert eta.left(10, 135.0) == pytest.approx(65.0)
    assert eta.left(3, 130.0) == 0.0


def test_a_halt_lets_the_time_grow():
    eta = after((0, 0), (10, 1))
    told = [eta.left(5, now) for now in (10.0, 20.0, 60.0, 600.0)]
    assert told[0] == pytest.approx(40.0)
    assert told[1] == pytest.approx(30.0)
    assert told[2] is not None
    assert told[2] > 60
    assert told[3] is not None
    assert told[3] > 800


def test_many_machines_bring_many_frames_at_once():
    eta = after((0, 0), (60, 10), (120, 20))
    assert eta.left(100, 120.0) == pytest.approx(480.0)
    assert eta.left(100, 150.0) == pytest.approx(480.0, rel=0.25)


def test_a_job_found_half_way_is_measured_from_its_next_frame_on():
    eta = after((0, 50), (2, 51))
    assert eta.left(100, 2.0) is None, "this frame was under way before: it took longer than 2 s"
    eta.measure(52, 22.0)
    assert eta.left(100, 22.0) == pytest.approx(48 * 20.0)


def test_what_begins_anew_is_measured_anew():
    eta = after((0, 0), (10, 500), (11, 0))
    assert eta.left(1000, 12.0) is None
    eta.measure(100, 21.0)
    assert eta.left(1000, 21.0) == pytest.approx(90.0, rel=0.02)


def test_the_first_moment_tells_nothing():
    assert after((0, 0), (0.01, 5_000_000)).left(1e9, 0.02) is None
