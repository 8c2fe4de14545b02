"""Fixtures that several unit tests share."""

import os

import pytest

from tests.http_stub import MIB, write_netrc


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
