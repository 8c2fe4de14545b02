"""The worker process trusts the certificates in the zip, not those of Blender's own Python.

Blender 4.2 to 4.4 ship a bundle from 2021, which lacks every newer certificate authority.
"""

from pathlib import Path

import pytest
from renderjuice.jobs import protocol, worker_events
from renderjuice.session import worker_process

from tests.certificates import make_certificate
from tests.http_stub import KEY, Reply, serve
from tests.worker import Worker

bpy = pytest.importorskip("bpy", reason="bpy is not installed for this Python")

WHERE = """
import sys
sys.path.insert(0, sys.argv[-1])  # as worker/main.py does
import certifi, requests
assert requests.utils.DEFAULT_CA_BUNDLE_PATH == certifi.where()
print(certifi.where(), certifi.__version__)
"""
VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


def asks(installed, state: Path, url: str) -> worker_events.Reply:
    """The reply of the installed extension's worker to a key test against the farm at `url`."""
    worker = Worker(state, url, KEY, site_packages=str(wheels(installed)))
    try:
        return worker.reply(worker.send(protocol.TestKey(KEY)))
    finally:
        worker.link.close()


def wheels(installed) -> Path:
    """The site-packages folder where Blender has installed the wheels of the zip."""
    (found,) = (installed.resources / "extensions/.local/lib").glob("python*/site-packages")
    return found


def test_the_worker_trusts_the_certificates_of_the_zip(installed, tmp_path, monkeypatch):
    extension = installed.resources / "extensions/user_default/renderjuice"
    monkeypatch.setattr(worker_process, "WORKER", extension / "worker/main.py")
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    certificate = make_certificate(tmp_path / "tls", "IP:127.0.0.1")
    bundle = wheels(installed) / "certifi" / "cacert.pem"
    said = installed.python("-I", "-c", WHERE, str(wheels(installed))).stdout.split()
    assert Path(said[0]) == bundle
    assert said[1] >= "2025", "older than the extension"

    jobs = {"jobs": [], "pagination": {"page": 1, "totalPages": 1}}
    known = bundle.read_bytes()
    with serve(lambda _: Reply(body=jobs), certificate=certificate) as farm:
        assert asks(installed, tmp_path / "state", farm.url).error.id == "tls"
        assert farm.asked == []
        try:
            bundle.write_bytes(known + (tmp_path / "tls/cert.pem").read_bytes())
            assert not asks(installed, tmp_path / "state", farm.url).error
        finally:
            bundle.write_bytes(known)
