"""Results of a check hold as long as the scene does, and missing files are one finding a folder."""

import pytest

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
OFFLINE = """
import json, os, sys
scan, session = ours("session.scan"), ours("session.state")
Check = ours("scene.check").Check
scene, system = bpy.context.scene, bpy.context.preferences.system
scan.refresh(scene)
held = session.state.scans[scene.session_uid]
held.result = ours("jobs.protocol").ScanResult("scan", checks=(Check("lfs-pointer", "error", "x"),))
held.pressed = held.seen

def known():
    found = scan.results(scene)
    if held.changing is not None:
        scan._check_when_idle()
        found = scan.results(scene)
    return [sorted(one.id for one in found.current if one.id in ("offline", "lfs-pointer")),
            found.is_old]

said = []
for online in (True, False, True):
    system.use_online_access = online
    said.append([bpy.app.online_access, *known()])
scene.camera = None
said.append([True, *known()])
print("SAID", json.dumps(said))
sys.stdout.flush()
os._exit(0)  # the module of 4.2 crashes at its end when modules with a property's getter are gone
"""


def test_going_offline_is_no_change_of_the_scene(installed):
    *network, changed = installed.said(OFFLINE, "SAID")
    assert network == [
        [True, ["lfs-pointer"], False],
        [False, ["lfs-pointer", "offline"], False],
        [True, ["lfs-pointer"], False],
    ]
    assert changed == [True, [], True]
