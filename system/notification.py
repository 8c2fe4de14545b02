"""Shows a notification of the system by the command that each system has for it.

The texts are arguments or environment variables, never part of a script, and hold no control
characters and no markup: they may come from a file or a server.
"""

import logging
import os
import sys
from typing import IO

from .processes import environment, own_group

SECONDS_TO_SHOW = 20.0
MAX_SAID = 300
"""Bytes of the command's last words that are logged."""

_TAGS = str.maketrans("<>", "()")
"""Many desktops read tags, links and pictures in a text."""
_MACOS = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)
_WINDOWS = """
$kind = 'Windows.UI.Notifications.{0}, Windows.UI.Notifications, ContentType = WindowsRuntime'
$manager = [type]::GetType($kind -f 'ToastNotificationManager')
$null = [type]::GetType($kind -f 'ToastNotification')
$toast = $manager::GetTemplateContent('ToastText02')
$texts = $toast.GetElementsByTagName('text')
$null = $texts.Item(0).AppendChild($toast.CreateTextNode($env:RENDERJUICE_TITLE))
$null = $texts.Item(1).AppendChild($toast.CreateTextNode($env:RENDERJUICE_TEXT))
$shown = New-Object Windows.UI.Notifications.ToastNotification $toast
$program = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
$manager::CreateToastNotifier($program).Show($shown)
"""

logger = logging.getLogger(__name__)


def show(title: str, text: str) -> None:
    """Show a notification. A system without the command shows none, and the log says so."""
    import tempfile  # enabling the extension stays fast

    title, text = plain(title), plain(text)
    try:
        with tempfile.TemporaryFile() as said:  # a pipe could stay open after the command's end
            code = _run(command(title, text), title, text, said)
            if code:
                said.seek(max(0, said.seek(0, os.SEEK_END) - MAX_SAID))
                words = plain(said.read().decode("utf-8", "replace"))
                logger.warning("No notification: it ended with %s: %s", code, words)
    except OSError as error:
        logger.warning("No notification: %s", error)


def _run(arguments: list[str], title: str, text: str, said: IO[bytes]) -> int:
    """Run the command for SECONDS_TO_SHOW at most; return its code. Raises OSError."""
    import subprocess

    process = subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
        env=environment(RENDERJUICE_TITLE=title, RENDERJUICE_TEXT=text),
        **own_group(),
    )
    try:
        return process.wait(SECONDS_TO_SHOW)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def plain(text: str) -> str:
    """The text in one line, without control characters and tags."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.translate(_TAGS).split())


def command(title: str, text: str, platform: str = sys.platform) -> list[str]:
    """The system's command for a notification.

    Windows looks for a program in the current folder first, so it is told where its own is.
    """
    if platform == "win32":
        root = os.environ.get("SYSTEMROOT", r"C:\Windows")
        shell = rf"{root}\System32\WindowsPowerShell\v1.0\powershell.exe"
        return [shell, "-NoProfile", "-NonInteractive", "-Command", _WINDOWS]
    if platform == "darwin":
        lines = [part for line in _MACOS for part in ("-e", line)]
        return ["/usr/bin/osascript", *lines, "--", title, text]
    return ["notify-send", "--app-name=Blender", "--icon=blender", "--", title, text]
