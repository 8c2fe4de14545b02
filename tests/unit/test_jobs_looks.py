"""The worker is asked about frames when a panel shows them and there are new ones."""

from renderjuice.session.looks import MOST, Looks


def jobs(**downloaded):
    return {name: {"frames": {"downloaded": count}} for name, count in downloaded.items()}


def test_nothing_is_asked_that_no_panel_shows():
    looks = Looks()
    assert not looks.wanted(jobs(a=3))
    assert looks.due(jobs(a=3), 0.0) == ""


def test_new_frames_are_asked_about_once_and_not_too_often():
    looks = Looks()
    looks.at("a")
    assert looks.due(jobs(a=0), 0.0) == ""
    assert looks.due(jobs(a=3), 1.0) == "a"
    assert not looks.wanted(jobs(a=3))
    assert looks.wanted(jobs(a=4))
    assert looks.due(jobs(a=4), 1.5) == ""
    assert looks.due(jobs(a=4), 2.5) == "a"


def test_a_job_that_is_gone_is_not_asked_about():
    looks = Looks()
    looks.at("a")
    assert looks.due(jobs(b=3), 0.0) == ""


def test_what_a_dead_worker_did_not_say_is_asked_again():
    looks = Looks()
    looks.at("a")
    assert looks.due(jobs(a=3), 0.0) == "a"
    looks.unanswered()
    assert looks.due(jobs(a=3), 2.0) == "a"
    looks.answered({"job": "a"})
    looks.unanswered()
    assert not looks.wanted(jobs(a=3))


def test_the_oldest_is_forgotten_and_asked_again():
    looks = Looks()
    everything = jobs(**{f"j{n}": 1 for n in range(MOST + 1)})
    for number, name in enumerate(everything):
        looks.at(name)
        assert looks.due(everything, 2.0 * number) == name
        looks.answered({"job": name})
    assert (len(looks.seen), "j0" in looks.seen) == (MOST, False)
    looks.at("j0")
    assert looks.wanted(everything)
