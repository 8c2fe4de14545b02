"""The artist's own command at the end of a job."""

import json
import shlex
import sys
import time
from pathlib import Path

import pytest
from renderjuice.jobs import protocol
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.worker import on_end
from renderjuice.worker.context import Context
from renderjuice.worker.job import RunningJob

from tests.worker import Worker, ready_job, working

SCRIPT = """
import json, os, sys
with open(sys.argv[-1], encoding="utf-8") as file:
    document = file.read()
given = {"document": document, "input": sys.stdin.read(), "arguments": sys.argv[1:],
         "key": os.environ.get("RENDERJUICE_API_KEY")}
path = sys.argv[1] + "." + str(os.getpid())
with open(path + ".part", "w", encoding="utf-8") as file:
    json.dump(given, file)
os.rename(path + ".part", path + ".json")
sys.stdout.write("x" * 1_000_000)  # more than a pipe holds
"""


@pytest.fixture
def command(tmp_path):
    """A command that writes what it was given to the folder `calls`."""
    script = tmp_path / "at the end.py"
    script.write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "calls").mkdir()
    return typed(sys.executable, str(script), str(tmp_path / "calls" / "call"))


def typed(*arguments: str) -> str:
    """A command as an artist types it."""
    if sys.platform == "win32":
        return " ".join(f'"{argument}"' for argument in arguments)
    return shlex.join(arguments)


def calls(folder, number: int) -> list[dict]:
    """What the command was given, once it has been called `number` times."""
    end = time.monotonic() + 60
    while len(found := sorted((folder / "calls").glob("*.json"))) < number:
        assert time.monotonic() < end, "it was not started"
        time.sleep(0.05)
    return [json.loads(path.read_text(encoding="utf-8")) for path in found]


def run(state, farm, command: str, send, time_scale: float = 1.0) -> None:
    with working(state, farm, time_scale=time_scale) as worker:
        worker.send(protocol.UseOnEnd(command))
        worker.idle(worker.send(send))


def test_it_gets_the_jobs_document_once_the_frames_are_here(tmp_path, farm, command):
    record = ready_job(tmp_path, title="Käse; $(touch x) `y` 'z'")
    run(tmp_path, farm, command, protocol.Start(record.id))
    (call,) = calls(tmp_path, 1)
    assert call["document"] == call["input"]
    document = json.loads(call["document"])
    assert document["schema"] == 1
    assert document["job"]["id"] == record.id
    assert document["job"]["title"] == record.title
    assert document["job"]["stage"] == "finished"
    assert len(document["job"]["frames"]["downloaded"]) == 3
    assert call["key"] is None
    path = Path(call["arguments"][-1])
    assert path == Store(tmp_path).document(record.id), "nothing else of the job is an argument"
    assert len(call["arguments"]) == 2

    run(tmp_path, farm, command, protocol.Download(record.id))  # it has ended already
    run(tmp_path, farm, command, protocol.Resume())
    assert len(calls(tmp_path, 1)) == 1
    run(tmp_path, farm, command, protocol.Remove(record.id))
    assert not path.exists()


@pytest.mark.parametrize(
    ("history", "before", "anew"),
    [
        (["rendering", "finished"], 1, True),
        (["rendering", "finished"], 2, False),
        (["rendering", "finished", "downloading", "finished"], 2, False),
        (["rendering", "finished", "downloading", "finished"], 3, False),  # by another worker
        (["rendering", "incomplete", "downloading", "finished"], 3, True),
        (["rendering", "incomplete", "downloading"], 2, True),
    ],
)
def test_a_job_ends_anew_where_it_ends_otherwise(tmp_path, history, before, anew):
    record = ready_job(tmp_path, history=[[stage, "2026-11-30T00:00:00Z"] for stage in history])
    record.stage = Stage(history[-1])
    assert on_end.ended_anew(record, before) is anew


@pytest.mark.parametrize("end", ["failed", "canceled"])
def test_it_is_started_however_a_job_ends(tmp_path, farm, command, end):
    farm.settings(seconds_per_frame=600.0)
    record = ready_job(tmp_path)
    with working(tmp_path, farm) as worker:
        worker.send(protocol.UseOnEnd(command))
        number = worker.send(protocol.Start(record.id))
        worker.wait(lambda: worker.snapshot(record.id).stage == Stage.RENDERING)
        if end == "failed":
            farm.set_status(worker.snapshot(record.id).farm_id, "failed")
        else:
            number = worker.send(protocol.Cancel(record.id))
        worker.idle(number)
    (call,) = calls(tmp_path, 1)
    assert json.loads(call["document"])["job"]["stage"] == end


def test_it_comes_with_the_workers_settings(tmp_path, farm, command):
    record = ready_job(tmp_path)
    worker = Worker(tmp_path, farm.api_url, farm.key, on_end=command)
    try:
        worker.idle(worker.send(protocol.Start(record.id)))
    finally:
        worker.link.close()
    assert len(calls(tmp_path, 1)) == 1


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/no/such/program", "started"),
        ("say 'done" if sys.platform != "win32" else 'say "done', "quotation"),
        ('""', "no program"),
    ],
)
def test_a_command_that_does_not_start_is_named_in_one_line_and_costs_nothing(
    tmp_path, farm, command, said
):
    record = ready_job(tmp_path)
    run(tmp_path, farm, command, protocol.Start(record.id))
    done = Store(tmp_path).load(record.id)
    assert done.stage == Stage.FINISHED
    assert done.error is None
    (note,) = [note for note in done.notes if "command" in note.lower()]
    assert said in note.lower()
    assert "\n" not in note


def test_a_command_that_fails_is_named(tmp_path):
    record = ready_job(
        tmp_path, stage=Stage.FINISHED, history=[["rendering", ""], ["finished", ""]]
    )
    store = Store(tmp_path)
    job = RunningJob(record, store, lambda _: None)
    command = typed(sys.executable, "-c", "raise SystemExit(7)")
    context = Context("", None, None, None, time_scale=60.0, on_end=command)  # it may start slowly
    on_end.run_command(job, context, store, 1)
    (note,) = store.load(record.id).notes
    assert note == "The command for the end of a job has ended with code 7."


def test_a_command_that_hangs_goes_on_by_itself(tmp_path, farm):
    """Neither the worker waits for it, nor does its end end the command."""
    go = tmp_path / "go"
    script = (
        "import os, sys, time\n"
        f"while not os.path.exists({str(go)!r}): time.sleep(0.05)\n"
        f"open({str(tmp_path / 'gone')!r}, 'w').close()"
    )
    record = ready_job(tmp_path)
    run(tmp_path, farm, typed(sys.executable, "-c", script), protocol.Start(record.id), 0.1)
    assert not any("command" in note for note in Store(tmp_path).load(record.id).notes)
    go.touch()  # the worker has ended
    end = time.monotonic() + 60
    while not (tmp_path / "gone").exists():
        assert time.monotonic() < end, "it has ended with the worker"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("platform", "command", "arguments"),
    [
        ("linux", r"a\ b 'c d' e", ["a b", "c d", "e"]),
        ("win32", r'"C:\My Tools\done.exe" /s C:\x\y', [r"C:\My Tools\done.exe", "/s", r"C:\x\y"]),
        ("win32", r"C:\bob's\done.exe #1", [r"C:\bob's\done.exe", "#1"]),
    ],
)
def test_a_command_is_split_as_its_system_writes_it(platform, command, arguments):
    assert on_end.split(command, platform) == arguments
