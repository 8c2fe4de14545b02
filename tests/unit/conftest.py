"""What several unit tests start from."""

import os

import pytest

from tests.http_stub import MIB, write_netrc


@pytest.fixture
def package(tmp_path):
    """A file to upload, of no even size."""
    path = tmp_path / "shot.zip"
    path.write_bytes(os.urandom(3 * MIB + 17))
    return path


@pytest.fixture
def netrc(tmp_path, monkeypatch):
    """A file of passwords that must not be used."""
    write_netrc(tmp_path, monkeypatch)
