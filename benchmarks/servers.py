"""The server for the transfer benchmarks: nginx with files in memory."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import ROOT

MEMORY = Path("/dev/shm")  # noqa: S108  files there get random names
CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
error_log {folder}/error.log;
pid {folder}/pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    types {{ }}
    default_type application/octet-stream;
    sendfile on;
    tcp_nopush on;
    tcp_nodelay on;
    autoindex on;
    keepalive_requests 1000000;
    client_max_body_size 0;
    client_body_buffer_size 1m;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/unused;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
    server {{
        listen 127.0.0.1:{port} backlog=511;
        root {folder}/files;
        location /put/ {{ dav_methods PUT; create_full_put_path on; }}
    }}
}}
"""


class NoServer(Exception):
    """nginx is not installed or did not start."""


@contextlib.contextmanager
def work_folder(*, memory: bool) -> Iterator[Path]:
    """Yield a temporary folder: in memory, so that no disk is measured, or on the disk."""
    (ROOT / "build").mkdir(exist_ok=True)
    where = MEMORY if memory and MEMORY.is_dir() else ROOT / "build"
    with tempfile.TemporaryDirectory(prefix="renderjuice-bench-", dir=where) as folder:
        yield Path(folder)


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[int]:
    """Yield the port of a server that serves `folder`/files and accepts PUT below /put/.

    Raises NoServer.
    """
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise NoServer("nginx is not here: apt-get install nginx-light, or nginx")
    for name in ("files", "files/put", "bodies"):
        (folder / name).mkdir(exist_ok=True)
    port = _free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, port=port, user=user), encoding="utf-8")
    process = subprocess.Popen([program, "-e", folder / "error.log", "-c", file])
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _wait(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise NoServer("nginx did not start")
