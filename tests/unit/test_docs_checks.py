"""docs/checks.md has an entry for each check, and no other entries."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEAKERS = (
    *("scene/*.py", "session/plan.py"),
    *("packing/findings.py", "packing/last_look.py", "packing/limits.py", "packing/refused.py"),
    "packing/bake_limits.py",
)
ID = re.compile(r"[a-z]+(-[a-z]+)+|engine|offline|ocio|placeholders|scripts")
MAKERS = {"Check", "check", "Refusal"}


def ids() -> Iterator[str]:
    """The check ids in the code: the first argument of calls that make a check, the first item of
    tuples, and assigned strings."""
    for pattern in SPEAKERS:
        for path in ROOT.glob(pattern):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called = getattr(node, "func", None)
                if MAKERS & {getattr(called, "id", ""), getattr(called, "attr", "")}:
                    texts = node.args[:1]
                elif isinstance(node, ast.Tuple) and len(node.elts) in (2, 3):
                    texts = node.elts[:1]
                elif isinstance(node, ast.Assign):
                    texts = [node.value]
                else:
                    continue
                for text in texts:
                    value = getattr(text, "value", None)
                    if isinstance(value, str) and ID.fullmatch(value):
                        yield value


def test_every_check_is_explained() -> None:
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs/checks.md").read_text("utf-8"), re.MULTILINE)
    explained = {id_ for row in rows for id_ in re.findall(r"`(.*?)`", row)}
    spoken = set(ids())
    assert len(spoken) > 25
    assert explained == spoken
