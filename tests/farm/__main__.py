"""Starts the local farm: `python -m tests.farm`."""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from tests.farm import blender
from tests.farm.api import PREFIX, api_app
from tests.farm.faults import App, Layer
from tests.farm.lifecycle import same_delays
from tests.farm.pattern import PatternRenderer
from tests.farm.state import Farm, Renderer, Settings
from tests.farm.storage import storage_app

HOST = "127.0.0.1"
STORAGE_HOST = "localhost"  # not the API's host name, as on the real farm


def options(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.farm", description="A local Renderjuice")
    parser.add_argument("--port", type=int, default=8765, help="of the API; 0 takes a free one")
    parser.add_argument("--storage-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--folder", type=Path, help="for packages and frames; else a temporary one")
    parser.add_argument("--key", default="RJ-LOCAL", help="the API key that is accepted")
    parser.add_argument(
        "--renderer",
        choices=["blender", "plain", "pattern"],
        default="blender",
        help="plain: `blender -b FILE -a` with the package as it lies, and no config",
    )
    parser.add_argument("--blender", help="a Blender, or the command line that starts one")
    parser.add_argument("--blender-python", help="a Python that has the bpy module")
    parser.add_argument("--delay", type=float, default=1.0, help="seconds in each short status")
    parser.add_argument("--ready-file", type=Path, help="gets the URLs as JSON once it serves")
    parser.add_argument("--end-with-stdin", action="store_true", help="end when stdin is closed")
    return parser.parse_args(arguments)


def renderer(chosen: argparse.Namespace, folder: Path, settings: Settings) -> Renderer:
    """Return the renderer; exit the program if no Blender is found."""
    if chosen.renderer == "pattern":
        return PatternRenderer(settings)
    if chosen.blender_python:
        command: list[str] | None = blender.python_command(chosen.blender_python)
    elif chosen.blender:
        command = blender.blender_command(chosen.blender)
    else:
        command = blender.find_command()
    if command is None:
        sys.exit("No Blender found: name one with --blender or $BLENDER, or use --renderer pattern")
    if shutil.which(command[0]) is None:
        sys.exit(f"There is no program {command[0]}: name a Blender, or a Python that has bpy")
    if chosen.renderer == "plain":
        return blender.PlainRenderer(command, folder, settings)
    return blender.BlenderRenderer(command, folder, settings)


@contextlib.contextmanager
def work_folder(chosen: Path | None) -> Iterator[Path]:
    """Yield the farm's working folder; a temporary one is removed at the end."""
    folder = chosen or Path(tempfile.mkdtemp(prefix="renderjuice-farm-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder.resolve()
    finally:
        if chosen is None:
            shutil.rmtree(folder, ignore_errors=True)


def listen(port: int) -> socket.socket:
    """Return a socket that listens on loopback only, with TCP_NODELAY set."""
    try:
        listening = socket.create_server((HOST, port), backlog=512)
    except OSError as error:
        sys.exit(f"Port {port} cannot be used ({error.strerror}): choose another, or 0")
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
    return listening


class Server(uvicorn.Server):
    """A uvicorn server without signal handlers: this program runs two servers."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


async def serve(chosen: argparse.Namespace, folder: Path) -> None:
    """Serve the API and the storage until a signal arrives or, if requested, stdin closes."""
    api_socket, storage_socket = listen(chosen.port), listen(chosen.storage_port)
    api_url = f"http://{HOST}:{api_socket.getsockname()[1]}{PREFIX}"
    storage_url = f"http://{STORAGE_HOST}:{storage_socket.getsockname()[1]}"
    settings = Settings(delays=same_delays(chosen.delay))
    farm = Farm(folder, chosen.key, renderer(chosen, folder, settings), settings, storage_url)
    servers = [
        server(Layer(api_app(farm), farm, "api")),
        server(Layer(storage_app(farm), farm, "storage")),
    ]
    serving = [
        asyncio.create_task(one.serve(sockets=[own]))
        for one, own in zip(servers, [api_socket, storage_socket], strict=True)
    ]
    while not all(one.started for one in servers):
        await asyncio.sleep(0.01)
    announce(chosen, api_url, storage_url)
    await end_asked(chosen.end_with_stdin)
    for one in servers:
        one.should_exit = one.force_exit = True
    running = [job.task for job in farm.jobs.values() if job.task]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, *serving, return_exceptions=True)


def server(app: App) -> Server:
    """Return a server without an access log for an app."""
    return Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))


def announce(chosen: argparse.Namespace, api_url: str, storage_url: str) -> None:
    """Print the farm's URLs and how to point the extension at them."""
    print(
        f"Local Renderjuice at {api_url}, storage at {storage_url}, API key {chosen.key}\n"
        "Point the extension at it: start Blender with\n"
        f"  RENDERJUICE_API_URL={api_url} RENDERJUICE_API_KEY={chosen.key}\n"
        "or set API address and key in its preferences. Ctrl-C ends the farm.",
        flush=True,
    )
    if chosen.ready_file:
        ready = {
            "api_url": api_url,
            "storage_url": storage_url,
            "key": chosen.key,
            "pid": os.getpid(),
        }
        part = chosen.ready_file.with_name(chosen.ready_file.name + ".part")
        part.write_text(json.dumps(ready), encoding="utf-8")
        part.replace(chosen.ready_file)


async def end_asked(with_stdin: bool) -> None:
    """Wait for Ctrl-C, SIGTERM, or the end of stdin."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask(*_: object) -> None:
        loop.call_soon_threadsafe(asked.set)

    def read_stdin() -> None:
        sys.stdin.buffer.read()
        ask()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    if with_stdin:
        threading.Thread(target=read_stdin, daemon=True).start()
    await asked.wait()


def main() -> None:
    """Run the farm."""
    chosen = options(sys.argv[1:])
    with work_folder(chosen.folder) as folder:
        asyncio.run(serve(chosen, folder))


main()
