"""Fixtures: a Blender with the extension installed from its zip, one without, and test farms."""

import pytest

from tests.farm.running import running_farm
from tests.headless import Headless


@pytest.fixture(scope="session")
def farm_with_blender():
    """A stand-in farm that renders with this Python's bpy."""
    import sys

    pytest.importorskip("bpy", reason="bpy is not installed for this Python")
    with running_farm(blender_python=sys.executable) as farm:
        yield farm


@pytest.fixture(scope="session")
def plain_farm():
    """A stand-in farm that renders the package unmodified with bpy, like `blender -b FILE -a`."""
    import sys

    pytest.importorskip("bpy", reason="bpy is not installed for this Python")
    with running_farm(renderer="plain", blender_python=sys.executable) as farm:
        yield farm


@pytest.fixture(scope="session")
def farm_with_pattern():
    """A stand-in farm that writes test patterns as frames and needs no Blender."""
    with running_farm(renderer="pattern") as farm:
        yield farm


@pytest.fixture
def farm(farm_with_pattern):
    """The test-pattern farm, reset to its defaults: no injected faults."""
    farm_with_pattern.reset()
    return farm_with_pattern


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """A user who has installed the extension from its zip."""
    pytest.importorskip("bpy", reason="bpy is not installed for this Python")
    user = Headless(tmp_path_factory.mktemp("installed"))
    user.install()
    return user


@pytest.fixture
def user(tmp_path, farm):
    """A user who runs from the checkout with nothing installed, on the test-pattern farm."""
    pytest.importorskip("bpy", reason="bpy is not installed for this Python")
    return Headless(tmp_path / "user", farm=farm)
