"""What several unit tests start from."""

import os
import sys

import pytest

from tests.http_stub import MIB, write_netrc

POSIX_ALONE = {
    "test_other_farm_judge.py": "limits how large a file may grow, which only POSIX can",
    "test_release.py": "releases are made on Debian",
    "test_worker_cancel.py": "limits how large a file may grow",
    "test_worker_money.py": "limits how large a file may grow",
}
"""Test files that Windows cannot even import, and why."""
if sys.platform == "win32":
    collect_ignore = sorted(POSIX_ALONE)


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
