"""Writes the commands of docs/command-line.md from the parser in commands/cli.py.

Needs the bpy module.

python scripts/command_reference.py
"""

from __future__ import annotations

import argparse
import importlib
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import between

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "command-line.md"
BEGIN, END = "<!-- Made by scripts/command_reference.py. -->\n", "<!-- Until here. -->\n"
EVERYWHERE = {"--help", "--json"}
"""Options of every command; the page explains them once."""


def written(page: str, parser: argparse.ArgumentParser) -> str:
    """Return the page with the parser's commands between its marks."""
    return between.replaced(page, BEGIN, END, f"\n{reference(parser)}\n")


def reference(parser: argparse.ArgumentParser) -> str:
    """Return every command with its options, as Markdown."""
    choices = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction)).choices
    return "\n".join(line for name, command in choices.items() for line in _command(name, command))


def _command(name: str, command: argparse.ArgumentParser) -> Iterator[str]:
    actions = [a for a in command._actions if not EVERYWHERE & set(a.option_strings)]
    needed = "".join(f" {_spelled(a)}" for a in actions if a.required)
    yield f"### `{name}{needed}`\n"
    yield f"{_sentence(command.description or '')}\n"
    if actions:
        yield "| | |\n|---|---|"
        yield from (f"| `{_spelled(a)}` | {_cell(a.help or '')} |" for a in actions)
        yield ""


def _spelled(action: argparse.Action) -> str:
    """Return an option or argument as it is typed."""
    value = str(action.metavar or "")
    if action.nargs == "?":
        value = f"[{value}]"
    return " ".join(filter(None, (*action.option_strings[-1:], value)))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _cell(text: str) -> str:
    return re.sub(r"([|<>*_])", r"\\\1", text)


def parser() -> argparse.ArgumentParser:
    """Return the parser of this checkout."""
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()
    made: argparse.ArgumentParser = importlib.import_module("renderjuice.commands.cli").parser()
    return made


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8"), parser()), encoding="utf-8")
