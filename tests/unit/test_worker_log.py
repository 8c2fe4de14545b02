"""The worker's log: limited in size while it runs, shared by workers, and without secrets."""

import logging
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from renderjuice.jobs import protocol
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.system import redaction
from renderjuice.worker import log

from tests.conftest import ROOT
from tests.farm.running import running_farm
from tests.worker import Worker, ready_job, working

TIME_SCALE = 0.03
MOST = 100_000
KEY = "RJ-4f1c9a77d2e84b0ab3c5"
SIGNED = "https://storage.example/bucket/0001.png?X-Expires=17&X-Signature=9f8e7d6c5b4a3f2e1d0c"
LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ \d+ \[(?P<thread>[^]]+)\] [\w.]+: .*"
)
START = (
    "import logging, os, runpy, sys, threading, time, warnings\n"
    "from pathlib import Path\n"
    f"runpy.run_path({str(ROOT / 'bootstrap.py')!r})['provide']()\n"
    "from renderjuice.worker import log\n"
    "end = log.start(Path(sys.argv[1]), int(sys.argv[2]))\n"
)


def started(
    folder: Path, program: str, most_bytes: int = log.MAX_BYTES
) -> "subprocess.Popen[bytes]":
    """Start a process that logs into `folder`."""
    return subprocess.Popen(
        [sys.executable, "-I", "-c", START + program, str(folder), str(most_bytes)]
    )


def logged(folder: Path) -> str:
    files = sorted(folder.glob("worker*.log"), reverse=True)
    return "".join(file.read_text(encoding="utf-8") for file in files)


@pytest.fixture(scope="module")
def farm():
    with running_farm(renderer="pattern") as running:
        yield running


# ---- its size limit -----------------------------------------------------------------------------


def test_two_workers_share_a_log_that_stays_in_its_bound_while_they_run(tmp_path):
    program = (
        "folder = Path(sys.argv[1])\n"
        "(folder.with_name(f'ready-{os.getpid()}')).touch()\n"
        "while not (folder.with_name('go')).exists(): time.sleep(0.001)\n"
        "for n in range(1000): logging.info('%d %s', n, 'x' * 200)\nend()"
    )
    folder = tmp_path / "state"
    folder.mkdir()
    both = [started(folder, program, MOST) for _ in range(2)]
    while len(list(tmp_path.glob("ready-*"))) < len(both):
        assert all(process.poll() is None for process in both)
        time.sleep(0.01)
    (tmp_path / "go").touch()
    largest = 0
    while any(process.poll() is None for process in both):
        largest = max([largest, *(path.stat().st_size for path in folder.glob("worker.log"))])
        time.sleep(0.01)
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(path.name for path in folder.iterdir()) == ["worker.log", "worker.old.log"]
    largest = max([largest, *(path.stat().st_size for path in folder.iterdir())])
    assert MOST // 2 < largest < MOST + 1000
    text = logged(folder)
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    numbers = {process.pid: [] for process in both}
    for pid, number in re.findall(r"INFO (\d+) \[MainThread\] root: (\d+) x{200}\n", text):
        numbers[int(pid)].append(int(number))
    kept = [found for found in numbers.values() if found]
    assert sum(map(len, kept)) > MOST // 2 // 300
    for found in kept:  # a process that ended long before the other may have no lines left
        assert found == list(range(found[0], 1000)), "no line is lost between the two files"


def test_what_libraries_print_is_bounded_too(tmp_path):
    program = (
        "for n in range(50): os.write(2, b'y' * 1_000_000)\n"
        "os.write(1, b'\\n' + b'printed by C, an umlaut: \\xc3\\xa4, no text: \\xff\\n')\n"
        "warnings.warn('old habits')\n"
        "def fail(): raise RuntimeError('in a thread')\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "print('last words')\n"
        "sys.stdout.flush(); end()\n"
    )
    assert started(tmp_path, program).wait(60) == 0
    text = logged(tmp_path)
    assert len(text) < 50_000
    for words in ("an umlaut: ä, no text: ", "UserWarning: old habits", "last words"):
        assert words in text
    assert "Traceback" in text
    assert "RuntimeError: in a thread" in text


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / log.NAME).mkdir()
    assert started(tmp_path, "logging.error('x'); print('y'); end(); sys.exit(7)").wait(60) == 7


def test_a_log_whose_lock_another_keeps_is_written_and_bounded(tmp_path, monkeypatch):
    """Another worker hangs while it holds the lock, or the file system has no locks."""
    monkeypatch.setattr(log.locks, "_lock", lambda file: (_ for _ in ()).throw(OSError(37, "no")))
    handler = log.SharedFile(tmp_path, max_bytes=1000)
    for number in range(200):
        handler.emit(logging.makeLogRecord({"msg": f"{number} {'x' * 20}"}))
    assert 1000 < (tmp_path / log.NAME).stat().st_size < 2100
    assert "\n9 xxx" in logged(tmp_path)


# ---- its content --------------------------------------------------------------------------------


def test_each_line_says_when_how_grave_and_for_which_job(tmp_path, farm):
    first, second = ready_job(tmp_path), ready_job(tmp_path, stage=Stage.PACKING, scratch="\0")
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.send(protocol.Start(first.id))
        worker.idle(worker.send(protocol.Start(second.id)))
    lines = logged(tmp_path).splitlines()
    by_thread = {found["thread"] for line in lines if (found := LINE.fullmatch(line))}
    assert {first.id, second.id} <= by_thread
    mine = [line for line in lines if f"[{first.id}]" in line]
    assert "worker.job: creating" in mine[0]
    assert "worker.job: finished" in mine[-1]
    (error,) = [line for line in lines if " ERROR " in line]
    assert f"[{second.id}]" in error


# ---- secrets ------------------------------------------------------------------------------------


def record(message, *arguments, **more):
    made = logging.LogRecord("name", logging.ERROR, "path", 1, message, arguments, None)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def raised(error: Exception):
    try:
        raise error
    except Exception:
        return sys.exc_info()


@pytest.mark.parametrize(
    "made",
    [
        lambda: record(f"got {SIGNED} with {KEY}"),
        lambda: record("got %s with %r", SIGNED, {"Authorization": f"Bearer {KEY}"}),
        lambda: record("got %d", SIGNED, KEY),
        lambda: record("it failed", exc_info=raised(RuntimeError(f"{KEY} {SIGNED}"))),
        lambda: record("it failed", exc_text=f"Traceback\n{KEY}\n{SIGNED}"),
        lambda: record("here", stack_info=f"Stack\n  get('{SIGNED}', '{KEY}')"),
        lambda: record("x" * (log.MAX_BYTES_A_LINE - 60) + SIGNED + KEY),
    ],
)
def test_no_part_of_a_record_keeps_the_key_or_a_signature(made, monkeypatch):
    monkeypatch.setattr(redaction, "_known", redaction._Secrets())
    redaction.add_secret(KEY)
    one = made()
    assert log.Redaction().filter(one)
    said = logging.Formatter().format(one)
    assert said
    assert parts_in(said.encode(), [KEY, SIGNED.rpartition("=")[2]]) == []


def parts_in(data: bytes, secrets: list[str]) -> list[str]:
    parts = {secret[at : at + 8] for secret in secrets for at in range(len(secret) - 7)}
    return [part for part in parts if part.encode() in data]


TALKATIVE = """
import logging, os, runpy, sys, threading, warnings
runpy.run_path({bootstrap!r})["provide"]()
from urllib3 import HTTPConnectionPool
plain = HTTPConnectionPool.urlopen
calls = 0

def urlopen(self, method, url, *arguments, **options):
    global calls
    calls += 1
    headers = dict(options["headers"])
    said = f"{{method}} http://{{self.host}}{{url}} {{headers}}"
    with open({urls!r}, "a", encoding="utf-8") as file:
        file.write(said + "\\n")
    os.write(2, said.encode() + b"\\n")
    print(said, file=sys.stderr, flush=True)
    logging.getLogger("urllib3").warning("%s %s", self.host + url, headers)
    warnings.warn(said)
    if calls % 4 == 0:
        def fail():
            raise RuntimeError(said)
        threading.Thread(target=fail).start()
    if method == "GET" and calls % 5 == 0:
        raise RuntimeError(said)
    return plain(self, method, url, *arguments, **options)

HTTPConnectionPool.urlopen = urlopen
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_a_run_with_failures_leaves_neither_key_nor_signature_in_any_file(tmp_path, farm):
    """The worker's HTTP library is patched to print, log and raise all that it knows."""
    state, urls = tmp_path / "state", tmp_path / "urls"
    said = {"message": f"no such thing as Bearer {farm.key}, see {SIGNED}"}
    farm.fault("POST", ".*/uploads$", status=500, body=said)
    farm.fault("PUT", server="storage", status=403, body=f"<Message>{SIGNED}</Message>")
    farm.fault("GET", ".*/downloads$", status=502, body=said)
    farm.fault("GET", server="storage", status=403, body=f"<Message>{SIGNED}</Message>", times=2)
    job = ready_job(state, frames=6)
    broken = ready_job(state, stage=Stage.PACKING, scratch="\0")
    program = TALKATIVE.format(bootstrap=str(ROOT / "bootstrap.py"), urls=str(urls))
    python = (sys.executable, "-I", "-c", program)
    worker = Worker(state, farm.api_url, farm.key, TIME_SCALE, python=python)
    try:
        worker.send(protocol.TestKey(f"{farm.key}\n"))
        worker.send(protocol.Start(broken.id))
        worker.idle(worker.send(protocol.Start(job.id)), seconds=60)
    finally:
        worker.link.close()
    ended = Store(state).load(job.id)
    assert ended.stage == Stage.FINISHED
    called = urls.read_text(encoding="utf-8")
    signatures = re.findall(r"X-Signature=(\w+)", called)
    assert len(signatures) > 6
    text = logged(state)
    assert called.count(farm.key) > 6
    for one in ("RuntimeError", "Traceback", " printed: ", "UserWarning", "urllib3"):
        assert one in text, "the log tells what happened"
    secrets = [farm.key, SIGNED.rpartition("=")[2], *signatures]
    for path in state.rglob("*"):
        if path.is_file() and path.suffix != ".png":
            assert parts_in(path.read_bytes(), secrets) == [], path
