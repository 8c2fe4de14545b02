"""Every process that the extension starts has no console window and no key in its environment."""

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest
from renderjuice.system import processes

import build

STARTERS = {
    **dict.fromkeys(("Popen", "run", "call", "check_call", "check_output"), "subprocess"),
    **dict.fromkeys(("system", "popen", "startfile", "execv", "posix_spawn", "spawnv"), "os"),
}


def starts() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the extension's source that starts a process, with its file."""
    for path in build.sources():
        if path.suffix == ".py":
            tree = ast.parse((build.ROOT / path).read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    module = getattr(node.func.value, "id", "")
                    if STARTERS.get(node.func.attr) == module:
                        yield path.as_posix(), node


def test_every_process_has_no_console_and_a_group_of_its_own():
    found = list(starts())
    assert {name for name, _ in found} == {
        "operators/frames.py",
        "packing/tracer.py",
        "selftest/launch.py",
        "selftest/trial.py",
        "session/worker_process.py",
        "system/notification.py",
        "worker/on_end.py",
    }
    for name, call in found:
        assert call.func.attr == "Popen", name
        arguments = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        outlives = name == "worker/on_end.py"  # a command of the artist's, in either group
        assert arguments[None] == ("group" if outlives else "own_group()"), name
        assert arguments["env"].startswith("environment("), name
        assert "stdin" in arguments, "a console's input would be inherited"


def test_processes_are_started_in_no_other_way():
    for path in build.sources():
        if path.suffix == ".py":
            text = (build.ROOT / path).read_text(encoding="utf-8")
            assert "from subprocess import" not in text, path
            assert "multiprocessing" not in text, path


def test_a_console_window_is_asked_for_by_nobody():
    no_window, new_group = 0x08000000, 0x00000200  # flags of CreateProcess in Windows' reference
    assert processes.own_group("win32") == {"creationflags": no_window | new_group}
    breakaway = 0x01000000  # CREATE_BREAKAWAY_FROM_JOB
    assert processes.outliving("win32") == {"creationflags": no_window | new_group | breakaway}
    assert (
        processes.own_group("linux") == processes.own_group("darwin") == {"start_new_session": True}
    )


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows has these names")
def test_the_flags_are_those_of_windows():
    assert processes.CREATE_NO_WINDOW == subprocess.CREATE_NO_WINDOW
    assert processes.CREATE_NEW_PROCESS_GROUP == subprocess.CREATE_NEW_PROCESS_GROUP


def test_the_key_stays_out_of_their_environment(monkeypatch):
    monkeypatch.setenv(processes.KEY_VARIABLE, "secret")
    assert "secret" not in processes.environment(TMP="/tmp").values()
    assert processes.environment(TMP="/tmp")["TMP"] == "/tmp"


def test_the_worker_and_the_packer_ask_for_no_window():
    """On macOS, a window would also add a second icon to the Dock."""
    from renderjuice.packing import command

    packer = command.packer(["/Applications/Blender.app/Contents/MacOS/Blender"])
    assert packer[1] == "--background"
    (worker,) = [call for name, call in starts() if name == "session/worker_process.py"]
    assert ast.unparse(worker.args[0]) == "[*python, str(WORKER)]"
