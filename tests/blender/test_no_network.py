"""Blender's own process uses no network in a whole session: check, submit, status, download.

Commands that only read send nothing through the worker process either.
"""

from datetime import datetime
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make
from tests.headless import Headless

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
SESSION = """
import json, sys, time
used = []

def watch(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "ssl.")):
        used.append([event, repr(arguments)])

sys.addaudithook(watch)
blend, folder, host, port = sys.argv[-4:]
main = ours("commands.cli").main
bpy.ops.wm.open_mainfile(filepath=blend)
said = [sorted(bpy.ops.renderjuice.check())]
codes = [main(["check"]), main(["config"]), main(["pack", "--output", folder + ".zip"])]
looked = time.time()
said.append(sorted(bpy.ops.renderjuice.submit(wait=True)))
(job,) = ours("session.records")._store().ids()
codes += [
    main(command)
    for command in (
        ["submit", "--output", folder],
        ["jobs"],
        ["status", job],
        ["wait", job],
        ["download", job],
        ["resume"],
        ["cancel", job],
    )
]
session = list(used)
import socket
socket.create_connection((host, int(port))).close()
print("SAID", json.dumps([said, codes, looked, session, [event for event, _ in used]]))
"""


def test_a_whole_session(installed: Headless, farm, tmp_path: Path):
    state = tmp_path / "state"
    state.mkdir()
    artist = Headless(installed.resources, farm, {"RENDERJUICE_STATE_DIR": str(state)})
    blend = make(tmp_path / "project", "scene.frame_end = 2")
    renders, requests = farm.renders(), len(farm.log(kind="request"))
    host, _, port = farm.api_url.partition("://")[2].partition("/")[0].partition(":")
    said, codes, looked, session, after = artist.said(
        SESSION, "SAID", str(blend), str(tmp_path / "frames"), host, port
    )
    assert said == [["FINISHED"], ["FINISHED"]]
    assert codes[:5] == [0, 0, 0, 0, 0]
    first = farm.log(kind="request")[requests]
    assert datetime.fromisoformat(first["at"]).timestamp() > looked, "who looks sends nothing"
    assert farm.renders() == renders + 2, "it was a session"
    assert session == []
    assert "socket.connect" in after, "the watch would have seen it"
