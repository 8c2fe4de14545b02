"""Every command in the documentation is run by a test, or has a reason; its targets exist."""

import re
import shlex
import subprocess
import sys

import pytest

from tests.docs_commands import NOT_RUN, PAGES, ROOT, RUN_IN, kind, on

COMMANDS = sorted({command for page in PAGES for command in on(page)})


def test_every_command_has_its_test_or_its_reason() -> None:
    assert len(COMMANDS) > 50
    assert [command for command in COMMANDS if not kind(command)] == []
    unused = [b for b in NOT_RUN if not any(command.startswith(b) for command in COMMANDS)]
    assert unused == []


@pytest.mark.parametrize("where", RUN_IN)
def test_other_pages_only_say_again_what_is_run(where: str) -> None:
    run = {command for page in RUN_IN[where] for command in on(ROOT / page)}
    assert [command for command in COMMANDS if kind(command) == where and command not in run] == []


@pytest.mark.parametrize("command", [c for c in COMMANDS if kind(c) == "checkout"])
def test_what_it_names_is_in_the_checkout(command: str) -> None:
    words = [w for w in shlex.split(command) if not re.match(r"\w+=", w)]
    if words[0] == "make":
        makefile = (ROOT / "Makefile").read_text("utf-8")
        assert all(re.search(rf"^{target}:", makefile, re.M) for target in words[1:])
    elif words[:3] == [".venv/bin/python", "-m", "tests.farm"]:
        begins_and_ends([w.replace("/path/to/blender", sys.executable) for w in words[1:]])
    elif words[1:2] == ["-m"]:
        module = ROOT / words[2].replace(".", "/")
        assert words[2] == "pytest" or module.with_suffix(".py").exists() or module.is_dir()
    else:
        assert (ROOT / words[0 if words[0] == ".ci/run" else 1]).is_file()
    for path in words[1:]:
        if path.endswith(".py"):
            assert (ROOT / path).is_file()


def begins_and_ends(farm: list[str]) -> None:
    """Start the farm on a free port; it must end when its standard input closes."""
    command = [sys.executable, *farm, "--port", "0", "--end-with-stdin"]
    done = subprocess.run(
        command, cwd=ROOT, input="", capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Local Renderjuice at" in done.stdout
