"""Fixtures: a Windows user with the extension under Wine, and farms that run on Linux."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import windows
from tests.farm.running import Farm, running_farm
from tests.windows.artist import Artist, build


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test in each Windows bpy that is installed here."""
    if "blender" in metafunc.fixturenames:
        here = [name for name in windows.BPY if (windows.folder() / name).exists()]
        metafunc.parametrize("blender", here or [None], scope="session")


@pytest.fixture(scope="session")
def zip_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension's zip for Windows."""
    return build(tmp_path_factory.mktemp("zip"))


@pytest.fixture(scope="session")
def farm_that_renders() -> Iterator[Farm]:
    """A stand-in farm that renders with this Python's bpy."""
    pytest.importorskip("bpy", reason="bpy is not installed for this Python")
    with running_farm(blender_python=sys.executable) as farm:
        yield farm


@pytest.fixture(scope="session")
def painting_farm() -> Iterator[Farm]:
    """A stand-in farm that writes test patterns as frames and needs no Blender."""
    with running_farm(renderer="pattern") as farm:
        yield farm


@pytest.fixture
def farm(painting_farm: Farm) -> Farm:
    """The test-pattern farm, reset to its defaults: no injected faults."""
    painting_farm.reset()
    return painting_farm


@pytest.fixture(scope="session")
def switched_on(blender: str | None) -> Iterator[str]:
    """A Windows that stays on between tests.

    Wine shuts down with its last program, and a program that starts meanwhile may hang. A user's
    Windows does not do that: one idle program keeps it on.
    """
    if blender is None:
        pytest.skip("no Windows is here: python scripts/windows.py provide bpy-4.5.15")
    idle = windows.start(blender, ["-c", "import sys; sys.stdin.read()"])
    yield blender
    idle.kill()
    idle.wait()


@pytest.fixture(scope="session")
def installed(switched_on: str, zip_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Artist:
    """A user who has installed the extension from its zip."""
    artist = Artist(switched_on, tmp_path_factory.mktemp("installed"))
    artist.install(zip_file)
    return artist


@pytest.fixture
def artist(installed: Artist, farm: Farm, tmp_path: Path) -> Iterator[Artist]:
    """A user with the extension, without jobs; their processes are killed after the test."""
    resources = tmp_path / "blender"
    shutil.copytree(installed.resources, resources)
    artist = Artist(installed.blender, resources, farm)
    yield artist
    artist.end_all()


@pytest.fixture
def drive() -> Iterator[tuple[str, Path]]:
    """A folder on the second drive: its Windows path and its Linux path."""
    folder = Path(tempfile.mkdtemp(dir=windows.drive()))
    yield f"E:\\{folder.name}", folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def share() -> Iterator[tuple[str, Path]]:
    """A folder on the network share: its Windows path and its Linux path."""
    folder = Path(tempfile.mkdtemp(dir=windows.share()))
    yield f"\\\\{windows.SERVER}\\{windows.SHARE}\\{folder.name}", folder
    shutil.rmtree(folder, ignore_errors=True)
