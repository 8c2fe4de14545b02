"""Checks a run against all rules. tests/unit/test_other_farm_judge.py tests each rule."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from .rules import cancel, ends, files, frames, money, said

if TYPE_CHECKING:
    from .drive import Run

Rule = Callable[["Run"], Iterator[str]]

RULES: tuple[Rule, ...] = (
    *(money.one_render, money.only_announced, money.nobody_elses, money.asked_first),
    *(money.by_a_command_that_may, money.never_after_the_end),
    *(cancel.over_on_the_farm, cancel.told),
    *(frames.all_here, frames.completed_twice, frames.each_once, frames.named, frames.counted),
    *(files.stay, files.no_way_out, files.whole, files.one_job_a_folder, files.names, files.claims),
    *(said.no_secret, said.key_at_home, said.home_at_home, said.short_log, said.no_traceback),
    *(ends.few_requests, ends.comes_to_an_end, ends.damage_is_said, ends.by_others),
)


def judge(run: "Run") -> list[str]:
    """Return every broken promise of a run."""
    return [line for rule in RULES for line in rule(run)]
