"""Random runs: `python -m tests.other_farm [-v] FIRST [LAST]`; `-v` prints the farm's log.

Prints the broken promises of each seed. For several seeds it also writes the totals to
build/reports/chaos-other-farm.json and prints each kind of broken promise with its seeds.
"""

import os
import re
import runpy
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()

from tests.chaos.outcome import Outcome, begin, keep, kept, report  # noqa: E402 (bootstrap.py must run first)

from .drive import Run, describe, play  # noqa: E402
from .habits import Habits  # noqa: E402
from .seen import hashes  # noqa: E402

SLOTS = int(os.environ.get("RENDERJUICE_CHAOS_SLOTS", "4"))


def tell(run: Run) -> None:
    """Print everything that happened in a run, in order of time."""
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
    """Return the text of a broken promise without the parts that differ from run to run."""
    return re.sub(r"\d+|'[^']*'", "#", line)[:150]


def outcome_of(run: Run) -> Outcome:
    """Summarize a run: `fired` counts the farm's unusual habits and the events of the run."""
    outcome = Outcome(run.seed)
    stages = []
    for press in run.plan.presses:
        record = run.users[press.user].record(press.job)
        stages.append(record.get("stage", "gone"))
        outcome.error = (record.get("error") or {}).get("message", "") or outcome.error
        outcome.missing += len(record.get("missing") or [])
        renders = sum(job.renders for job in run.jobs_of(press))
        outcome.renders = max(outcome.renders, renders)
    outcome.stage = ", ".join(sorted(stages))
    outcome.frames = sum("/." not in f"/{name}" for name in hashes(run.project))
    outcome.fired.update(Habits(run.seed).odd_ones().keys())
    outcome.fired.update(what for _, _, what, _ in run.commands)
    outcome.broken = list(dict.fromkeys(run.broken))
    return outcome


def play_all(seeds: range, written: Path | None) -> None:
    """Run the seeds one after the other and print the outcome of each."""
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            begun = time.monotonic()
            run = play(seed, Path(folder))
            outcome = outcome_of(run)
            outcome.seconds = time.monotonic() - begun
            lines = [f"seed {seed}: {outcome.stage} {run.notes} {len(run.farm.log)} requests"]
            lines += [f"    {outcome.error}"[:200]] if outcome.error else []
            lines += [f"    BROKEN {line}" for line in outcome.broken]
            print("\n".join(lines), flush=True)
            if written:
                keep(written, outcome)
            if "-v" in sys.argv:
                tell(run)


def main() -> int:
    arguments = [int(one) for one in sys.argv[1:] if one != "-v"]
    begun, seeds = time.monotonic(), range(arguments[0], arguments[-1] + 1)
    if len(arguments) == 1:
        play_all(seeds, None)
        return 0
    slots, written = min(SLOTS, len(seeds)), begin("other-farm")
    with ProcessPoolExecutor(slots) as pool:
        parts = [pool.submit(play_all, seeds[slot::slots], written) for slot in range(slots)]
    for part in parts:
        part.result()
    outcomes = kept(written)
    report("other-farm", outcomes, time.monotonic() - begun)
    kinds: dict[str, list[int]] = defaultdict(list)
    for outcome in outcomes:
        for line in outcome.broken:
            kinds[kind_of(line)].append(outcome.seed)
    for kind, broken in sorted(kinds.items()):
        print(f"{len(broken):4} {kind} {broken[:12]}")
    return int(bool(kinds))


if __name__ == "__main__":
    sys.exit(main())
