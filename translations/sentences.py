"""Finds the English texts of a catalogue in what was put together of them. Pure, no bpy.

"Could not read the job. farm.example refused the connection." was made of two texts with holes,
"Could not {what}." and "{host} refused the connection.". Both are found, the holes are filled in
again, and what no text is found for stays as it is: names, paths, the farm's own words.
"""

from collections.abc import Mapping
from functools import lru_cache
from string import Formatter

from . import texts as catalogue

NESTED = frozenset(
    {
        *("error", "full", "id", "kind", "message", "missing", "named", "reason", "rendered"),
        *("said", "setting", "unusable", "used_by", "wanted", "what", "why", "words"),
    }
)
"""Holes that hold texts of ours. Of the others nothing is translated: they are names and numbers,
and an image may be called “Images”."""
ENDS = (".", "?", '"')
"""How a text ends that others may follow."""
MIN_LENGTH = 9
"""Letters of a text that begins with a hole: with fewer, as “{done} of {total}”, it would be found
in what others say."""
LATIN = 0x2E80
"""Letters from here on are written without spaces between sentences."""


@lru_cache(None)
def of(language: str) -> "Sentences":
    """What a language has."""
    return Sentences(catalogue(language))


class Template:
    """An English text, its holes, and what it is in the other language."""

    def __init__(self, text: str, said: str) -> None:
        parts = [(literal, name) for literal, name, _, _ in Formatter().parse(text)]
        if parts[-1][1] is not None:
            parts.append(("", None))  # it ends with a hole
        self.literals = [literal for literal, _ in parts]
        self.names = [name for _, name in parts if name is not None]
        self.said = said
        self.weight = sum(map(len, self.literals))
        self.goes_on = text.endswith(ENDS)
        self.is_found = (
            self.weight >= MIN_LENGTH or len(self.literals) == 1 or self.literals[0] != ""
        )

    def match(self, text: str) -> tuple[dict[str, str], str] | None:
        """What is in the holes, and the rest, where `text` begins like this; else None."""
        first, *others = self.literals
        if not text.startswith(first):
            return None
        at, values = len(first), []
        for number, literal in enumerate(others, 1):
            last = number == len(others)
            end = self._end(text, at, literal) if last else text.find(literal, at)
            if end < 0:
                return None
            values.append(text[at:end])
            at = end + len(literal)
        if not others and not self._may_end(text, at):
            return None
        if values and not first and ". " in values[0] + others[0][:1]:
            return None  # a sentence of its own stands before
        return dict(zip(self.names, values, strict=True)), text[at:]

    def _end(self, text: str, at: int, literal: str) -> int:
        """Where the last literal is after which this text may end; -1 for nowhere."""
        if not literal:
            return len(text)
        end = text.find(literal, at)
        while end >= 0 and not self._may_end(text, end + len(literal)):
            end = text.find(literal, end + 1)
        return end

    def _may_end(self, text: str, at: int) -> bool:
        return at == len(text) or (self.goes_on and text[at] in " \n,")


class Sentences:
    """A catalogue, by which texts are found in others."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._by_letter: dict[str, list[Template]] = {}

    def _candidates(self, letter: str) -> list[Template]:
        """What a text of this first letter may begin with, the longest first. Made when asked for:
        all of them at once would be felt while a panel is drawn."""
        if letter not in self._by_letter:
            begin = (letter, "{")
            made = (Template(text, said) for text, said in self._texts.items() if text[0] in begin)
            found = [one for one in made if one.said and one.is_found]
            self._by_letter[letter] = sorted(found, key=lambda one: -one.weight)
        return self._by_letter[letter]

    def said(self, text: str) -> str:
        """The text in the other language, as far as it is known."""
        if known := self._texts.get(text):
            return known
        parts = []
        while text:
            part, text = self._beginning(text)
            parts.append(part)
            if text[:1] == " " and part and ord(part[-1]) > LATIN:
                text = text[1:]
        return "".join(parts)

    def _beginning(self, text: str) -> tuple[str, str]:
        """The first text in `text`, or up to where the next could begin, and the rest."""
        blank = len(text) - len(text.lstrip(" \n,"))
        if blank:
            return text[:blank], text[blank:]
        for template in self._candidates(text[0]):
            found = template.match(text)
            if found is not None:
                values, rest = found
                filled = {n: self.said(v) if n in NESTED else v for n, v in values.items()}
                return template.said.format(**filled) if filled else template.said, rest
        ends = [text.find(mark) + len(mark) for mark in (". ", ": ", "\n") if mark in text]
        end = min(ends, default=len(text))
        return text[:end], text[end:]
