"""The commands that stand in README, CONTRIBUTING and docs/, and what becomes of each in the tests.

A command is a line of an indented or `sh` block, or stands between backticks, and begins with a
program of `PROGRAMS`. `&&` joins two.
"""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAMS = r"blender|python|pip|git|apt-get|cat|sh|cd|\.venv/bin/python"
COMMAND = re.compile(rf"(?:\w+=\S+ )*(?:(?:make|\.ci/run)(?: .*)?|(?:{PROGRAMS}) .+)")

NOT_RUN = {
    "blender --online-mode --command extension repo-add": "tests/window/test_repository.py does it,"
    " with a server of its own",
    "blender --online-mode --command extension install": "the same",
    "blender --online-mode --command extension update": "the same",
    "blender --version": "Blender's own",
    "RENDERJUICE_API_URL=http://127.0.0.1:8765": "opens a window and waits for a person",
    "apt-get install": "changes the machine; .ci/run does it",
    "git lfs pull": "fetches an artist's own files from their server",
    "git clone REPOSITORY": "the address is each forge's own",
    "python -m pip install bpy": "what is tested has them already",
    "cd renderjuice": "is where the tests are",
}
"""What begins so is not run by the tests of the documentation, and why."""


def on(page: Path) -> Iterator[str]:
    """The commands of a page, as they come."""
    text = page.read_text(encoding="utf-8")
    fenced = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^ {4}(\S.*)", text, re.MULTILINE)
    prose = " ".join(re.sub(r"^ {4}\S.*", "", text, flags=re.MULTILINE).split())
    lines = [*"".join(fenced).splitlines(), *indented, *re.findall(r"`([^`]+)`", prose)]
    for line in lines:
        for part in re.sub(r"\s+# .*", "", line).strip().split(" && "):
            if COMMAND.fullmatch(part):
                yield part


RUN_IN = {
    "blender": ("docs/install.md", "docs/command-line.md", "docs/scripting.md"),
    "bpy": ("docs/command-line.md", "docs/scripting.md"),
}
"""The pages whose commands are run; others only say them again."""


def kind(command: str) -> str:
    """Who runs it: "blender" (tests/window), "bpy" (tests/blender), "checkout" (it is there)."""
    if any(command.startswith(beginning) for beginning in NOT_RUN):
        return "not run"
    program = re.sub(r"^(?:\w+=\S+ )*", "", command)
    if program.startswith(("make", ".venv/bin/python ", ".ci/run")):
        return "checkout"
    if program.startswith(("python headless.py", "sh ci_render.sh")):
        return "bpy"
    if program.startswith(("blender ", "cat key.txt | blender")):
        return "blender"
    return ""
