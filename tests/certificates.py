"""Self-signed certificates for the HTTPS servers of tests."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest


def make_certificate(folder: Path, *names: str) -> Path:
    """Write a certificate for these names (`DNS:localhost`, `IP:127.0.0.1`) and its key to a file.

    Returns the path of that file. Skips the test where there is no openssl command.
    """
    if not shutil.which("openssl"):
        pytest.skip("the openssl command is not there to make a certificate")
    folder.mkdir(parents=True, exist_ok=True)
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem"
        f" -subj /CN=farm -addext subjectAltName={','.join(names)}"
        " -addext keyUsage=critical,digitalSignature,keyCertSign"
    )
    subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text(
        (folder / "cert.pem").read_text(encoding="utf-8")
        + (folder / "key.pem").read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    return both
