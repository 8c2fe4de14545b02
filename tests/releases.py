"""Makes other versions of a zip, and serves them from a repository on a local web server."""

import contextlib
import functools
import http.server
import re
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

from find_blender import Blender


def relabel(archive: Path, folder: Path, version: str) -> Path:
    """Copy the zip to `folder` with a different version number, and return the copy."""
    target = folder / re.sub(r"-\d+\.\d+\.\d+-", f"-{version}-", archive.name)
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "blender_manifest.toml":
                data = re.sub(rb'(?m)^version = ".*"$', f'version = "{version}"'.encode(), data)
            new.writestr(entry, data)
    return target


class Site:
    """A web server on this machine with a repository that has one version at a time."""

    def __init__(self, folder: Path, archive: Path, blender: Blender) -> None:
        self.folder = folder
        self.archive = archive
        self.blender = blender
        self.requests: list[str] = []
        self.url = ""

    def publish(self, version: str) -> None:
        """Clear the folder and publish this version."""
        import repository

        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        relabel(self.archive, self.folder, version)
        repository.generate(self.folder, self.blender)


@contextlib.contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve the site's folder on loopback; the site's `url` is that of the repository's index."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, _: str, *arguments: object) -> None:
            site.requests.append(str(arguments[0]))

    handler = functools.partial(Handler, directory=str(site.folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.url = f"http://127.0.0.1:{server.server_port}/index.json"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def version_of(folder: Path) -> str:
    """The version of an installed extension, or "" if there is none."""
    manifest = folder / "blender_manifest.toml"
    if not manifest.exists():
        return ""
    found = re.search(r'(?m)^version = "(.*)"$', manifest.read_text(encoding="utf-8"))
    return found[1] if found else ""
