"""Running the background Blender, replaced here by small Python programs."""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from renderjuice.packing import command, manifest, tracer
from renderjuice.packing.manifest import Manifest, PackError
from renderjuice.system.cancellation import Cancelled


@pytest.fixture(autouse=True)
def played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "packer", list)


def run(tmp_path: Path, program: str, bake: str = "none", **options: Any) -> Manifest:
    request = {"work": str(tmp_path / "work"), "manifest": str(tmp_path / "manifest.json")}
    request["bake"] = bake
    script = tmp_path / "program.py"
    script.write_text(
        f"import json, os, sys, time\nrequest = json.load(open(sys.argv[1]))\n{program}",
        encoding="utf-8",
    )
    options = {"should_stop": lambda: False, "on_step": lambda step: None} | options
    return tracer.trace(request, [sys.executable, str(script)], **options)


WRITE = (
    "open(request['manifest'], 'w').write("
    + repr(json.dumps({"schema": 1, "blend": "a.blend", "files": [], "missing": [], "checks": []}))
    + ")\n"
)


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level("INFO")
    return caplog


def test_manifest_is_read_and_lines_are_logged(
    tmp_path: Path, logged: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    program = (
        "print('one'); print('two', file=sys.stderr)\n"
        """print('renderjuice:{"step": "finding files"}')\n"""
        """print('renderjuice:{"level": 40, "message": "three"}')\n"""
        """print('renderjuice:[[[ from the artist')\n"""
    )
    monkeypatch.setattr(threading.current_thread(), "name", "0123456789ab")
    found = run(tmp_path, program + WRITE, on_step=steps.append)
    assert found == Manifest("a.blend", ())
    assert steps == ["finding files"]
    said = {(one.levelname, one.message, one.threadName) for one in logged.records}
    assert said == {
        ("INFO", "one", "0123456789ab"),
        ("INFO", "two", "0123456789ab"),
        ("ERROR", "three", "0123456789ab"),
        ("INFO", "renderjuice:[[[ from the artist", "0123456789ab"),
    }


def test_of_a_blender_that_prints_without_end_little_is_logged(
    tmp_path: Path, logged: pytest.LogCaptureFixture
) -> None:
    program = "for n in range(100_000): print('line', n)\nprint('x' * 10_000_000)\nsys.exit(3)"
    with pytest.raises(PackError, match="line 99999"):
        run(tmp_path, program)
    assert len(logged.messages) < 1100
    assert logged.messages[-1] == "The packer's Blender printed 99001 lines more."
    assert sum(map(len, logged.messages)) < 100_000


def test_failure_repeats_the_last_lines(tmp_path: Path) -> None:
    program = "for n in range(100): print('line', n)\nsys.exit(3)"
    with pytest.raises(PackError, match="ended with code 3") as error:
        run(tmp_path, program)
    assert "line 99" in error.value.message
    assert "line 50" not in error.value.message
    assert error.value.hint


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_crash_is_said(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"crashed \(signal 9\)"):
        run(tmp_path, "os.kill(os.getpid(), 9)")


def test_crash_after_the_manifest_does_not_matter(tmp_path: Path) -> None:
    assert run(tmp_path, WRITE + "sys.stdout.flush(); os._exit(11)") == Manifest("a.blend", ())


def test_manifest_of_an_earlier_run_is_not_taken(tmp_path: Path) -> None:
    manifest.write(Manifest("old.blend", ()), tmp_path / "manifest.json")
    with pytest.raises(PackError):
        run(tmp_path, "pass")


def test_blender_that_is_not_there(tmp_path: Path) -> None:
    request = {"work": str(tmp_path), "manifest": str(tmp_path / "m.json")}
    with pytest.raises(PackError, match="could not be started") as error:
        tracer.trace(request, ["/no/blender"], should_stop=lambda: False, on_step=print)
    assert "/no/blender" in error.value.hint


def test_the_key_is_not_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RENDERJUICE_API_KEY", "secret")
    run(tmp_path, "print(sorted(os.environ))\n" + WRITE)
    assert "PATH" in logged.messages[0]
    assert "RENDERJUICE_API_KEY" not in logged.messages[0]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX process groups")
@pytest.mark.parametrize("stubborn", [False, True])
def test_stop_ends_the_process_and_its_children(
    stubborn: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(tracer, "SECONDS_TO_QUIT", 0.5)
    ignore = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if stubborn else ""
    program = ignore + (
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '100'])\n"
        "print(os.getpid(), child.pid, flush=True)\n"
        "time.sleep(100)\n"
    )
    with pytest.raises(Cancelled):
        run(tmp_path, program, should_stop=lambda: bool(logged.messages))
    deadline = time.monotonic() + 60
    for pid in map(int, logged.messages[0].split()):
        while alive(pid):
            assert time.monotonic() < deadline, f"{pid} still runs"
            time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether the process is running; a zombie is not."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            != "Z"
        )
    except FileNotFoundError:
        return False


@pytest.mark.posix("select takes no pipe on Windows")
def test_standard_input_stays_open_until_the_end(tmp_path: Path) -> None:
    program = "import select\nassert not select.select([0], [], [], 0.2)[0]\n" + WRITE
    assert run(tmp_path, program) == Manifest("a.blend", ())
    assert (tmp_path / "work/request.json").exists()
