"""Runs shell commands and checks their exit codes and JSON documents against the job record."""

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tests.headless import Headless

from .plan import Press
from .user import Life

if TYPE_CHECKING:
    from .drive import Run

SECONDS = 180  # more than the two minutes for which `cancel` tells a farm that ignores it
SECONDS_OF_PATIENCE = 8
CODES = {"finished": (0,), "incomplete": (1,), "failed": (1, 4, 5), "canceled": (1,)}
KNOWN = (0, 1, 2, 3, 4, 5, 130)
FOLLOWS = ("download", "wait")
WAITS = (*FOLLOWS, "resume")
SECRET = re.compile(r"SIG[0-9a-f]{12}|RJ-[0-9a-f]{8}")


@dataclass
class Shell:
    """A running command, or one that ended with `code` while the record had `stage`."""

    kind: str
    press: Press
    process: "subprocess.Popen[bytes]"
    written: Path  # its JSON document
    output: IO[bytes]
    life: Life
    begun: float
    code: int | None = None
    stage: str = ""

    def look(self, run: "Run") -> bool:
        """Return whether it has ended; if it just ended, keep the record's stage."""
        if self.code is None and self.process.poll() is not None:
            self.code = self.process.returncode
            self.life.over = time.monotonic()
            self.stage = run.users[self.press.user].record(self.press.job).get("stage", "")
        return self.code is not None


def start(run: "Run", press: Press, kind: str) -> Shell:
    """Start a command for a submitted job in its user's shell."""
    user, number = run.users[press.user], len(run.shells)
    environment = {
        "RENDERJUICE_API_KEY": run.farm.key(user.name),
        "RENDERJUICE_API_URL": run.farm.api_url,
        "RENDERJUICE_STATE_DIR": str(user.state),
    }
    blender = Headless(run.folder / "blender", environment=environment)
    blender.resources.mkdir(exist_ok=True)
    written = run.folder / f"document {number}.json"
    output = (run.folder / f"shell {number}.txt").open("w+b")
    about = [press.job] if kind not in ("resume", "jobs") else []
    about += ["--patience", "1"] if kind in WAITS else []
    command = [str(blender.script), "--", kind, *about, "--json", str(written)]
    process = subprocess.Popen(
        [sys.executable, *command],
        env=blender.env(),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    begun = time.monotonic()
    life = Life(begun, given=[(begun, kind, press.job if press.job in about else "")])
    shell = Shell(kind, press, process, written, output, life, begun)
    run.shells.append(shell)
    return shell


def finish(run: "Run", shell: Shell) -> list[str]:
    """Wait until a command ends and return the broken promises."""
    asked = time.monotonic()
    while not shell.look(run):
        hangs = time.monotonic() - shell.begun > SECONDS
        if hangs or (_for_ever(run, shell) and time.monotonic() - asked > SECONDS_OF_PATIENCE):
            shell.process.kill()
            shell.process.wait()
            shell.life.over = time.monotonic()
            shell.output.close()
            return [f"hang: {shell.kind} has not returned within {SECONDS} s"] if hangs else []
        run.hear()
        time.sleep(0.05)
    shell.output.seek(0)
    said = shell.output.read().decode(errors="replace")
    shell.output.close()
    try:
        document = json.loads(shell.written.read_bytes())
    except (OSError, ValueError):
        document = {}
    run.notes.append(f"{shell.kind}: exit {shell.code}, {shell.stage}")
    return judge_exit(shell.kind, shell.code or 0, shell.stage, document, said)


def _for_ever(run: "Run", shell: Shell) -> bool:
    """Return whether the command waits for a job that never ends, which is correct."""
    jobs = [job for job in run.farm.jobs.values() if job.press]
    return shell.kind in (*FOLLOWS, "resume") and any(job.over_at() == inf for job in jobs)


def judge_exit(kind: str, code: int, stage: str, document: dict[str, Any], said: str) -> list[str]:
    """Check a command's exit code and document against the record's stage when it ended."""
    found = []
    if code not in KNOWN:
        found.append(f"exit: {code} from {kind}")
    if kind in FOLLOWS and code == 0 and stage != "finished":
        found.append(f"exit: 0 from {kind}, and the record says {stage}")
    if kind == "cancel" and code == 0 and stage not in ("canceled", "finished"):
        found.append(f"exit: 0 from cancel, and the record says {stage}")
    told = (document.get("job") or {}).get("stage", stage)
    if kind in FOLLOWS and code == 0 and told != stage:
        found.append(f"exit: 0 from {kind}, which says {told}, and the record says {stage}")
    if code and not document.get("error") and not (document.get("job") or document.get("jobs")):
        found.append(f"exit: {code} from {kind} without a reason")
    if document.get("schema") != 1:
        found.append(f"exit: no document of {kind}")
    if "Traceback" in said:
        found.append(f"exit: a traceback from {kind}: {said[said.index('Traceback') :][:400]}")
    if SECRET.search(said + json.dumps(document)):
        found.append(f"secret: in what {kind} says")
    return found


def command_line(run: "Run") -> list[str]:
    """Run the plan's command at the end of the run and return the broken promises."""
    press, kind = run.plan.presses[0], run.plan.command_line
    if not run.users[press.user].record(press.job):
        return []
    asked = len(run.farm.log)
    shell = start(run, press, kind)
    found = finish(run, shell)
    if shell.code is None:
        return found
    if kind in FOLLOWS and shell.code not in CODES.get(shell.stage, range(1, 256)):
        found.append(f"exit: {shell.code} from {kind}, and the record says {shell.stage}")
    if kind in ("jobs", "status") and shell.code != 0:
        found.append(f"exit: {shell.code} from {kind}")
    for entry in run.farm.log[asked:]:
        if entry.method == "POST" and not entry.path.endswith("/cancel"):
            found.append(f"money: POST {entry.path} by {kind}")
    return found
