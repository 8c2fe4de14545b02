"""The parser accepts every Renderjuice command line that the documentation shows."""

import re
import shlex
from collections.abc import Iterator

import pytest

from tests.docs_commands import PAGES

pytest.importorskip("bpy", reason="bpy is not installed for this Python")

FORMS = r"--command renderjuice|headless\.py(?: \S+\.blend)?(?: --online-mode)? --"
VALUES = {"FIELD=VALUE": "sampleCount=4", "T": "1-3", "S": "5"}
"""Values for placeholders that the parser validates."""
LINE = re.compile(rf"(?:{FORMS}) +([^`|\n]+)")


def shown() -> Iterator[tuple[str, str]]:
    """Each page name and the arguments of a command in it: whole lines, and inline commands."""
    from renderjuice.commands.cli import COMMANDS

    short = re.compile(rf"`((?:{'|'.join(COMMANDS)})(?: (?:--|[A-Z])[^`]*)?)`")
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for pattern in (LINE, short):
            for found in pattern.finditer(text):
                yield page.name, re.sub(r"\s+# .*", "", " ".join(found[1].split()))


def test_the_parser_takes_what_the_pages_show() -> None:
    from renderjuice.commands import cli

    lines = list(dict.fromkeys(shown()))
    assert len(lines) > 40
    for page, line in lines:
        words = [VALUES.get(word, word) for word in shlex.split(re.sub(r"[\[\]\\]", "", line))]
        try:
            cli.parser().parse_args(words)
        except cli._Usage as error:  # a page may name a command without its required arguments
            named = len(words) == 1 and "required" in str(error)
            assert named, f"{page}: {line}: {error}"
