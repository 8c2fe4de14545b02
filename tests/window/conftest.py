"""Fixtures that start Blenders with a window: each test in this folder runs in each of them.

The Blenders are the launchers in `$RENDERJUICE_WINDOW_BLENDERS` (separated by colons), else those
that `scripts/blenders.py` provides. Tests of a missing one are skipped with the reason.
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

# What Blender or the worker prints when Python raises or a panel refers to a missing operator or
# property, and what the driver prints when Blender's own process uses the network.
COMPLAINT = re.compile(
    r"(?:Traceback \(most recent|.*unknown operator|.*property not found|Network in Blender's).*"
    r"(?:\n .*)*(?:\n\S*Error.*)?"
)

blenders = runpy.run_path(str(ROOT / "scripts" / "blenders.py"))


def launchers() -> list:
    """A test parameter for each Blender: its launcher, or the reason why it is missing."""
    if chosen := os.environ.get("RENDERJUICE_WINDOW_BLENDERS"):
        return [pytest.param(Path(path), id=Path(path).name) for path in chosen.split(":")]
    return [pytest.param(*found(name), id=name) for name in blenders["WINDOW"]]


def found(name: str) -> tuple[Path | str]:
    """The launcher of a Blender from scripts/blenders.py, or the reason why it is missing."""
    if os.geteuid() != 0:
        return (f"{name} runs as root only; $RENDERJUICE_WINDOW_BLENDERS may name others",)
    try:
        return (blenders["path"](name),)
    except blenders["Unprovided"] as reason:
        return (str(reason),)


@pytest.fixture(params=launchers())
def launcher(request: pytest.FixtureRequest) -> Path:
    """The command that starts the Blender of this test; the test is skipped without one."""
    if isinstance(request.param, str):
        pytest.skip(request.param)
    return request.param


@pytest.fixture(scope="session")
def display() -> Iterator[Display]:
    """The X display for all Blenders of this test session."""
    for tool, package in (("Xvfb", "xvfb"), ("import", "imagemagick")):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not on PATH: apt-get install {package}")
    with Display() as display:
        yield display


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Store the test result on the item, so that fixtures can read it."""
    report = yield
    if report.when == "call":
        item.failed = report.failed
    return report


@pytest.fixture
def start(
    launcher: Path, display: Display, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Blender]]:
    """Start Blenders that share one user folder, and end those that a test leaves running.

    Fails if one of their logs contains a complaint.
    """
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
    """One running Blender with factory settings."""
    return start()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """A function that builds the extension's zip for a Blender, once per test session."""
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
    """For each Blender, a prepared folder with a project and a user folder with the extension."""
    return {}


@pytest.fixture
def desk(
    launcher: Path,
    display: Display,
    extension: Path,
    desks: dict[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The prepared folder for the Blender of this test, to be copied."""
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
    """A stand-in farm that writes test patterns, three frames per second."""
    with running_farm(renderer="pattern") as farm:
        farm.settings(seconds_per_frame=0.3)
        yield farm


@pytest.fixture
def studio(desk: Path, start: Callable[..., Blender], tmp_path: Path, farm: Farm) -> Studio:
    """A project, a Blender with the extension, and the farm."""
    shutil.copytree(desk, tmp_path, dirs_exist_ok=True)
    return Studio(start, tmp_path, farm)
