"""The self-test of the installed extension in this Blender, without an API key, farm or network."""

import json
from pathlib import Path

import pytest

from tests.headless import Headless

pytest.importorskip("bpy", reason="bpy is not installed for this Python")
KEY = "RJ-OF-THE-USER-0123456789"


@pytest.fixture
def artist(installed, tmp_path) -> Headless:
    """A user of the installed zip with a key and a job; traffic goes to an unreachable proxy."""
    state = tmp_path / "state of the user"
    (state / "jobs").mkdir(parents=True)
    (state / "key").write_text(KEY, encoding="utf-8")
    (state / "jobs" / "0123456789ab.json").write_text('{"schema": 1}', encoding="utf-8")
    (tmp_path / "temporary").mkdir()
    nowhere = "http://127.0.0.1:9"
    environment = {
        "RENDERJUICE_STATE_DIR": str(state),
        "RENDERJUICE_API_KEY": KEY,
        "RENDERJUICE_API_URL": f"{nowhere}/api",
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path / "temporary")),
    }
    script = installed.resources / "extensions" / "user_default" / "renderjuice" / "headless.py"
    return Headless(installed.resources, environment=environment, script=script)


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def left_in(folder: Path) -> list[Path]:
    """The files in `folder`, except those that the bpy module leaves when headless.py exits."""
    return [path for path in folder.iterdir() if not path.name.startswith("blender_")]


def test_all_holds_offline_and_nothing_of_the_user_is_touched(artist, tmp_path):
    state = tmp_path / "state of the user"
    before = everything(state)
    target = tmp_path / "report.json"
    done = artist.run(None, "selftest", "--report", str(target), before=("--offline-mode",))
    assert done.code == 0, done.stderr
    found = done.document["selftest"]
    assert found["held"] is True
    assert [line["held"] for line in found["lines"]] == [True] * 10
    assert found["report"] == str(target)
    assert str(target) in done.stderr
    assert done.stderr.count("held ") == 10
    assert everything(state) == before
    assert left_in(tmp_path / "temporary") == []
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"state of the user", "temporary", "report.json"}
    text = target.read_text(encoding="utf-8")
    assert json.loads(text)["versions"]["blender"]
    assert not [one for one in (KEY, str(tmp_path), str(Path.home())) if one in text]


def test_what_does_not_hold_is_said_with_a_way_on(artist, tmp_path):
    artist.environment["REQUESTS_CA_BUNDLE"] = str(tmp_path / "no-certificates")
    done = artist.run(None, "selftest")
    assert done.code == 3, done.stderr
    assert done.document["error"]["id"] == "selftest-failed"
    assert "NOT HELD  The background process starts and has a key tested: " in done.stderr
    assert "remove the environment variable REQUESTS_CA_BUNDLE" in done.stderr
    held = [line["held"] for line in done.document["selftest"]["lines"]]
    assert held == [True, True, False, *[None] * 6, True]
    (written,) = left_in(tmp_path / "temporary")
    assert done.document["selftest"]["report"] == str(written)
    assert json.loads(written.read_text(encoding="utf-8"))["held"] is False


STOPPED = """
import json, os, signal, time
launch = ours("selftest.launch")
test = launch.SelfTest()
while not test.lines:
    test.receive()
process = test._process
os.kill(process.pid, signal.SIGSTOP)
begun = time.monotonic()
test.close()
took = time.monotonic() - begun
os.kill(process.pid, signal.SIGCONT)
print("SAID", json.dumps([took, test.end.problem, process.wait(60)]))
"""


@pytest.mark.posix("no process is stopped by a signal on Windows")
def test_blender_does_not_stand_still_for_a_self_test_that_is_stopped(artist, tmp_path):
    took, problem, code = artist.said(STOPPED, "SAID")
    assert took < 10  # of the 20 seconds that a command waits
    assert (problem, code) == ("It was stopped.", 0)
    assert left_in(tmp_path / "temporary") == []
