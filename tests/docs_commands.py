"""The commands in README, CONTRIBUTING and docs/, and which tests run each of them.

A command is a line of an indented or `sh` block, or text between backticks, that begins with a
program of `PROGRAMS`. `&&` separates two commands.
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
"""Beginnings of commands that the tests of the documentation do not run, each with the reason."""


def on(page: Path) -> Iterator[str]:
    """Yield the commands of a page: those in `sh` blocks, in indented blocks, then in the text."""
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
"""The pages whose commands are run; the other pages only repeat these commands."""


def kind(command: str) -> str:
    """Which tests cover a command.

    "blender": tests/window runs it; "bpy": tests/blender runs it; "checkout": a test checks that
    its files and make targets exist; "not run": see `NOT_RUN`; "": none.
    """
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
