"""Writes docs/command-line.md from the parser. Needs bpy; tests hold that the page is current.

PYTHON_WITH_BPY scripts/command_line_page.py
"""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "command-line.md"
BEGIN, END = "<!-- Made by scripts/command_line_page.py. -->\n", "<!-- Until here. -->\n"


def reference(parser: argparse.ArgumentParser) -> str:
    """All commands and their options, in Markdown."""
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return "\n".join(_command(name, one) for name, one in commands.choices.items())


def _command(name: str, parser: argparse.ArgumentParser) -> str:
    lines = [f"### {name}", "", f"{parser.description}", ""]
    options = [action for action in parser._actions if action.dest != "help"]
    if options:
        lines += ["| option | |", "|---|---|", *map(_option, options), ""]
    return "\n".join(lines)


def _option(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings) or (action.metavar or action.dest)
    value = ""
    if action.option_strings and action.nargs != 0:
        value = f" {action.metavar or '|'.join(map(str, action.choices or ())) or 'VALUE'}"
    words = (action.help or "").replace("%(default)s", str(action.default))
    return f"| `{names}{value}` | {words} |".replace("||", "\\|\\|")


def page(old: str, parser: argparse.ArgumentParser) -> str:
    """The page with its made part renewed."""
    before, _, rest = old.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{reference(parser)}\n{END}{after}"


def main() -> None:
    """Renew the page."""
    runpy.run_path(str(ROOT / "standalone.py"))["provide"]()
    from renderjuice import cli

    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), cli.parser()), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
