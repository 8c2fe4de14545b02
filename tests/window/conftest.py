"""Blenders with a window for the tests in this folder: each test runs in each of them.

They are the launchers in `$RENDERJUICE_WINDOW_BLENDERS` (separated by colons), else those that
`scripts/blenders.py` provides. One that is not there is a skipped test with its reason.
"""

import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.farm.running import Farm, running_farm
from tests.window.harness import ROOT, Blender, Display
from tests.window.studio import Studio, make_project

# What Blender or the worker writes when Python raises, or a panel shows what there is not, and the
# driver where Blender's own process uses the network.
COMPLAINT = re.compile(
    r"(?:Traceback \(most recent|.*unknown operator|.*property not found|Network in Blender's).*"
    r"(?:\n .*)*(?:\n\S*Error.*)?"
)

blenders = runpy.run_path(str(ROOT / "scripts" / "blenders.py"))


def launchers() -> list:
    """A test parameter for each Blender: its launcher, or why there is none."""
    if chosen := os.environ.get("RENDERJUICE_WINDOW_BLENDERS"):
        return [pytest.param(Path(path), id=Path(path).name) for path in chosen.split(":")]
    return [pytest.param(*found(name), id=name) for name in blenders["WINDOW"]]


def found(name: str) -> tuple[Path | str]:
    """The launcher of one of the Blenders that scripts/blenders.py knows, or why there is none."""
    if os.geteuid() != 0:
        return (f"{name} runs as root only; $RENDERJUICE_WINDOW_BLENDERS may name others",)
    try:
        return (blenders["path"](name),)
    except blenders["Unprovided"] as reason:
        return (str(reason),)


@pytest.fixture(params=launchers())
def launcher(request: pytest.FixtureRequest) -> Path:
    """What starts the Blender of this test."""
    if isinstance(request.param, str):
        pytest.skip(request.param)
    return request.param


@pytest.fixture(scope="session")
def display() -> Iterator[Display]:
    """The screen that all Blenders of this run use."""
    for tool, package in (("Xvfb", "xvfb"), ("import", "imagemagick")):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not on PATH: apt-get install {package}")
    with Display() as display:
        yield display


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures know how the test went."""
    report = yield
    if report.when == "call":
        item.failed = report.failed
    return report


@pytest.fixture
def start(
    launcher: Path, display: Display, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Blender]]:
    """Starts Blenders that share one user folder, and ends those that a test leaves running."""
    started: list[Blender] = []

    def start_blender(**options: object) -> Blender:
        started.append(Blender(launcher, display, tmp_path / "resources", **options))
        return started[-1]

    yield start_blender
    for blender in started:
        if blender.process.poll() is None:
            if getattr(request.node, "failed", False):
                blender.screenshot(f"failed-{request.node.originalname}")
            blender.kill()
    for log in tmp_path.glob("resources/**/*.log"):
        complaints = COMPLAINT.findall(log.read_text(errors="replace", encoding="utf-8"))
        assert not complaints, f"{log.name}: {complaints[0]}"


@pytest.fixture
def blender(start: Callable[..., Blender]) -> Blender:
    """One running Blender, with factory settings."""
    return start()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Gives the extension's zip for a Blender, built once."""
    zips: dict[Path, Path] = {}

    def build(launcher: Path) -> Path:
        if launcher not in zips:
            folder = tmp_path_factory.mktemp("zip")
            command = [sys.executable, str(ROOT / "scripts" / "build.py"), "--output", str(folder)]
            environment = os.environ | {"BLENDER": str(launcher)}
            subprocess.run(command, env=environment, check=True, timeout=300)
            (zips[launcher],) = folder.glob("*.zip")
        return zips[launcher]

    return build


@pytest.fixture
def extension(launcher: Path, built: Callable[[Path], Path]) -> Path:
    """The extension's zip for the Blender of this test."""
    return built(launcher)


@pytest.fixture(scope="session")
def desks() -> dict[Path, Path]:
    """For each Blender a folder with a project and a user folder with the extension, to copy."""
    return {}


@pytest.fixture
def desk(
    launcher: Path,
    display: Display,
    extension: Path,
    desks: dict[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The folder to copy for the Blender of this test."""
    if launcher not in desks:
        folder = tmp_path_factory.mktemp("desk")
        with Blender(launcher, display, folder / "resources") as blender:
            blender.install(extension)
            make_project(blender, folder / "project")
            blender.close()
        (folder / "resources" / "blender.log").unlink()
        desks[launcher] = folder
    return desks[launcher]


@pytest.fixture
def farm() -> Iterator[Farm]:
    """A farm that paints patterns, a frame in a third of a second."""
    with running_farm(renderer="pattern") as farm:
        farm.settings(seconds_per_frame=0.3)
        yield farm


@pytest.fixture
def studio(desk: Path, start: Callable[..., Blender], tmp_path: Path, farm: Farm) -> Studio:
    """A project, Blender with the extension, and the farm."""
    shutil.copytree(desk, tmp_path, dirs_exist_ok=True)
    return Studio(start, tmp_path, farm)
