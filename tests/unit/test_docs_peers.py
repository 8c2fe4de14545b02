"""The tests and pages that docs/peers.md and docs/everyday.md refer to exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", ["peers.md", "everyday.md"])
def test_every_test_that_is_named_exists(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    named = re.findall(r"`((?:tests/\w+/)?test_\w+\.py)(?:::(\w+))?`", text)
    for name, function in named:
        path = name if "/" in name else f"tests/window/{name}"
        code = (ROOT / path).read_text("utf-8")
        assert f"def {function or 'test_'}" in code, (path, function)
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / "docs" / link).exists(), link
    assert len(named) > 9
