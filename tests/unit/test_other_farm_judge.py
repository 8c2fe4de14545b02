"""The judge of random runs reports each broken rule: tested with a good run and altered copies."""

from pathlib import Path
from typing import Any

import pytest

from tests.other_farm.command_line import judge_exit
from tests.other_farm.good_run import KEY, good_run
from tests.other_farm.judge import RULES, judge
from tests.other_farm.lies import LIES


def test_a_good_run_breaks_nothing(tmp_path: Path) -> None:
    assert judge(good_run(tmp_path)) == []


@pytest.mark.parametrize("lie", LIES)
def test_each_lie_is_called_broken(tmp_path: Path, lie: str) -> None:
    run = good_run(tmp_path)
    change, words = LIES[lie]
    change(run)
    assert any(line.startswith(words) for line in judge(run)), judge(run)


def test_each_rule_has_a_lie(tmp_path: Path) -> None:
    silent = {rule.__name__ for rule in RULES}
    for number, (change, _) in enumerate(LIES.values()):
        run = good_run(tmp_path / str(number))
        change(run)
        silent -= {rule.__name__ for rule in RULES if list(rule(run))}
    assert not silent


GOOD = {"schema": 1, "job": {"stage": "finished"}}
EXITS: dict[str, tuple[tuple[Any, ...], str]] = {
    "0 and incomplete": (("wait", 0, "incomplete", GOOD, ""), "exit: 0 from wait, and"),
    "0 and still rendering": (("download", 0, "rendering", GOOD, ""), "exit: 0 from download"),
    "says more than the disk": (
        ("wait", 0, "finished", {"schema": 1, "job": {"stage": "incomplete"}}, ""),
        "exit: 0 from wait, which says incomplete",
    ),
    "cancel that did not": (("cancel", 0, "rendering", GOOD, ""), "exit: 0 from cancel"),
    "no document": (("jobs", 0, "finished", {}, ""), "exit: no document"),
    "no reason": (("wait", 4, "rendering", {"schema": 1}, ""), "exit: 4 from wait without"),
    "crashed": (("wait", 139, "finished", GOOD, ""), "exit: 139"),
    "a traceback": (("wait", 0, "finished", GOOD, "Traceback: x"), "exit: a traceback"),
    "the key": (("wait", 0, "finished", GOOD, KEY), "secret: in what wait says"),
}


@pytest.mark.parametrize("lie", EXITS)
def test_each_wrong_exit_is_called_broken(lie: str) -> None:
    arguments, words = EXITS[lie]
    assert any(line.startswith(words) for line in judge_exit(*arguments))


def test_a_good_exit_breaks_nothing() -> None:
    assert judge_exit("wait", 0, "finished", GOOD, "") == []
    assert judge_exit("cancel", 0, "canceled", GOOD, "") == []
