"""No regular expression of the extension takes more than linear time, for any input.

Each pattern is taken from the source and attacked with texts that are made from the pattern itself:
repeated prefixes of a text that it matches, and prefixes with their last character repeated.
"""

import ast
import re
import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest

import architecture

LENGTHS = (16, 24, 32, 16_000)
"""Lengths of the texts, in characters. The short texts show exponential time; the long text shows
quadratic time: a hundred million steps instead of a few thousand."""
MAX_SECONDS = 0.03
"""CPU time of the thread. A linear pattern takes about a millisecond for a long text."""
METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")
BOUNDED = {
    "frames/selection.py": 300,
    "packing/sequences.py": 1100,
    "panels/text.py": 3000,
}
"""The longest texts for patterns in files that match only names, paths or sentences."""


class Use(NamedTuple):
    """A use of a pattern in the extension: in which file, with which method of `re`."""

    file: str
    pattern: "re.Pattern[str] | re.Pattern[bytes]"
    method: str


def uses() -> Iterator[Use]:
    """Each pattern in the source with each method that is called on it."""
    sources = {path: path.read_text("utf-8") for path in architecture.files()}
    for path, source in sources.items():
        file = path.relative_to(architecture.ROOT).as_posix()
        known: dict[str, object] = {"re": re}
        tree = ast.parse(source)
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = evaluated(node.value, known)
                known[node.targets[0].id] = value
                if isinstance(value, re.Pattern):
                    name = node.targets[0].id
                    own = methods(name, [source])
                    for method in own or methods(name, sources.values()):
                        yield Use(file, value, method)
        for node in ast.walk(tree):
            called = getattr(node, "func", None)
            of_re = isinstance(called, ast.Attribute) and getattr(called.value, "id", "") == "re"
            if of_re and called.attr in METHODS:
                flags = [evaluated(one, known) for one in node.args[2:]]
                flags += [evaluated(word.value, known) for word in node.keywords]
                pattern = evaluated(node.args[0], known)
                flag = next((one for one in flags if isinstance(one, re.RegexFlag)), 0)
                if isinstance(pattern, str | bytes):
                    yield Use(file, re.compile(pattern, flag), called.attr)


def evaluated(node: ast.expr, known: dict[str, object]) -> object:
    """The value of an expression, or None if it cannot be evaluated from `known`."""
    named = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    if not named <= known.keys():
        return None
    try:
        return eval(compile(ast.Expression(node), "pattern", "eval"), {}, known)
    except Exception:
        return None


def methods(name: str, sources) -> list[str]:
    found = re.compile(rf"\b{re.escape(name)}\.({'|'.join(METHODS)})\b")
    return sorted({match[1] for source in sources for match in found.finditer(source)})


def examples(pattern: str | bytes, flags: int) -> list[str]:
    """Texts that a pattern approximately matches: one for each of its first branches."""
    parsed = re._parser.parse(pattern, flags & ~re.DEBUG)
    return sorted({example(parsed, branch) for branch in range(4)})


def example(parsed, branch: int) -> str:
    said = ""
    for kind, value in parsed:
        match str(kind):
            case "LITERAL":
                said += chr(value)
            case "NOT_LITERAL" | "ANY":
                said += "a"
            case "IN":
                said += character(value, branch)
            case "BRANCH":
                said += example(value[1][branch % len(value[1])], branch)
            case "SUBPATTERN":
                said += example(value[3], branch)
            case "ATOMIC_GROUP":
                said += example(value, branch)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                said += example(value[2], branch) * max(value[0], 1)
            case "GROUPREF":
                said += "a"
    return said


def character(members, branch: int) -> str:
    """One character that a character class matches."""
    negated = str(members[0][0]) == "NEGATE"
    can = []
    for kind, value in members:
        if str(kind) == "LITERAL":
            can.append(chr(value))
        elif str(kind) == "RANGE":
            can.append(chr(value[0]))
        elif str(kind) == "CATEGORY":
            can.append({"DIGIT": "1", "SPACE": " ", "WORD": "a"}.get(str(value)[9:], "~"))
    if negated:
        return next(one for one in "a1 ~\n{" if one not in can)
    return can[branch % len(can)]


def attacks(use: Use, most: int) -> Iterator[str]:
    """Attack texts of about `most` characters."""
    ends = ("", "\0", "\n!")
    for whole in examples(use.pattern.pattern, use.pattern.flags):
        for at in range(1, min(len(whole), 60) + 1):
            for end in ends:
                yield (whole[:at] * (most // at))[:most] + end
                yield whole[:at] + whole[at - 1] * (most - at) + end
                yield (whole[at - 1 :] * (most // len(whole[at - 1 :])))[:most] + end


def seconds(use: Use, text: str, times: int = 1) -> float:
    """The time that the pattern takes for the text so many times: the shortest of a few runs."""
    given = text.encode("utf-8", "replace") if isinstance(use.pattern.pattern, bytes) else text
    call = getattr(use.pattern, use.method)
    best = float("inf")
    for _ in range(3):
        begun = time.thread_time()
        for _ in range(times):
            if use.method == "sub":
                call(given[:0], given)
            elif use.method == "finditer":
                list(call(given))
            else:
                call(given)
        best = min(best, time.thread_time() - begun)
        if not MAX_SECONDS < best < 5 * MAX_SECONDS:
            break
    return best


def grows(use: Use, text: str) -> bool:
    """Whether a second run is slow, too; for a long text, also slower than linear growth explains.

    On a busy machine, a linear pattern can be slow, too. A quarter of the text 16 times takes a
    linear pattern four times as long as the text, and a quadratic one as long; the clock of Windows
    ticks every 16 ms, so nothing shorter is compared.
    """
    again = seconds(use, text)
    if len(text) < 1000 or again <= MAX_SECONDS:
        return again > MAX_SECONDS
    return again > seconds(use, text[: len(text) // 4], times=16) / 2


def slow(use: Use) -> str:
    """A text for which a pattern takes too long, or "" if there is none."""
    for most in LENGTHS:
        for text in attacks(use, min(most, BOUNDED.get(use.file, most))):
            if seconds(use, text) > MAX_SECONDS and grows(use, text):
                return text
    return ""


FOUND = [*uses()]


def test_the_patterns_of_the_source_are_found():
    wanted = {"api/errors.py", "system/redaction.py", "packing/content.py", "packing/usd.py"}
    wanted |= {"frames/selection.py", "jobs/origin.py", "session/open_file.py"}
    assert wanted <= {use.file for use in FOUND}
    assert len(FOUND) >= 40


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"<head .*?>",
        r"\s+$",
        r"(?:a|aa)*b",
        r"shader\s+\w+\s*\[\[.*?\]\]",
        r"^(.*?)(\d+)x$",
    ],
)
def test_a_slow_pattern_is_found_out(pattern):
    assert slow(Use("", re.compile(pattern, re.DOTALL), "search"))


@pytest.mark.parametrize("pattern", [r"a+b?", r"^\s*x", r"[^>]{0,60}>", r"\bkey=(\w{1,20})"])
def test_a_linear_pattern_is_none(pattern):
    assert slow(Use("", re.compile(pattern), "search")) == ""


@pytest.mark.parametrize("use", FOUND, ids=lambda use: f"{use.file}-{use.method}")
def test_no_pattern_takes_more_than_linear_time(use):
    assert slow(use) == ""
