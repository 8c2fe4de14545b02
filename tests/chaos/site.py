"""The environment of the runs: the stand-in farm, with a proxy in front of each of its servers."""

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.certificates import make_certificate
from tests.chaos.proxy import Proxy, proxy
from tests.farm.running import Farm, running_farm


@dataclass
class Site:
    """A stand-in farm and the proxies in front of its servers, with their URLs for the worker."""

    farm: Farm
    folder: Path
    api: Proxy
    storage: Proxy
    untrusted: Proxy

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api.port}{urlsplit(self.farm.api_url).path}"

    @property
    def storage_url(self) -> str:
        return f"http://localhost:{self.storage.port}"

    def mend(self) -> None:
        """Remove all faults."""
        self.api.faults.clear()
        self.storage.faults.clear()
        self.farm.no_faults()
        self.farm.settings(
            storage_url=self.storage_url, key_refused=0, url_lifetime=3600, deleted_for_client=False
        )


@contextlib.contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Run a site until the block ends; `folder` is for the farm's files."""
    with (
        running_farm(renderer="pattern", folder=folder) as farm,
        proxy(_server(farm.api_url)) as api,
        proxy(_server(farm.storage_url)) as storage,
        proxy(_server(farm.storage_url), _certificate(folder)) as untrusted,
    ):
        yield Site(farm, folder.resolve(), api, storage, untrusted)


def _certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for `localhost` that no trusted authority has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(folder / "tls", "DNS:localhost"))
    return context


def _server(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.port
    return "127.0.0.1", parts.port
