"""The mistakes that python -m tests.mutations puts into the code still fit the code."""

from pathlib import Path

import pytest

from tests.mutations.changes import (
    always,
    changed,
    instead,
    never,
    overwriting,
    uncalled,
    unguarded,
    without,
)
from tests.mutations.mistakes import MISTAKES

ROOT = Path(__file__).resolve().parents[2]
BEFORE = """
class Door:

    def open(self, key):
        if not self.locked and key.lower() == 'brass':
            self.log(key)
            if key.fits(self):
                self.swing()
        found = 0
        found += self.count(key)
        return [one for one in self.keys if one == key]
"""


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (always("locked"), "not self.locked", "True"),
        (never("brass"), "key.lower() == 'brass'", "False"),
        (unguarded("swing"), "key.fits(self)", "True"),
        (without("log"), "self.log(key)", "pass"),
        (instead("count", "7"), "self.count(key)", "7"),
        (uncalled("lower"), "key.lower()", "key"),
        (overwriting("found"), "found +=", "found ="),
        (never("one", "key"), "one == key", "False"),
    ],
)
def test_a_change_replaces_its_place_and_nothing_else(change, old, new):
    assert changed(BEFORE, "Door.open", change) == BEFORE.strip().replace(old, new)


@pytest.mark.parametrize(
    ("function", "change"),
    [
        ("Door.open", never("silver")),
        ("Door.open", never("self")),
        ("Door.open", without("close")),
        ("Door.close", never("brass")),
    ],
)
def test_what_fits_nothing_or_twice_is_refused(function, change):
    with pytest.raises(LookupError):
        changed(BEFORE, function, change)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.says)
def test_a_mistake_fits_the_code_and_its_tests_exist(mistake):
    source = (ROOT / mistake.file).read_text(encoding="utf-8")
    assert changed(source, mistake.function, mistake.change)
    for name in mistake.tests:
        file, _, test = name.partition("::")
        text = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert not test or f"def {test.partition('[')[0]}(" in text
