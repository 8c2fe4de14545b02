"""docs/troubleshooting.md has an entry for each error of a job and of the command line."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from renderjuice.api import fields

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("api", "commands", "jobs", "packing")
MAKERS = {"ApiError": 0, "Problem": 0, "PackError": 0, "Failure": 1}
"""What makes an error, and the place of the id among its arguments."""


def ids() -> Iterator[str]:
    """The ids in the code, written out or by their name in `fields`."""
    for folder in FOLDERS:
        for path in (ROOT / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                for place in places(node):
                    if isinstance(place, ast.Constant) and isinstance(place.value, str):
                        yield place.value
                    elif isinstance(place, ast.Attribute) and place.attr.isupper():
                        yield getattr(fields, place.attr)


def places(node: ast.AST) -> Iterator[ast.expr]:
    """Where an id stands: in what makes an error, and in the error of a document."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", "")
        if name in MAKERS and len(node.args) > MAKERS[name]:
            yield node.args[MAKERS[name]]
    elif isinstance(node, ast.Dict):
        keys = [getattr(key, "value", None) for key in node.keys]
        if "id" in keys and "message" in keys:
            yield node.values[keys.index("id")]


def test_every_error_is_explained() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))
    spoken = {*ids(), *codes()}
    assert len(spoken) > 25
    assert explained == spoken


def codes() -> set[str]:
    """The ids that an HTTP status becomes: all that `fields` names."""
    tree = ast.parse((ROOT / "api/fields.py").read_text(encoding="utf-8"))
    values = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    texts = [value.value for value in values if isinstance(value, ast.Constant)]
    return {text for text in texts if isinstance(text, str)}
