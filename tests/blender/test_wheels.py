"""Extensions share one folder of wheels: these tests add an extension that also ships pydantic."""

import json
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import find_blender
from tests import second_extension
from tests.headless import ENABLE, Headless
from tests.http_stub import KEY, Reply, serve

pytestmark = pytest.mark.our_code_alone

bpy = pytest.importorskip("bpy", reason="bpy is not installed for this Python")
JOBS = {"jobs": [], "pagination": {"page": 1, "totalPages": 1}}
OURS, SECOND = "bl_ext.user_default.renderjuice", "bl_ext.user_default.second"
# The pydantic version in Blender's process, and the worker's answer to a key test.
ASK = f"""
import bpy, importlib, json, os, sys, time
def ask(what):
    worker_process = importlib.import_module("{OURS}.session.worker_process")
    start = worker_process.Link
    # -S: a whole Blender has no pydantic
    worker_process.Link = lambda python, *more: start([*python, "-S"], *more)
    link = importlib.import_module("{OURS}.session.connection").start_worker()
    worker_process.Link = start
    protocol = importlib.import_module("{OURS}.jobs.protocol")
    worker_events = importlib.import_module("{OURS}.jobs.worker_events")
    codec = importlib.import_module("{OURS}.jobs.codec")
    link.send(protocol.TestKey(os.environ["RENDERJUICE_API_KEY"]))
    events, end = [], time.monotonic() + 30
    answers = worker_events.Reply, worker_events.Unusable
    while time.monotonic() < end and not any(isinstance(one, answers) for one in events):
        link.wait(0.1)
        events += link.receive()
    heard = [{{"kind": one.kind, **codec.plain(one)}} for one in events]
    link.close()
    here = getattr(sys.modules.get("pydantic"), "__version__", "")
    print("SAID", json.dumps({{"when": what, "pydantic": here, "heard": heard}}))
"""
INSTALL = """
bpy.context.preferences.system.use_online_access = True
for path in sys.argv[1:]:
    bpy.ops.extensions.package_install_files(
        filepath=path, repo="user_default", enable_on_install=True)
    if any(n.endswith(".renderjuice") for n in bpy.context.preferences.addons.keys()):
        ask("installing")
bpy.ops.wm.save_userpref()
"""
AGAIN = f"""
import addon_utils
addon_utils.enable("{SECOND}", default_set=True)
ask("after a new start")
"""
REMOVE = """
repos = [r.module for r in bpy.context.preferences.extensions.repos]
bpy.ops.extensions.package_uninstall(repo_index=repos.index("user_default"), pkg_id="second")
ask("removed")
"""


@pytest.fixture(scope="session")
def ours(installed) -> Path:
    """The Renderjuice zip for this Blender."""
    (found,) = (installed.resources / "zip").glob("*.zip")
    return found


@pytest.fixture(scope="session")
def second(tmp_path_factory) -> Path:
    """The second extension's zip for this platform."""
    module = find_blender.module()
    wheels = second_extension.pydantic_wheels()
    return second_extension.make(tmp_path_factory.mktemp("second"), wheels, module)[module.platform]


@pytest.fixture(scope="session")
def bare(tmp_path_factory) -> Path:
    """The packages of this Python without pydantic, which a full Blender does not have."""
    folder = tmp_path_factory.mktemp("bare")
    for path in Path(sysconfig.get_path("platlib")).iterdir():
        if not path.name.startswith("pydantic"):
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture
def both(tmp_path, bare):
    """A user, and a farm that accepts every key."""
    with serve(lambda _: Reply(body=JOBS)) as farm:
        user = Headless(tmp_path / "user")
        user.resources.mkdir()
        user.environment = {
            "RENDERJUICE_API_URL": farm.url,
            "RENDERJUICE_API_KEY": KEY,
            "PYTHONPATH": str(bare),
        }
        yield user


def said(user: Headless, script: str, *arguments: str) -> list[dict]:
    done = user.python("-S", "-c", script, *arguments)  # -S: only the packages in `bare`
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("SAID ")]
    return [json.loads(line.removeprefix("SAID ")) for line in lines]


def accepted(answer: dict) -> bool:
    return any(one["kind"] == "reply" and not one["error"] for one in answer["heard"])


def test_split_platforms_leaves_the_wheels_of_all_pythons_in_one_zip(second):
    """Our zips are built differently because Blender 4.2.0 takes the last wheel for any Python."""
    with zipfile.ZipFile(second) as archive:
        names = [name for name in archive.namelist() if "pydantic_core" in name]
    assert len(names) == len(second_extension.PYTHONS)


def test_our_zip_leaves_no_choice_to_a_blender_that_looks_at_the_platform_only(ours):
    with zipfile.ZipFile(ours) as archive:
        wheels = [Path(name).name for name in archive.namelist() if name.endswith(".whl")]
    assert len({name.split("-")[0] for name in wheels}) == len(wheels) == 10
    here = f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert {name.split("-")[2] for name in wheels} == {here, "py3"}


@pytest.mark.parametrize("order", ["ours first", "second first"])
def test_two_versions_of_pydantic(both, ours, second, order):
    """The worker process does not depend on the version that Blender's own process has imported."""
    zips = [str(ours), str(second)]
    if order == "second first":
        zips.reverse()
    answers = said(both, ASK + INSTALL, *zips)
    assert [accepted(answer) for answer in answers] == [True] * (2 if order == "ours first" else 1)
    if order == "second first":
        assert answers[0]["pydantic"] == second_extension.PYDANTIC
    (again,) = said(both, ENABLE + ASK + AGAIN)
    assert accepted(again)
    assert again["pydantic"] > second_extension.PYDANTIC, "the newest is there for both"


def test_a_pydantic_that_does_not_fit_is_one_sentence_that_names_who_brought_it(
    both, ours, tmp_path
):
    module = find_blender.module()
    bad = second_extension.bad_wheel(tmp_path / "bad")
    zips = second_extension.make(tmp_path / "second", [bad], module)
    before, after = said(both, ASK + INSTALL, str(ours), str(zips[module.platform]))
    assert accepted(before)
    ((sentence,),) = [[m["text"] for m in after["heard"] if m["kind"] == "unusable"]]
    assert sentence.startswith("The extension second has brought pydantic 99.0.0, which does not ")
    assert "Switch that extension off" in sentence
    (removed,) = said(both, ENABLE + ASK + REMOVE)
    assert accepted(removed)


DOWNLOAD = """
import pathlib, sys, time
import certifi, requests
from _bpy_internal.http import downloader
url, target = sys.argv[1], pathlib.Path(sys.argv[2])
errors = []
options = downloader.DownloaderOptions(
    metadata_provider=downloader.MetadataProviderFilesystem(target.parent / "meta"), timeout=20)
background = downloader.BackgroundDownloader(options, lambda *a: errors.append(a))
background.start()
background.queue_download(url, target)
end = time.monotonic() + 40
while not background.all_downloads_done and time.monotonic() < end:
    background.update()
    time.sleep(0.05)
background.shutdown()
print("WHERE", requests.__file__, certifi.__file__, errors)
"""


@pytest.mark.skipif(bpy.app.version < (5, 0, 0), reason="the asset downloader is new in 5.0")
def test_blender_s_asset_downloader_works_with_our_requests(installed, tmp_path):
    pytest.importorskip("cattrs", reason="this module comes without what the downloader needs")
    with serve(lambda _: Reply(body=b"an asset")) as site:
        target = tmp_path / "asset.blend"
        done = installed.python("-c", ENABLE + DOWNLOAD, site.url, str(target))
    assert done.returncode == 0, done.stdout + done.stderr
    where = next(line for line in done.stdout.splitlines() if line.startswith("WHERE"))
    shared = str(installed.resources / "extensions" / ".local")
    assert where.count(shared) == 2, "Blender's process has its own: this proves nothing"
    assert target.read_bytes() == b"an asset"
