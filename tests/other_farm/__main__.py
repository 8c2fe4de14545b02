"""Play seeds: `python -m tests.other_farm [-v] FIRST [LAST]`; `-v` prints the farm's log.

Prints what was broken in each, and at the end each kind of it with its seeds.
"""

import re
import runpy
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()

from .drive import Run, describe, play  # noqa: E402 (after the package has its name)


def tell(run: Run) -> None:
    """What happened, line by line."""
    print(describe(run.seed), run.farm.scene, run.plan, sep="\n")
    begun = run.farm.log[0].at if run.farm.log else 0.0
    lines = [(entry.at, str(entry)) for entry in run.farm.log]
    lines += [(entry.at, f"elsewhere {entry}") for entry in run.other_farm.log]
    lines += [(at, f"{user:5} ** {what} {job}") for at, user, what, job in run.commands]
    for user in run.everybody():
        last = ""
        for one in user.told:
            why = one.job.error.message if one.job.error else ""
            text = f"{user.name:5} -- {one.job.id} {one.job.stage} {why}"
            if text != last:
                lines.append((one.at, text))
            last = text
    lines.append((run.calm_at, "      == calm"))
    for at, line in sorted(lines):
        print(f"{at - begun:7.3f} {line}")
    for path in sorted(run.project.rglob("*")):
        print("   ", path.relative_to(run.project), path.stat().st_size)
    for user in run.everybody():
        print((user.state / "worker.log").read_text(errors="replace", encoding="utf-8")[-4000:])


def kind_of(line: str) -> str:
    """A broken promise without what differs from run to run."""
    return re.sub(r"\d+|'[^']*'", "#", line)[:150]


def main() -> int:
    arguments = [one for one in sys.argv[1:] if one != "-v"]
    kinds: dict[str, list[int]] = defaultdict(list)
    for seed in range(int(arguments[0]), int(arguments[-1]) + 1):
        with tempfile.TemporaryDirectory() as folder:
            run = play(seed, Path(folder))
            stages = [run.users[p.user].record(p.job).get("stage") for p in run.plan.presses]
            print(f"seed {seed}: {stages} {run.notes} {len(run.farm.log)} requests", flush=True)
            for press in run.plan.presses:
                error = run.users[press.user].record(press.job).get("error") or {}
                if error:
                    print(f"    {error.get('id')}: {error.get('message')}"[:200], flush=True)
            for line in dict.fromkeys(run.broken):
                print(f"    BROKEN {line}", flush=True)
                kinds[kind_of(line)].append(seed)
            if "-v" in sys.argv:
                tell(run)
    for kind, seeds in sorted(kinds.items()):
        print(f"{len(seeds):4} {kind} {seeds[:12]}")
    return int(bool(kinds))


if __name__ == "__main__":
    sys.exit(main())
