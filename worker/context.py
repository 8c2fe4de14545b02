"""What the stages of every job share in one worker."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

from ..api.client import Client
from .poller import Poller


@dataclass
class Context:
    """The farm, the pool of transfers, and which job's turn it is to pack.

    `client` gives the client with the newest key. Every wait and timeout is multiplied by
    `time_scale`, which only tests change.
    """

    api_url: str
    client: Callable[[], Client]
    poller: Poller
    transfers: ThreadPoolExecutor
    packing: Lock = field(default_factory=Lock)
    time_scale: float = 1.0
