"""The documentation site builds without a warning: no broken link, anchor or page."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-docs/bin/python"


def test_the_site_has_no_dead_link(tmp_path: Path) -> None:
    if not PYTHON.exists():
        pytest.skip("there is no .venv-docs: make docs makes it, and finds the same")
    build = ["-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(
        [str(PYTHON), *build],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    index = (tmp_path / "site/index.html").read_text("utf-8")
    assert "http" not in "".join(part.split(">")[0] for part in index.split("<script")[1:])


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]), ids=lambda page: page.name
)
def test_a_link_leads_to_a_file_where_pages_are_read_as_files(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s#]+)", page.read_text("utf-8"))
    ours = [target for target in targets if not re.match(r"\w+:", target)]
    assert [target for target in ours if not (page.parent / target).exists()] == []
