"""docs/command-line.md says what the parser says."""

import runpy
from pathlib import Path

import pytest

pytest.importorskip("bpy", reason="bpy is not installed for this Python")

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_what_the_parser_says() -> None:
    from renderjuice import cli

    made = runpy.run_path(str(ROOT / "scripts/command_line_page.py"))
    text = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    assert "### submit" in text
    assert made["page"](text, cli.parser()) == text, "run scripts/command_line_page.py"
