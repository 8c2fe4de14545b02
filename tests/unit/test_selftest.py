"""The self-test passes on a working system, and each of its checks fails if its part is broken.

A script that lists the files of the package replaces the background Blender.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from renderjuice.api.client import Client
from renderjuice.api.errors import ApiError
from renderjuice.jobs import key
from renderjuice.selftest import checks, lines, picture, report, trial
from renderjuice.selftest.farm import Answer, Farm
from renderjuice.selftest.lines import End, Line, Setup
from renderjuice.session.worker_process import Link
from renderjuice.system import locks, sharing
from renderjuice.system.sharing import InUse

from tests.headless import ROOT
from tests.processes import processes

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the Blender is played by a script of Unix"),
]

BLENDER = f"""#!{sys.executable}
import json, runpy, sys
from pathlib import Path
script = Path(sys.argv[sys.argv.index("--python") + 1]).name
request = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
if script == "make_scene.py":
    for name in ("blend", "copy"):
        Path(request[name]).write_bytes(b"BLENDER-v405" + bytes(1000))
    config = {{"colorManagementPreset": "default", "frameRanges": ["1"]}}
    result = {{"scene": "Scene", "config": config, "applied": {{}}, "frames": [1],
               "output_names": [["", "", "selftest_", ""]]}}
    Path(request["result"]).write_text(json.dumps(result), encoding="utf-8")
else:
    runpy.run_path({str(ROOT / "bootstrap.py")!r})["provide"]()
    from renderjuice.packing import manifest
    sources = [request["blend"], *Path(request["original"]).parent.glob("textures/*.png")]
    names = ["selftest.blend", "textures/texture.png"]
    files = [manifest.file_on_disk(str(s), n, "image") for s, n in zip(sources, names)]
    manifest.write(manifest.Manifest("selftest.blend", tuple(files)), Path(request["manifest"]))
"""


def a_program(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Shorten the time after which the self-test gives up on a waiting job."""
    monkeypatch.setattr(trial.Limits, "waiting", 1.0)


@pytest.fixture
def setup(tmp_path) -> Setup:
    """The self-test's input on a computer where everything works."""
    (tmp_path / "temporary").mkdir()
    return Setup(
        python=[sys.executable, "-I"],
        blender=[a_program(tmp_path / "blender", BLENDER)],
        site_packages="",
        folders=[str(tmp_path / "temporary")],
        report=str(tmp_path / "report.json"),
        versions={"blender": "4.5.15", "renderjuice": "0.1.0"},
    )


def but(setup: Setup, **changes) -> Setup:
    return Setup(**{**vars(setup), **changes})


def ids(made: list[Line], held: bool | None) -> list[str]:
    return [line.id for line in made if line.held is held]


def after(check: str) -> list[str]:
    """The ids of the checks that depend on this one, directly or indirectly."""
    left: list[str] = [check]
    for one in checks.CHECKS:
        if set(one.needs) & set(left):
            left.append(one.id)
    return left[1:]


def test_all_holds_and_nothing_is_left(setup, tmp_path):
    came: list[Line] = []
    made, log = checks.run(setup, came.append)
    assert [line for line in made if not line.held] == []
    assert len(made) == 10
    assert came == made
    assert log == [], "the log is for what did not hold"
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_first_folder_that_can_be_written_to_is_used(setup, tmp_path):
    (tmp_path / "file").touch()
    places = [str(tmp_path / "file"), str(tmp_path / "nowhere"), *setup.folders]
    stopped = iter([False, True]).__next__
    one = trial.Trial(but(setup, folders=places), stopped)
    one.make_folder()
    assert one.folder.parent == tmp_path / "temporary"
    one.close()
    assert list((tmp_path / "temporary").iterdir()) == []


# -- broken parts ------------------------------------------------------------------------------


def no_folder(setup, monkeypatch, tmp_path):
    return but(setup, folders=[str(tmp_path / "blender")])


def a_file_that_stays_open(setup, monkeypatch, tmp_path):
    def replace(source, target):
        raise InUse(target)

    monkeypatch.setattr(sharing, "replace", replace)


def locks_that_do_not_hold(setup, monkeypatch, tmp_path):
    class Free:
        def release(self):
            pass

    monkeypatch.setattr(locks.Lock, "take", lambda _: Free())


def a_key_that_others_can_read(setup, monkeypatch, tmp_path):
    write = key.write

    def for_all(state, text):
        write(state, text)
        (state / "key").chmod(0o644)

    monkeypatch.setattr(key, "write", for_all)


def a_key_that_is_another(setup, monkeypatch, tmp_path):
    monkeypatch.setattr(key, "read", lambda _: "RJ-ANOTHER")


def no_python(setup, monkeypatch, tmp_path):
    return but(setup, python=[str(tmp_path / "no-python")])


def a_python_that_ends(setup, monkeypatch, tmp_path):
    return but(setup, python=[shutil.which("false")])


def packages_that_do_not_fit(setup, monkeypatch, tmp_path):
    package = tmp_path / "packages" / "pydantic"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError(name='pydantic')\n", encoding="utf-8")
    return but(setup, site_packages=str(tmp_path / "packages"))


def certificates_that_are_not_there(setup, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "no-certificates"))


def a_farm_that_takes_any_key(setup, monkeypatch, tmp_path):
    answer = Farm.answer

    def any_key(self, request):
        request.headers["authorization"] = f"Bearer {self.key}"
        return answer(self, request)

    monkeypatch.setattr(Farm, "answer", any_key)


def a_blender_that_ends(setup, monkeypatch, tmp_path):
    return but(setup, blender=[a_program(tmp_path / "broken", "#!/bin/sh\necho no GPU\nexit 7\n")])


def no_blender(setup, monkeypatch, tmp_path):
    return but(setup, blender=[str(tmp_path / "no-blender")])


def a_packer_without_textures(setup, monkeypatch, tmp_path):
    script = BLENDER.replace('*Path(request["original"]).parent.glob("textures/*.png")', "")
    return but(setup, blender=[a_program(tmp_path / "packer", script)])


def a_packer_that_ends(setup, monkeypatch, tmp_path):
    script = BLENDER.replace(
        "from renderjuice.packing", "sys.exit(9)\n    from renderjuice.packing"
    )
    return but(setup, blender=[a_program(tmp_path / "packer", script)])


def storage(monkeypatch, method, change):
    """Make the farm's storage change its responses to this HTTP method."""
    plain = Farm._storage

    def changed(self, request):
        answer = plain(self, request)
        return change(self, answer) if request.method == method else answer

    monkeypatch.setattr(Farm, "_storage", changed)


def a_storage_that_keeps_half(setup, monkeypatch, tmp_path):
    def half(farm, answer):
        farm.package = farm.package[: len(farm.package) // 2]
        return answer

    storage(monkeypatch, "PUT", half)


def a_storage_that_changes_a_byte(setup, monkeypatch, tmp_path):
    def changed(farm, answer):
        at = farm.package.index(b"BLENDER")
        farm.package = farm.package[:at] + b"b" + farm.package[at + 1 :]
        return answer

    storage(monkeypatch, "PUT", changed)


def a_storage_that_refuses(setup, monkeypatch, tmp_path):
    storage(monkeypatch, "PUT", lambda farm, answer: Answer(403))


def a_farm_that_refuses_the_render(setup, monkeypatch, tmp_path):
    refuse = lambda self, job, config: Answer(402, {"message": "No minutes left"})  # noqa: E731
    monkeypatch.setattr(Farm, "_render", refuse)


def a_farm_that_starts_two(setup, monkeypatch, tmp_path):
    render = Farm._render

    def twice(self, job, config):
        self.renders += 1
        return render(self, job, config)

    monkeypatch.setattr(Farm, "_render", twice)


def a_kill_that_damages_the_record(setup, monkeypatch, tmp_path):
    kill = Link.kill

    def damaging(self):
        kill(self)
        for record in (tmp_path / "temporary").glob("*/state/jobs/*.json"):
            record.write_text("{", encoding="utf-8")

    monkeypatch.setattr(Link, "kill", damaging)


def a_storage_that_cuts_the_frame(setup, monkeypatch, tmp_path):
    def cut(farm, answer):
        body = answer.body[:-10]
        length = {"Content-Length": str(len(answer.body)), "Connection": "close"}
        return Answer(200, body, {**answer.headers, **length})

    storage(monkeypatch, "GET", cut)


def a_storage_with_another_frame(setup, monkeypatch, tmp_path):
    storage(monkeypatch, "GET", lambda farm, answer: Answer(200, picture.png(33)))


def a_folder_that_stays(setup, monkeypatch, tmp_path):
    def rmtree(path):
        raise OSError(39, "Directory not empty", str(path))

    monkeypatch.setattr(shutil, "rmtree", rmtree)


BROKEN = [
    (no_folder, "files", "Not a directory: "),
    (a_file_that_stays_open, "files", "another program has it open"),
    (locks_that_do_not_hold, "files", "Two programs could lock one file."),
    (a_key_that_others_can_read, "key", "Others can read the file with the key (mode 0644)."),
    (a_key_that_is_another, "key", "is not the key that was written"),
    (no_python, "worker", "No such file or directory: "),
    (a_python_that_ends, "worker", "ended unexpectedly"),
    (packages_that_do_not_fit, "worker", "pydantic is missing or does not fit"),
    (certificates_that_are_not_there, "worker", "REQUESTS_CA_BUNDLE names it"),
    (a_farm_that_takes_any_key, "worker", "A wrong key was taken."),
    (a_blender_that_ends, "scene", "with code 7: no GPU"),
    (no_blender, "scene", "No such file or directory: "),
    (a_packer_without_textures, "package", "does not hold the scene and its texture"),
    (a_packer_that_ends, "package", "ended with code 9"),
    (a_storage_that_keeps_half, "upload", "another length"),
    (a_storage_that_changes_a_byte, "upload", "other bytes"),
    (a_storage_that_refuses, "upload", "HTTP 403"),
    (a_farm_that_refuses_the_render, "render", "No minutes left"),
    (a_farm_that_starts_two, "render", "than one render"),
    (a_kill_that_damages_the_record, "resume", "DamagedRecord: "),
    (a_storage_that_cuts_the_frame, "frame", ""),
    (a_storage_with_another_frame, "frame", "is not the one frame"),
    (a_folder_that_stays, "tidy", "could not be removed"),
]


def test_each_line_is_broken_once():
    assert {check for _, check, _ in BROKEN} == {check.id for check in checks.CHECKS}


@pytest.mark.parametrize(
    ("how", "check", "words"), BROKEN, ids=[how.__name__ for how, _, _ in BROKEN]
)
def test_what_is_broken_is_said(setup, monkeypatch, tmp_path, how, check, words):
    """Only the check of the broken part fails; checks that depend on it are skipped, all others
    pass."""
    setup = how(setup, monkeypatch, tmp_path) or setup
    made, _ = checks.run(setup, lambda _: None)
    assert ids(made, held=False) == [check]
    assert ids(made, held=None) == after(check)
    (line,) = (line for line in made if line.id == check)
    assert words in f"{line.found} {line.hint}"
    assert line.found
    assert not lines.all_held(made)
    if check != "tidy":
        assert list((tmp_path / "temporary").iterdir()) == []


# -- the report, and the process -----------------------------------------------------------------


def test_the_report_tells_versions_and_neither_names_nor_keys(setup, monkeypatch, tmp_path):
    home = tmp_path / "home" / "ada"
    monkeypatch.setenv("HOME", str(home))
    secret = f"{home}/x of ada on {platform.node()} {trial.KEY}"
    lost = Line("key", "The key", False, f"In {setup.folders[0]}/a: {secret}", "", 0.1)
    place = report.write(setup, [lost], [f"Authorization: Bearer {trial.KEY}", secret])
    text = place.read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["versions"]["blender"] == "4.5.15"
    assert document["versions"]["python"] == platform.python_version()
    assert document["packages"]["requests"]
    assert document["platform"][0] == sys.platform
    assert document["held"] is False
    assert document["checks"][0]["found"].startswith("In <folder>/a: <home>/x")
    assert str(tmp_path) not in text
    assert f"on {platform.node()}" not in text
    assert f"Bearer {trial.KEY}" not in text


def start(setup: Setup) -> "subprocess.Popen[bytes]":
    main = ROOT / "selftest" / "main.py"
    return subprocess.Popen(
        [*setup.python, str(main)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "RENDERJUICE_API_KEY": "RJ-OF-THE-USER-000"},
    )


def test_the_process_says_each_line_as_it_comes(setup):
    with start(setup) as process:
        process.stdin.write(lines.encode(setup))
        process.stdin.flush()
        said = [lines.decode(line) for line in process.stdout]
    assert [type(one) for one in said] == [*[Line] * 10, End]
    assert lines.all_held(said[:-1]), said
    assert said[-1] == End(setup.report)
    assert json.loads(Path(setup.report).read_text(encoding="utf-8"))["held"] is True


def test_a_report_that_cannot_be_written_is_said(setup, tmp_path):
    setup = but(setup, report=str(tmp_path / "blender" / "report.json"), folders=["/dev/null"])
    with start(setup) as process:
        process.stdin.write(lines.encode(setup))
        process.stdin.flush()
        *_, end = [lines.decode(line) for line in process.stdout]
    assert end.report == ""
    assert "Not a directory" in end.problem


def test_it_ends_with_blender_and_leaves_nothing(setup, tmp_path):
    """Blender ends during the longest step: the background Blender never finishes."""
    blender = a_program(tmp_path / "slow", "#!/bin/sh\nexec sleep 1000\n")
    with start(but(setup, blender=[blender])) as process:
        process.stdin.write(lines.encode(but(setup, blender=[blender])))
        process.stdin.flush()
        for line in process.stdout:
            if lines.decode(line).id == "worker":
                break
        process.stdin.close()
        assert process.wait(60) == 0
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not Path(setup.report).exists()
    end = time.monotonic() + 30
    while left := running(tmp_path):
        assert time.monotonic() < end, left
        time.sleep(0.05)


def running(folder: Path) -> list[str]:
    """The ids of processes with the test's temporary folder in environment or command line."""
    ours = str(folder / "temporary")
    return [
        str(process.pid)
        for process in processes()
        if any(ours in text for text in (*process.arguments, *process.environment))
    ]


# -- the simulated farm ----------------------------------------------------------------------------


@pytest.fixture
def farm():
    farm = Farm(trial.KEY, picture.png())
    yield farm
    farm.close()


def test_the_stand_in_refuses_what_the_api_does(farm):
    client = Client(farm.api_url, trial.KEY)
    for refused in (
        lambda: client.create_upload("shot.zip", "blend"),
        lambda: client.create_job("no-slug"),
        lambda: Client(farm.api_url, "RJ-WRONG").jobs(),
        lambda: client.get_job("00000000-0000-0000-0000-000000000000"),
    ):
        with pytest.raises(ApiError):
            refused()
    assert len(farm.complaints) == 3
    target = client.create_upload("shot.zip", "zip")
    with pytest.raises(ApiError):
        client.create_job(target.slug)
    assert farm.renders == 0
