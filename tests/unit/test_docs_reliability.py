"""docs/reliability.md names a test for each of its rows, and each of them exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reliability.md").read_text("utf-8")
ROWS = [
    *(f"A{number}" for number in range(1, 6)),
    *(f"B{number}" for number in range(1, 10)),
    *(f"C{number}" for number in range(1, 10)),
    *(f"D{number}" for number in range(1, 8)),
    *(f"E{number}" for number in range(1, 19)),
    *(f"F{number}" for number in range(1, 8)),
    *(f"G{number}" for number in range(1, 12)),
    *(f"W{number}" for number in range(1, 7)),
]
TABLE = dict(re.findall(r"^\| ([A-GW]\d+) \| .* \| (.*) \|$", PAGE, re.MULTILINE))
NAMED = re.findall(r"`(tests/\w+/test_\w+\.py)::(\w+)`", PAGE)


def test_no_row_is_left_out() -> None:
    assert list(TABLE) == ROWS


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_a_test(row: str) -> None:
    assert re.search(r"`tests/\w+/test_\w+\.py::test_\w+`", TABLE[row])


@pytest.mark.parametrize(("file", "function"), sorted(set(NAMED)))
def test_a_test_that_is_named_exists(file: str, function: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    assert re.search(rf"^def {function}\(|^{function} = ", text, re.MULTILINE)
