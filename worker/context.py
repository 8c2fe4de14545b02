"""Defines Context, which the stages of all jobs share."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

from ..api.client import Client
from .poller import Poller


@dataclass
class Context:
    """The farm's client and poller, the thread pool of transfers, and the lock for packing.

    `client` returns the client with the current key. `time_scale` multiplies every wait and
    timeout; only tests change it.
    """

    api_url: str
    client: Callable[[], Client]
    poller: Poller
    transfers: ThreadPoolExecutor
    packing: Lock = field(default_factory=Lock)
    time_scale: float = 1.0
    on_end: str = ""
    """The artist's command for the end of a job."""
    in_background: Callable[..., None] = lambda function, *arguments: function(*arguments)
    """Runs a function with arguments beside the jobs; the worker is not idle meanwhile."""
