"""Finds the texts in the source that the user interface shows: translations/ needs all of them.

A string counts as a text if it looks like one: words with a space between them, or one capitalized
word. Exceptions are listed below: strings that look like a text and are none, or are for the
command line and logs, and texts that do not look like one. An f-string is a text with a named
placeholder for each value; if a value is a choice of texts, the f-string is one text per choice.
"""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PLACES = (
    *("panels", "operators", ".", "session", "scene", "frames", "system", "packing", "jobs"),
    *("worker", "api", "selftest"),
)
ELSEWHERE = {
    *("headless.py", "bootstrap.py", "session/follow.py", "session/open_file.py"),
    *("session/worker_process.py", "system/redaction.py", "jobs/codec.py", "worker/main.py"),
    "system/notification.py",
    *("worker/log.py", "scripting.py"),
    *("selftest/farm.py", "selftest/make_scene.py", "selftest/report.py"),
}
"""Files whose texts are for the command line, scripts and logs."""
FUNCTIONS_ELSEWHERE = {
    *("problem", "takes", "parse_assignment", "_similar", "_sentence", "_check_field"),
    *("_adopt", "_word"),
}
"""Functions whose texts are for users who type values or read tracebacks."""
KINDS = (
    *("Cache File", "Compositor Node Tree", "Geometry Node Tree", "Image", "Library", "Light"),
    *("Material", "Mesh", "Movie Clip", "Node Tree", "Object", "Particle Settings", "Scene"),
    *("Shader Node Tree", "Sound", "Text", "Texture", "Vector Font", "Volume", "World"),
)
"""Blender's names of data-blocks that have files."""
WORDS: dict[str, tuple[str, ...]] = {
    "session/state.py": ("starting",),
    "jobs/snapshot.py": ("none", "on", "off"),
    "packing/needed.py": tuple(f'{kind} "{{name}}"' for kind in KINDS),
    "scene/facts.py": ("cloth", "fluid", "particle"),
    "frames/ranges.py": ("A step", "A frame"),
}
"""Texts that do not look like one, or that are built from another text."""
NAMES = {
    *("Blender", "Cycles", "Deflate", "Renderjuice", "Workbench"),
    *("AVI Raw", "Cineon", "FFmpeg Video", "Iris", "Metal", "OpenEXR MultiLayer", "Radiance HDR"),
    *("Targa", "Targa Raw"),
}
"""Texts that are the same in all languages."""
NO_TEXTS = {
    *("no access", "Farm job {id}", "untitled {name}", "test frames", "Render Result"),
    *("Manifest", "Package", "Place", "Reference", "Downloads", "Progress"),
    *("Authorization", "Bearer {key}", "Renderjuice for Blender"),
    *("{job_id} is not the id of a job",),
    *("default aces", "longer than any table of names", "no LZ4, or a bomb"),
    *("Override {label}", "Render with this {label} instead of the scene's"),
    *("{path} has schema {value}, not {value2}", "{name} is empty, there is nothing to upload"),
}
"""Strings that look like a text and are never shown: internal names, parts of other texts, and
messages that only a programming error causes."""

_ONE = re.compile(r"[A-Z][a-z]+")
_MANY = re.compile(r"[A-Za-z]{2}.* |^ ?[a-z]+ | [A-Za-z]{2}")
_HOLE = re.compile(r"\{\w*\}")
_UNITS = re.compile(r"\b(?:B|KiB|MiB|GiB|px|s|min|h|x)\b")
_NOT_SHOWN = {"get", "getattr", "hasattr", "print", "setattr", "strftime", "startswith", "endswith"}
_NOT_SHOWN |= {"removeprefix", "removesuffix", "partition", "rpartition", "AssertionError"}
_COULD_NOT = re.compile(r"Could not [^.]+\. ")
"""The start of many texts. It is translated separately, because it has many different ends."""


def texts() -> dict[str, list[str]]:
    """Return every text, with the files that contain it."""
    found: dict[str, list[str]] = {}
    for place in PLACES:
        for path in sorted((ROOT / place).glob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name in ELSEWHERE:
                continue
            for text in (*of_source(path.read_text(encoding="utf-8")), *WORDS.get(name, ())):
                files = found.setdefault(text, [])
                files.extend([] if name in files else [name])
    return found


def of_source(source: str) -> Iterator[str]:
    """Yield the texts of a file in the order of the source."""
    finder = _Finder(ast.parse(source))
    finder.visit(finder.tree)
    for found in finder.found:
        could_not = _COULD_NOT.match(found)
        if could_not:
            yield "Could not {what}."
        text = _numbered(found[could_not.end() if could_not else 0 :].strip())
        if is_text(text):
            yield text


def is_text(text: str) -> bool:
    """Return whether a string looks like a text that is shown."""
    words = _UNITS.sub("", _HOLE.sub("", text)).replace("Renderjuice", "")
    letters = "[A-Za-z]{2}" if "{" in text else "[a-z]{2}"
    reads_so = _ONE.fullmatch(text) or (_MANY.search(text) and re.search(letters, words))
    return bool(reads_so) and text not in NAMES | NO_TEXTS and not text.startswith("^")


def _numbered(text: str) -> str:
    """Number placeholders with the same name."""
    seen: dict[str, int] = {}

    def number(hole: re.Match[str]) -> str:
        seen[hole[0]] = seen.get(hole[0], 0) + 1
        return hole[0] if seen[hole[0]] == 1 else f"{hole[0][:-1]}{seen[hole[0]]}}}"

    return _HOLE.sub(number, text)


def _is_logged(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and _name(called.value) == "logger"


class _Finder(ast.NodeVisitor):
    """Collects the texts of a file."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.found: list[str] = []
        self._known = _assigned(tree.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if "_OT_" in node.name:  # Blender shows the docstring as the button's tooltip
            self.found.append(ast.get_docstring(node) or "")
        for part in node.body:
            self.visit(part)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name in FUNCTIONS_ELSEWHERE:
            return
        outside = self._known
        self._known = outside | _assigned(node.body)
        for argument in node.args.args:
            self._known.pop(argument.arg, None)
        for part in node.body:
            self.visit(part)
        self._known = outside

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        for part in (node.annotation, node.value):  # Blender's properties are calls in annotations
            if part is not None and (part is node.value or isinstance(part, ast.Call)):
                self.visit(part)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.visit(node.value)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Skip comparisons: their strings are not shown."""

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)

    def visit_Dict(self, node: ast.Dict) -> None:
        for value in node.values:
            self.visit(value)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else _name(node.func)
        first = _constant(node.args[0]) if node.args else None
        if called == "switch" and first:  # of scene/properties.py
            self.found += [f"Override {first}", f"Render with this {first} instead of the scene's"]
        elif called == "items":
            labels = [str(_constant(item)).partition(" ")[2] for item in node.args]
            self.found += labels
        elif called in _NOT_SHOWN or _is_logged(node.func):
            self.visit(node.func)
        else:
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.found.append(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.found += self._choices(node, ())
        for part in node.values:  # an argument of a call inside may also be a text
            if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Call):
                self.visit(part.value)

    def _choices(  # noqa: PLR0911
        self, node: ast.expr | None, within: tuple[str, ...]
    ) -> list[str]:
        """Return an expression's possible values: texts, and placeholders for unknown values."""
        hole = "{" + _name(node) + "}"
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                all_parts = [self._choices(part, within) for part in parts]
                return ["".join(chosen) for chosen in itertools.product(*all_parts)]
            case ast.FormattedValue(value=value):
                return self._choices(value, within)
            case ast.IfExp(body=one, orelse=other):
                return [*self._choices(one, within), *self._choices(other, within)]
            case ast.BoolOp(op=ast.Or(), values=[*_, ast.Constant(value=str(text))]):
                return [hole, text]
            case ast.Name(id=name) if name not in within:
                values = self._known.get(name)
                if values and all(isinstance(value, _TEXTS) for value in values):
                    return [t for value in values for t in self._choices(value, (*within, name))]
        return [hole]


_TEXTS = (ast.Constant, ast.JoinedStr, ast.IfExp, ast.BoolOp)


def _assigned(body: list[ast.stmt]) -> dict[str, list[ast.expr | None]]:
    """Return the values assigned to each name; None for anything but a simple assignment."""
    found: dict[str, list[ast.expr | None]] = {}
    for statement in body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef):
            continue
        for node in ast.walk(statement):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    found.setdefault(name, []).append(value)
                case ast.Name(id=name, ctx=ast.Store()):
                    pass
            if isinstance(node, ast.AugAssign | ast.For | ast.Assign | ast.NamedExpr):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Name) and isinstance(node, ast.Assign):
                        continue
                    for one in ast.walk(target):
                        if isinstance(one, ast.Name):
                            found.setdefault(one.id, []).append(None)
    return found


def _constant(node: Any) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _name(node: Any) -> str:  # noqa: PLR0911
    """Return the name of the placeholder for the value of this expression."""
    match node:
        case ast.Name(id=name):
            return name.strip("_").lower()
        case ast.Attribute(attr=name):
            return name.strip("_")
        case ast.FormattedValue(value=value) | ast.UnaryOp(operand=value):
            return _name(value)
        case ast.Call(args=[first, *_]):
            return _name(first)
        case ast.Call(func=ast.Attribute(value=value)):
            return _name(value)
        case ast.BinOp(left=first) | ast.BoolOp(values=[first, *_]) | ast.IfExp(body=first):
            return _name(first)
        case ast.Subscript(value=value, slice=key):
            return _constant(key) or _name(value)
    return "value"
