"""When a step may begin: every purpose, stage, status, place and address; only one file calls."""

import ast
import itertools
from pathlib import Path

import pytest
from renderjuice.jobs.record import Stage
from renderjuice.worker.job import Purpose
from renderjuice.worker.permission import Address, Facts, Refusal, Step, refusal

ROOT = Path(__file__).resolve().parents[2]
STATUSES = (
    *("created", "validating", "validated", "booting", "rendering", "finalizing"),
    *("completed", "failed", "canceled", "suspended", "quantum-leap", ""),
)
BEGINNERS = {"submit", "resume", "retry", "claim"}
RIGHT = {  # step: the stages in which it is allowed, and the status that the farm must report
    "prepare": ({"packing", "uploading", "creating", "rendering"}, None),
    "validate": ({"validating"}, "created"),
    "render": ({"starting"}, "validated"),
}


def every():
    """Yield all combinations: more than half a million."""
    yes_no = (True, False)
    names = ("locked", "made_here", "known", "created", "ended", "cancel")
    for step, purpose, stage, address, status in itertools.product(
        Step, Purpose, Stage, Address, STATUSES
    ):
        for values in itertools.product(yes_no, repeat=len(names)):
            yield Facts(
                step,
                purpose,
                stage,
                address=address,
                status=status,
                **dict(zip(names, values, strict=True)),
            )


def test_the_table():
    """The expected value follows the specification, not the code: every condition must hold."""
    allowed = 0
    for facts in every():
        stages, status = RIGHT[facts.step.value]
        right = (
            facts.purpose.value in BEGINNERS
            and facts.stage.value in stages
            and (status is None or facts.status == status)
            and facts.locked
            and facts.made_here
            and facts.address.value != "another"
            and (facts.address.value == "same" or facts.known)
            and (facts.created or not facts.known)
            and not facts.ended
            and not facts.cancel
        )
        allowed += right
        assert (refusal(facts) is None) == right, facts
    assert allowed


YES = {
    "purpose": Purpose.SUBMIT,
    "address": Address.SAME,
    "locked": True,
    "made_here": True,
    "known": True,
    "created": True,
    "ended": False,
    "cancel": False,
}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, None),
        ({"purpose": Purpose.WAIT}, Refusal.PURPOSE),
        ({"purpose": Purpose.DOWNLOAD}, Refusal.PURPOSE),
        ({"purpose": Purpose.CANCEL}, Refusal.PURPOSE),
        ({"locked": False}, Refusal.LOCK),
        ({"cancel": True}, Refusal.CANCELED),
        ({"made_here": False}, Refusal.PLACE),
        ({"made_here": False, "purpose": Purpose.WAIT}, Refusal.PLACE),
        ({"address": Address.ANOTHER}, Refusal.ADDRESS),
        ({"address": Address.UNKNOWN}, None),
        ({"address": Address.UNKNOWN, "known": False}, Refusal.UNKNOWN_ADDRESS),
        ({"created": False}, Refusal.FARMS_OWN),
        ({"ended": True}, Refusal.ENDED),
        ({"stage": Stage.RENDERING}, Refusal.STAGE),
        ({"status": "rendering"}, Refusal.STATUS),
        ({"status": ""}, Refusal.STATUS),
    ],
)
def test_what_is_said_of_a_render_that_may_not_begin(change, why):
    facts = {"step": Step.RENDER, "stage": Stage.STARTING, "status": "validated", **YES, **change}
    assert refusal(Facts(**facts)) is why


def begins(path: Path) -> bool:
    """Whether a file uses `validate` or `render` of anything but permission.py."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    taken = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return any(
        node.attr in ("validate", "render")
        and not (isinstance(node.value, ast.Name) and node.value.id == "permission")
        for node in taken
    )


def test_nobody_else_asks_the_farm_to_begin():
    """Only the worker has a client (import-linter), and only one of its files starts anything."""
    assert [p.name for p in (ROOT / "worker").glob("*.py") if begins(p)] == ["permission.py"]
    writers = [
        path.name
        for path in (ROOT / "api").glob("*.py")
        if "/render" in path.read_text(encoding="utf-8")
    ]
    assert writers == ["client.py"]
