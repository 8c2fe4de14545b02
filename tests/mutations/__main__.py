"""Mutation testing: makes each mistake and prints which test finds it.

    python -m tests.mutations [NUMBER...]

Each mistake is made in a copy of the checkout, one at a time, and its tests run until one fails.
Prints the table for docs/reliability.md. The exit code is 1 if a mistake is not found.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .changes import changed
from .mistakes import MISTAKES, MODEL, Mistake

ROOT = Path(__file__).resolve().parents[2]

IMPATIENT = """
from hypothesis import Phase, settings

settings.register_profile("impatient", deadline=None, phases=[Phase.generate])
settings.load_profile("impatient")
"""
"""A failure of a random test is enough: finding its smallest example takes minutes."""


def copy(folder: Path) -> None:
    """Copy the files of this checkout that the tests need."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True)
    for name in listed.stdout.decode().splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    with (folder / "tests" / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write(IMPATIENT)


def finds(folder: Path, mistake: Mistake) -> str:
    """Return the test that fails with the mistake, or ""."""
    path = folder / mistake.file
    sound = path.read_text(encoding="utf-8")
    path.write_text(changed(sound, mistake.function, mistake.change), encoding="utf-8")
    try:
        found = fails(folder, *mistake.tests)
    finally:
        path.write_text(sound, encoding="utf-8")
    # On an overloaded machine, tests that wait may fail. The model tests do not wait.
    if found and MODEL not in found and fails(folder, found):
        raise SystemExit(f"{found} fails without a mistake, too")
    return found


def fails(folder: Path, *tests: str) -> str:
    """Return the first of these tests that fails, or ""."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--timeout", "240"]
    run = subprocess.run(
        [*command, "-p", "no:cacheprovider", *(f"tests/{name}" for name in tests)],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    failed = re.search(r"^(?:FAILED|ERROR) tests/(.+?)(?: - .*)?$", run.stdout, re.MULTILINE)
    if run.returncode and not failed:
        raise SystemExit(run.stdout + run.stderr)
    return failed[1] if failed else ""


def main(chosen: list[int]) -> int:
    """Make the mistakes with these numbers, counted from 1, or all of them."""
    survived = 0
    print("| mistake | in | found by |\n|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "checkout")
        copy(folder)
        for number, mistake in enumerate(MISTAKES, 1):
            if chosen and number not in chosen:
                continue
            test = finds(folder, mistake)
            survived += not test
            name = test.rpartition("::")[2] or "NOTHING"
            print(f"| {mistake.says} | `{mistake.file}` | `{name}` |", flush=True)
    return int(bool(survived))


if __name__ == "__main__":
    sys.exit(main([int(number) for number in sys.argv[1:]]))
