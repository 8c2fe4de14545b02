"""Blenders with a window for the tests in this folder: each test runs in each of them.

They are the launchers in `$RENDERJUICE_WINDOW_BLENDERS` (separated by colons), else those that
`scripts/blenders.py` provides. One that is not there is a skipped test with its reason.
"""

import os
import runpy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.window.harness import ROOT, Blender, Display

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


@pytest.fixture
def blender(start: Callable[..., Blender]) -> Blender:
    """One running Blender, with factory settings."""
    return start()
