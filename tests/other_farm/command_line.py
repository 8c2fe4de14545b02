"""A command in whole at the end of a run: its exit code against the record on disk."""

import json
import re
import subprocess
import time
from typing import TYPE_CHECKING

from tests.headless import Headless

if TYPE_CHECKING:
    from .drive import Run

CODES = {"finished": (0,), "incomplete": (1,), "failed": (1, 4, 5), "canceled": (1,)}
SECRET = re.compile(r"SIG[0-9a-f]{12}|RJ-[0-9a-f]{8}")


def command_line(run: "Run") -> list[str]:
    """Give the drawn command about the first press; what did not hold."""
    press, command = run.plan.presses[0], run.plan.command_line
    user = run.users[press.user]
    if not user.record(press.job):
        return []
    environment = {
        "RENDERJUICE_API_KEY": run.farm.key(user.name),
        "RENDERJUICE_API_URL": run.farm.api_url,
        "RENDERJUICE_STATE_DIR": str(user.state),
    }
    blender = Headless(run.folder / "blender", environment=environment)
    about = [press.job] if command not in ("resume", "jobs") else []
    asked, begun = len(run.farm.log), time.monotonic()
    try:
        done = blender.run(None, command, *about)
    except subprocess.TimeoutExpired as error:
        return [f"hang: {command} has not returned within {error.timeout} s"]
    run.notes.append(f"{command}: exit {done.code} in {time.monotonic() - begun:.1f} s")
    stage = user.record(press.job).get("stage", "")
    found = []
    if command == "download" and done.code not in CODES.get(stage, range(1, 256)):
        found.append(f"exit: {done.code} from download, and the record says {stage}")
    if command == "cancel" and done.code == 0 and stage not in ("canceled",):
        found.append(f"exit: 0 from cancel, and the record says {stage}")
    if command in ("jobs",) and done.code != 0:
        found.append(f"exit: {done.code} from jobs")
    if command in ("wait", "status") and stage == "finished" and done.code != 0:
        found.append(f"exit: {done.code} from {command} of a finished job")
    if "Traceback" in done.stderr:
        found.append(f"exit: a traceback from {command}: {done.stderr[-300:]}")
    if done.document.get("schema") != 1:
        found.append(f"exit: no document of {command}")
    if SECRET.search(done.stdout + done.stderr + json.dumps(done.document)):
        found.append(f"secret: in what {command} says")
    for entry in run.farm.log[asked:]:
        if entry.method == "POST" and not entry.path.endswith("/cancel"):
            found.append(f"money: POST {entry.path} by {command}")
    return found
