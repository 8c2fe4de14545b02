"""Fixtures for the protocol tests: one farm without Blender for the whole session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.farm.running import Farm, running_farm
from tests.farm.tests.driving import Driver, plain_zip


@pytest.fixture(scope="session")
def pattern_farm() -> Iterator[Farm]:
    with running_farm(renderer="pattern") as farm:
        yield farm


@pytest.fixture
def farm(pattern_farm: Farm) -> Iterator[Farm]:
    """The session's farm; its faults and settings are reset after the test."""
    yield pattern_farm
    pattern_farm.no_faults()
    pattern_farm.settings(
        delay=0,
        url_lifetime=3600,
        list_outputs_early=False,
        key_refused=None,
        seconds_per_frame=0,
        storage_url=pattern_farm.storage_url,
    )


@pytest.fixture
def driver(farm: Farm) -> Driver:
    return Driver(farm)


@pytest.fixture
def package(tmp_path: Path) -> bytes:
    return plain_zip(tmp_path / "package.zip")
