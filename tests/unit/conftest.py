"""Fixtures that several unit tests share."""

import os
import sys

import pytest

from tests.farm.running import running_farm
from tests.http_stub import MIB, write_netrc

ON_LINUX = ["test_release.py", "test_other_farm_judge.py"]
"""Tests of what runs on Linux alone: making a release, and random runs."""
collect_ignore = ON_LINUX if sys.platform == "win32" else []


@pytest.fixture
def package(tmp_path):
    """A file to upload, whose size is not a multiple of the block size."""
    path = tmp_path / "shot.zip"
    path.write_bytes(os.urandom(3 * MIB + 17))
    return path


@pytest.fixture
def netrc(tmp_path, monkeypatch):
    """A netrc file, whose password no request may use."""
    write_netrc(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def one_farm():
    """A stand-in farm that writes test patterns as frames and needs no Blender."""
    with running_farm(renderer="pattern") as farm:
        yield farm


@pytest.fixture
def farm(one_farm):
    """That farm, reset to its defaults: no injected faults."""
    one_farm.reset()
    return one_farm
