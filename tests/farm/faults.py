"""Fault injection and the request log: a layer around each of the farm's two servers."""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from tests.farm.state import Farm

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Fault(BaseModel):
    """Which requests fail, and how.

    `path` is a regular expression that must match from the beginning of the path. Without
    `status` the request is only delayed. With `after` the request is carried out first and only
    its response is replaced, as if it got lost. Clearing all faults ends a running delay.
    """

    model_config = ConfigDict(extra="forbid")

    server: Literal["api", "storage"] | None = None
    method: str | None = None
    path: str = ""
    skip: int = 0  # number of matching requests that pass before the first fault
    times: int = 1
    delay: float = 0.0
    status: int | None = None
    body: Any = ""  # a string is sent unchanged, anything else as JSON
    headers: dict[str, str] = {}
    after: bool = False

    def matches(self, server: str, method: str, path: str) -> bool:
        """Return whether this fault applies to such a request."""
        return (
            self.server in (None, server)
            and self.method in (None, method)
            and re.match(self.path, path) is not None
        )


class Layer:
    """Wraps a server: logs every request and injects the requested faults."""

    def __init__(self, app: App, farm: "Farm", server: str):
        self.app = app
        self.farm = farm
        self.server = server

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_farm/"):
            await self.app(scope, receive, send)
            return
        started = time.monotonic()
        status: int | None = None

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        fault = self._take_fault(scope)
        try:
            if fault is None:
                await self.app(scope, receive, noting)
            else:
                await self._play(fault, scope, receive, noting)
        finally:
            self.farm.log.add(
                "request",
                server=self.server,
                method=scope["method"],
                path=scope["path"],
                query=scope["query_string"].decode() if self.server == "api" else "",
                status=status,
                seconds=round(time.monotonic() - started, 4),
                fault=fault is not None,
            )

    def _take_fault(self, scope: Message) -> Fault | None:
        for fault in self.farm.faults:
            if not fault.matches(self.server, scope["method"], scope["path"]):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.farm.faults.remove(fault)
            return fault
        return None

    async def _play(self, fault: Fault, scope: Message, receive: Receive, send: Send) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.farm.calm.wait(), fault.delay)
        if fault.status is None:
            await self.app(scope, receive, send)
            return
        if fault.after:
            await self.app(scope, receive, _nowhere)
        else:
            await _drain(receive)
        body = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
        headers = {"content-type": "application/json", **fault.headers}
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        raw.append((b"content-length", str(len(body.encode())).encode()))
        await send({"type": "http.response.start", "status": fault.status, "headers": raw})
        await send({"type": "http.response.body", "body": body.encode()})


async def _drain(receive: Receive) -> None:
    """Read the request's body, so that the client is ready to read the response."""
    while (await receive()).get("more_body", False):
        pass


async def _nowhere(message: Message) -> None:
    """Discard a response message."""
