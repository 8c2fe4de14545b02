"""A Blender with the extension installed from its zip, and one without."""

import pytest

from tests.farm.running import running_farm
from tests.headless import Headless


@pytest.fixture(scope="session")
def farm_with_blender():
    """A farm that renders with this Python's bpy."""
    import sys

    pytest.importorskip("bpy", reason="bpy is not installed for this Python")
    with running_farm(blender_python=sys.executable) as farm:
        yield farm


@pytest.fixture(scope="session")
def plain_farm():
    """A farm that renders the package as it lies, like `blender -b FILE -a`, with this bpy."""
    import sys

    pytest.importorskip("bpy", reason="bpy is not installed for this Python")
    with running_farm(renderer="plain", blender_python=sys.executable) as farm:
        yield farm


@pytest.fixture(scope="session")
def farm_with_pattern():
    """A farm that paints frames and needs no Blender."""
    with running_farm(renderer="pattern") as farm:
        yield farm


@pytest.fixture
def farm(farm_with_pattern):
    """The painting farm, with nothing wrong."""
    farm_with_pattern.reset()
    return farm_with_pattern


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """A user who has installed the zip."""
    pytest.importorskip("bpy", reason="bpy is not installed for this Python")
    user = Headless(tmp_path_factory.mktemp("installed"))
    user.install()
    return user


@pytest.fixture
def user(tmp_path, farm):
    """A user of the checkout who has installed nothing; the farm paints."""
    pytest.importorskip("bpy", reason="bpy is not installed for this Python")
    return Headless(tmp_path / "user", farm=farm)
